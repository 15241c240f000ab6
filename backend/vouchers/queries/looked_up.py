"""Single vouchers as those who manage their campaigns look them up; the code itself is never shown to them."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.identity import queries as identity
from backend.unions import queries as unions
from backend.vouchers.enums import KIND_TEXT, VOUCHER_TEXT, CampaignKind, VoucherState
from backend.vouchers.queries import redemptions
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.schemas import DeskVoucherView, FreezeView

MOST_FOUND = 50
LONGEST_QUESTION = 200


class VoucherRow(msgspec.Struct, kw_only=True):
    id: int
    campaign_name: str
    kind: CampaignKind
    state: VoucherState
    member_name: str
    member_no: str
    face_value_fen: int
    valid_until: date
    issued_at: datetime


_VOUCHER = (
    "SELECT v.id, c.name AS campaign_name, c.kind, v.state, m.name AS member_name, m.member_no, c.face_value_fen,"
    " c.valid_until, v.issued_at FROM voucher v JOIN voucher_campaign c ON c.id = v.campaign_id"
    " JOIN union_org u ON u.id = c.union_id JOIN member m ON m.id = v.member_id"
)


async def managed_voucher(voucher: str, actor: Actor) -> VoucherRow:
    """One of a campaign that the actor manages."""
    found = await _found("v.id = %s", ids.parse(voucher) or 0, actor)
    if not found:
        raise NotFound()
    return found[0]


async def state_of(voucher_id: int) -> VoucherState:
    return VoucherState(await database.scalar("SELECT state FROM voucher WHERE id = %s", voucher_id))


async def find_vouchers(actor: Actor, q: str) -> list[DeskVoucherView]:
    """By the code of one, typed or scanned, or by the number of its owner; the latest first."""
    text = q.strip()
    if not text or len(text) > LONGEST_QUESTION:
        return []
    meant = await redemptions.presented(text)
    if meant is not None:
        found = await _found("v.id = %s", meant.voucher_id, actor)
    else:
        found = await _found("m.member_no = %s", national.compact(text), actor)
    return await _views(found)


async def desk_voucher(voucher: str, actor: Actor) -> DeskVoucherView:
    [view] = await _views([await managed_voucher(voucher, actor)])
    return view


async def _found(condition: str, value: int | str, actor: Actor) -> list[VoucherRow]:
    where, values = unions.visible_to(actor, MANAGE)
    return await database.views(
        VoucherRow,
        f"{_VOUCHER} WHERE {condition} AND {where} ORDER BY v.id DESC LIMIT {MOST_FOUND}",
        value,
        *values,
    )


class _Freeze(msgspec.Struct, kw_only=True):
    voucher_id: int
    reason: str
    frozen_by: int
    frozen_at: datetime
    thaw_reason: str
    thawed_by: int | None
    thawed_at: datetime | None


async def _freezes(voucher_ids: Sequence[int]) -> dict[int, list[FreezeView]]:
    """By the voucher, the latest first."""
    if not voucher_ids:
        return {}
    marks = ", ".join(["%s"] * len(voucher_ids))
    found = await database.views(
        _Freeze,
        "SELECT voucher_id, reason, frozen_by, frozen_at, thaw_reason, thawed_by, thawed_at FROM voucher_freeze"  # noqa: S608
        f" WHERE voucher_id IN ({marks}) ORDER BY id DESC",
        *voucher_ids,
    )
    people = await identity.staff_accounts({who for one in found for who in (one.frozen_by, one.thawed_by) if who})
    names = {account_id: one.display for account_id, one in people.items()}
    by_voucher: dict[int, list[FreezeView]] = {}
    for one in found:
        view = FreezeView(
            reason=one.reason,
            frozen_by=names.get(one.frozen_by, ""),
            frozen_at=clock.iso(one.frozen_at) or "",
            thaw_reason=one.thaw_reason,
            thawed_by=names.get(one.thawed_by or 0, ""),
            thawed_at=clock.iso(one.thawed_at),
        )
        by_voucher.setdefault(one.voucher_id, []).append(view)
    return by_voucher


async def _views(rows: Sequence[VoucherRow]) -> list[DeskVoucherView]:
    freezes = await _freezes([row.id for row in rows])
    return [
        DeskVoucherView(
            id=ids.public(row.id),
            campaign_name=row.campaign_name,
            kind_text=KIND_TEXT[row.kind],
            state=row.state.value,
            state_text=VOUCHER_TEXT[row.state],
            member_name=national.mask_name(row.member_name),
            member_no=row.member_no,
            face_value_fen=row.face_value_fen,
            valid_until=row.valid_until.isoformat(),
            issued_at=clock.iso(row.issued_at) or "",
            freezes=freezes.get(row.id, []),
        )
        for row in rows
    ]
