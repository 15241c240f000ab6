"""The wallet: one's own vouchers, with the code to type and the picture to scan."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from backend.allocation import queries as allocation
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.membership import queries as members
from backend.vouchers import codes
from backend.vouchers.codes import Scan
from backend.vouchers.enums import VOUCHER_TEXT, CampaignMode, VoucherState
from backend.vouchers.queries import campaigns, lots
from backend.vouchers.queries.redemptions import uses_of
from backend.vouchers.schemas import CampaignView, Standing, VoucherCode, VoucherView
from backend.vouchers.shop_schemas import UseView
from backend.vouchers.station_schemas import StationPlace
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
    station_name: str | None
    address: str | None
    hours: str | None
    frozen_reason: str | None


_VOUCHER = (
    "SELECT v.id, v.campaign_id, c.name, c.kind, c.face_value_fen, c.threshold_fen, c.shops, v.state, v.issued_at,"
    " c.valid_until, s.name AS station_name, s.address, s.hours, f.reason AS frozen_reason FROM voucher v"
    " JOIN voucher_campaign c ON c.id = v.campaign_id LEFT JOIN gift_pick k ON k.id = v.id"
    " LEFT JOIN gift_stock g ON g.id = k.stock_id LEFT JOIN gift_station s ON s.id = g.station_id"
    " LEFT JOIN voucher_freeze f ON f.live = v.id"
)


# A frozen one is its owner's, who has to see that it is.
_USABLE = {None: "1 = 1", True: "v.state IN ('issued', 'frozen')", False: "v.state NOT IN ('issued', 'frozen')"}


async def own_vouchers(
    actor: Actor, *, usable: bool | None = None, limit: int = 20, cursor: str | None = None
) -> Page[VoucherView]:
    """The latest first: all of them, those that may be used, or the others."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    condition = _USABLE[usable]
    found = await database.views(
        _Row,
        f"{_VOUCHER} WHERE v.member_id = %s AND v.id < %s AND {condition} ORDER BY v.id DESC LIMIT %s",
        actor.member_id or 0,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=await _views(page.items, actor), next_cursor=page.next_cursor)


async def usable_count(actor: Actor) -> int:
    return await database.scalar(
        "SELECT COUNT(*) FROM voucher WHERE member_id = %s AND state = %s",
        actor.member_id or 0,
        VoucherState.ISSUED.value,
    )


async def own_voucher(voucher: str, actor: Actor) -> VoucherView:
    [view] = await _views([await _own("v.id = %s", ids.parse(voucher) or 0, actor)], actor)
    return view


async def voucher_of_claim(claim_id: int, actor: Actor) -> VoucherView:
    [view] = await _views([await _own("v.claim_id = %s", claim_id, actor)], actor)
    return view


async def standing(campaign: str, actor: Actor) -> Standing:
    """What the actor has of a campaign that is shown, and whether it means them."""
    found = await campaigns.open_campaign(ids.parse(campaign) or 0)
    if actor.member_id is None:
        return Standing(meant=False, is_member=False, vouchers=[])
    held = await database.views(
        _Row,
        f"{_VOUCHER} WHERE v.member_id = %s AND v.campaign_id = %s ORDER BY v.id DESC",
        actor.member_id,
        found.id,
    )
    meant = await members.is_selected(campaigns.selection_of(found), actor.member_id)
    entry = found.draw_id and await lots.entry(actor.member_id, campaign_id=found.id, draw_id=found.draw_id)
    return Standing(meant=meant, is_member=True, vouchers=await _views(held, actor), entry=entry or None)


async def claimable(actor: Actor) -> list[CampaignView]:
    """Campaigns of which the actor may take a first voucher now, and draws that one may enter."""
    if actor.member_id is None:
        return []
    shown = [one for one in (await campaigns.public_campaigns()).items if _offers(one)]
    free = await _free_for(actor.member_id, [ids.parse(one.id) or 0 for one in shown])
    return [one for one in shown if one.id in free]


def _offers(campaign: CampaignView) -> bool:
    return campaign.phase == "open" and campaign.mode != CampaignMode.TARGETED


async def _free_for(member_id: int, campaign_ids: list[int]) -> set[str]:
    """Those that mean the member, who has nothing of them yet. As many statements for one as for twenty."""
    held = await database.rows("SELECT DISTINCT campaign_id FROM voucher WHERE member_id = %s", member_id)
    known = {row["campaign_id"] for row in held}
    found = await campaigns.open_campaigns([one for one in campaign_ids if one not in known])
    entered = await allocation.entered(member_id, [one.draw_id for one in found if one.draw_id])
    meant = await members.selected_by([campaigns.selection_of(one) for one in found], member_id)
    return {
        ids.public(one.id)
        for one, is_meant in zip(found, meant, strict=True)
        if is_meant and one.draw_id not in entered
    }


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


async def _views(rows: Sequence[_Row], actor: Actor) -> list[VoucherView]:
    used = [row.id for row in rows if row.state is VoucherState.REDEEMED]
    uses = await uses_of(used, member_id=actor.member_id or 0)
    return [_view(row, uses.get(row.id)) for row in rows]


def _view(row: _Row, use: UseView | None) -> VoucherView:
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
        use=use,
        station=StationPlace(name=row.station_name, address=row.address or "", hours=row.hours or "")
        if row.station_name
        else None,
        frozen_reason=row.frozen_reason or "",
    )
