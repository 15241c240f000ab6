"""Reads of what tills took: one's own shop's, and where one's own vouchers were used."""

from collections.abc import Collection
from datetime import date, datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.vouchers import codes
from backend.vouchers.enums import CampaignKind, UseKind, VoucherState
from backend.vouchers.queries.shops import number_text, seen_shop, till_of
from backend.vouchers.shop_schemas import RedemptionView, UseView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor


class Presented(msgspec.Struct, frozen=True):
    """What was shown at a till. `ends` is when its picture dies, None of a code that was typed."""

    voucher_id: int
    ends: int | None


async def presented(text: str) -> Presented | None:
    """The voucher behind a picture or a typed code; None where there is none."""
    scan = codes.read_scan(text)
    if scan is not None:
        return Presented(scan.voucher_id, scan.ends)
    code = codes.normal(text)
    if code is None:
        return None
    voucher_id = await database.scalar("SELECT id FROM voucher WHERE code_hash = %s", codes.hash_of(code))
    return None if voucher_id is None else Presented(voucher_id, None)


class UsableVoucher(msgspec.Struct, kw_only=True):
    """What a till has to know of a voucher."""

    id: int
    member_id: int
    campaign_id: int
    kind: CampaignKind
    state: VoucherState
    path: str
    face_value_fen: int
    threshold_fen: int
    shops: list[str]
    valid_until: date
    budget_id: int
    issued_account_id: int
    at_stations: bool


_USABLE = (
    "SELECT v.id, v.member_id, v.campaign_id, c.kind, v.state, u.path, c.face_value_fen, c.threshold_fen, c.shops,"
    " c.valid_until, c.budget_id, c.issued_account_id,"
    " EXISTS (SELECT 1 FROM gift_stock g WHERE g.campaign_id = c.id) AS at_stations"
    " FROM voucher v JOIN voucher_campaign c ON c.id = v.campaign_id JOIN union_org u ON u.id = c.union_id"
)


async def usable(voucher_id: int) -> UsableVoucher:
    found = await database.view(UsableVoucher, f"{_USABLE} WHERE v.id = %s", voucher_id)
    if found is None:
        raise NotFound()
    return found


async def own_usable(voucher_id: int, member_id: int) -> UsableVoucher | None:
    return await database.view(UsableVoucher, f"{_USABLE} WHERE v.id = %s AND v.member_id = %s", voucher_id, member_id)


class Taken(msgspec.Struct, kw_only=True):
    """A redemption as the next command finds it."""

    id: int
    shop_id: int
    shop_name: str
    number: int
    receipt_no: str
    voucher_id: int
    amount_fen: int
    worth_fen: int
    at: datetime
    day: date
    live: int | None
    settlement_id: int | None
    undone_at: datetime | None


_TAKEN = (
    "SELECT r.id, r.shop_id, s.name AS shop_name, k.number, r.receipt_no, r.voucher_id, r.amount_fen, r.worth_fen,"
    " r.at, r.day, r.live, r.settlement_id, r.undone_at FROM redemption r JOIN shop s ON s.id = r.shop_id"
    " JOIN shop_cashier k ON k.id = r.cashier_id"
)


async def of_receipt(shop_id: int, receipt_no: str) -> Taken | None:
    return await database.view(Taken, f"{_TAKEN} WHERE r.shop_id = %s AND r.receipt_no = %s", shop_id, receipt_no)


async def live_use(voucher_id: int) -> Taken | None:
    return await database.view(Taken, f"{_TAKEN} WHERE r.live = %s", voucher_id)


async def of_shop(shop_id: int, redemption: str) -> Taken:
    found = await database.view(
        Taken, f"{_TAKEN} WHERE r.shop_id = %s AND r.id = %s", shop_id, ids.parse(redemption) or 0
    )
    if found is None:
        raise NotFound()
    return found


class _Row(msgspec.Struct, kw_only=True):
    id: int
    receipt_no: str
    campaign_name: str
    kind: str
    amount_fen: int
    worth_fen: int
    shop_name: str
    number: int
    at: datetime
    day: date
    offline: bool
    settlement_id: int | None
    undone_at: datetime | None
    undo_reason: str


_SHOWN = (
    "SELECT r.id, r.receipt_no, c.name AS campaign_name, c.kind, r.amount_fen, r.worth_fen, s.name AS shop_name,"
    " k.number, r.at, r.day, r.offline, r.settlement_id, r.undone_at, r.undo_reason FROM redemption r"
    " JOIN shop s ON s.id = r.shop_id"
    " JOIN shop_cashier k ON k.id = r.cashier_id JOIN voucher_campaign c ON c.id = r.campaign_id"
)


async def shown(redemption_id: int) -> RedemptionView:
    """For the command that made it."""
    found = await database.view(_Row, f"{_SHOWN} WHERE r.id = %s", redemption_id)
    if found is None:
        raise NotFound()
    return _view(found)


async def till_redemptions(
    actor: Actor, *, day: date | None = None, limit: int = 20, cursor: str | None = None
) -> Page[RedemptionView]:
    """What the tills of the actor's shop took on a day, today by default, the latest first."""
    return await _of_day((await till_of(actor)).shop_id, day, limit, cursor)


async def shop_redemptions(
    shop: str, actor: Actor, *, day: date | None = None, limit: int = 20, cursor: str | None = None
) -> Page[RedemptionView]:
    """The same of a shop, as its desk sees it."""
    return await _of_day((await seen_shop(shop, actor)).id, day, limit, cursor)


async def _of_day(shop_id: int, day: date | None, limit: int, cursor: str | None) -> Page[RedemptionView]:
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row,
        f"{_SHOWN} WHERE r.shop_id = %s AND r.day = %s AND r.id < %s ORDER BY r.id DESC LIMIT %s",
        shop_id,
        day or clock.today(),
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


async def till_redemption(redemption: str, actor: Actor) -> RedemptionView:
    till = await till_of(actor)
    return await shown((await of_shop(till.shop_id, redemption)).id)


def _view(row: _Row) -> RedemptionView:
    return RedemptionView(
        id=ids.public(row.id),
        receipt_no=row.receipt_no,
        campaign_name=row.campaign_name,
        kind=row.kind,
        amount_fen=row.amount_fen,
        worth_fen=row.worth_fen,
        pay_fen=row.amount_fen - row.worth_fen,
        shop_name=row.shop_name,
        cashier=number_text(row.number),
        at=clock.iso(row.at) or "",
        day=row.day.isoformat(),
        offline=row.offline,
        undone_at=clock.iso(row.undone_at),
        undo_reason=row.undo_reason,
        settled=row.settlement_id is not None,
        may_undo=row.undone_at is None and row.day == clock.today(),
    )


async def uses_of(voucher_ids: Collection[int], *, member_id: int) -> dict[int, UseView]:
    """Where these vouchers of this member were used, by the voucher; those that were not are left out."""
    if not voucher_ids:
        return {}
    return await _till_uses(voucher_ids, member_id) | await _other_uses(voucher_ids, member_id)


async def _till_uses(voucher_ids: Collection[int], member_id: int) -> dict[int, UseView]:
    marks = ", ".join(["%s"] * len(voucher_ids))
    found = await database.views(
        Taken,
        f"{_TAKEN} WHERE r.member_id = %s AND r.live IN ({marks})",
        member_id,
        *voucher_ids,
    )
    return {
        one.voucher_id: UseView(
            shop_name=one.shop_name,
            cashier=number_text(one.number),
            at=clock.iso(one.at) or "",
            amount_fen=one.amount_fen,
            worth_fen=one.worth_fen,
        )
        for one in found
    }


class _OtherUse(msgspec.Struct, kw_only=True):
    voucher_id: int
    kind: UseKind
    place: str
    at: datetime
    amount_fen: int
    worth_fen: int


async def _other_uses(voucher_ids: Collection[int], member_id: int) -> dict[int, UseView]:
    marks = ", ".join(["%s"] * len(voucher_ids))
    found = await database.views(
        _OtherUse,
        "SELECT voucher_id, kind, place, at, amount_fen, worth_fen FROM voucher_use WHERE member_id = %s"  # noqa: S608
        f" AND live IN ({marks})",
        member_id,
        *voucher_ids,
    )
    return {
        one.voucher_id: UseView(
            shop_name=one.place,
            cashier="",
            at=clock.iso(one.at) or "",
            amount_fen=one.amount_fen,
            worth_fen=one.worth_fen,
            kind=one.kind.value,
        )
        for one in found
    }
