"""The wallet: one's own vouchers, with the code to type and the picture to scan."""

from datetime import date, datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.vouchers import codes
from backend.vouchers.codes import Scan
from backend.vouchers.enums import VOUCHER_TEXT, VoucherState
from backend.vouchers.schemas import VoucherCode, VoucherView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor
from backend.web.qr import qr_svg


class _Row(msgspec.Struct, kw_only=True):
    id: int
    campaign_id: int
    name: str
    kind: str
    face_value_fen: int
    threshold_fen: int
    shops: list[str]
    state: VoucherState
    issued_at: datetime
    valid_until: date


_VOUCHER = (
    "SELECT v.id, v.campaign_id, c.name, c.kind, c.face_value_fen, c.threshold_fen, c.shops, v.state, v.issued_at,"
    " c.valid_until FROM voucher v JOIN voucher_campaign c ON c.id = v.campaign_id"
)


async def own_vouchers(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[VoucherView]:
    """The latest first."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row,
        f"{_VOUCHER} WHERE v.member_id = %s AND v.id < %s ORDER BY v.id DESC LIMIT %s",
        actor.member_id or 0,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


async def own_voucher(voucher: str, actor: Actor) -> VoucherView:
    return _view(await _own("v.id = %s", ids.parse(voucher) or 0, actor))


async def voucher_of_claim(claim_id: int, actor: Actor) -> VoucherView:
    return _view(await _own("v.claim_id = %s", claim_id, actor))


async def _own(condition: str, value: int, actor: Actor) -> _Row:
    found = await database.view(
        _Row,
        f"{_VOUCHER} WHERE {condition} AND v.member_id = %s",
        value,
        actor.member_id or 0,
    )
    if found is None:
        raise NotFound()
    return found


async def scan_code(voucher: str, actor: Actor) -> VoucherCode:
    """A fresh picture, dead within a minute; none of a voucher that cannot be used."""
    row = await _own("v.id = %s", ids.parse(voucher) or 0, actor)
    if row.state is not VoucherState.ISSUED:
        raise Conflict("voucher_not_usable", state=VOUCHER_TEXT[row.state])
    ends = int(clock.now().timestamp()) + codes.SCAN_SECONDS
    text = codes.scan_text(Scan(voucher_id=row.id, campaign_id=row.campaign_id, ends=ends))
    return VoucherCode(text=text, qr_svg=qr_svg(text, "消费券二维码"), expires_in=codes.SCAN_SECONDS)


def _view(row: _Row) -> VoucherView:
    return VoucherView(
        id=ids.public(row.id),
        campaign_id=ids.public(row.campaign_id),
        name=row.name,
        kind=row.kind,
        face_value_fen=row.face_value_fen,
        threshold_fen=row.threshold_fen,
        shops=row.shops,
        state=row.state.value,
        state_text=VOUCHER_TEXT[row.state],
        code=codes.grouped(codes.code_of(row.id)),
        issued_at=clock.iso(row.issued_at) or "",
        valid_until=row.valid_until.isoformat(),
    )
