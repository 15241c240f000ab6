"""Reads of settlements: what a shop was paid, what may be paid to it now, and the rows behind each."""

from datetime import date, datetime, timedelta

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import queries as unions
from backend.vouchers import redeeming
from backend.vouchers.enums import SettleCycle
from backend.vouchers.queries.shops import VIEW, ShopRow, seen_shop, till_of
from backend.vouchers.shop_schemas import DueView, SettlementView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

SETTLE = "shop.settle"
# So long a shop is told of a payment wherever it looks first.
NEWS = timedelta(days=7)


class SettlementRow(msgspec.Struct, kw_only=True):
    id: int
    shop_id: int
    shop_name: str
    from_on: date
    to_on: date
    count: int
    amount_fen: int
    paid_at: datetime
    remark: str
    reversed_at: datetime | None
    reverse_reason: str


_SETTLEMENT = (
    "SELECT t.id, t.shop_id, s.name AS shop_name, t.from_on, t.to_on, t.count, t.amount_fen, t.paid_at, t.remark,"
    " t.reversed_at, t.reverse_reason FROM settlement t JOIN shop s ON s.id = t.shop_id"
    " JOIN union_org u ON u.id = s.union_id"
)


async def payable_shop(shop: str, actor: Actor) -> ShopRow:
    """One that the actor may pay."""
    return await seen_shop(shop, actor, SETTLE)


async def payable_settlement(settlement: str, actor: Actor) -> SettlementRow:
    return await _seen(settlement, actor, SETTLE)


async def seen_settlement(settlement: str, actor: Actor) -> SettlementRow:
    return await _seen(settlement, actor, VIEW)


async def _seen(settlement: str, actor: Actor, permission: str) -> SettlementRow:
    condition, values = unions.visible_to(actor, permission)
    found = await database.view(
        SettlementRow, f"{_SETTLEMENT} WHERE t.id = %s AND {condition}", ids.parse(settlement) or 0, *values
    )
    if found is None:
        raise NotFound()
    return found


async def till_settlement(settlement: str, actor: Actor) -> SettlementRow:
    """One of the actor's own shop."""
    till = await till_of(actor)
    found = await database.view(
        SettlementRow, f"{_SETTLEMENT} WHERE t.id = %s AND t.shop_id = %s", ids.parse(settlement) or 0, till.shop_id
    )
    if found is None:
        raise NotFound()
    return found


async def shop_settlements(
    shop: str, actor: Actor, *, limit: int = 20, cursor: str | None = None
) -> Page[SettlementView]:
    """What a shop was paid, the latest first."""
    return await _settlements_of((await seen_shop(shop, actor)).id, limit, cursor)


async def till_settlements(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[SettlementView]:
    """What the actor's shop was paid, the latest first."""
    return await _settlements_of((await till_of(actor)).shop_id, limit, cursor)


async def last_settlement(actor: Actor) -> SettlementView | None:
    """The latest that the actor's shop was paid; one that was taken back says so."""
    found = (await till_settlements(actor, limit=1)).items
    return found[0] if found else None


async def _settlements_of(shop_id: int, limit: int, cursor: str | None) -> Page[SettlementView]:
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        SettlementRow,
        f"{_SETTLEMENT} WHERE t.shop_id = %s AND t.id < %s ORDER BY t.id DESC LIMIT %s",
        shop_id,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


async def desk_settlement(settlement: str, actor: Actor) -> SettlementView:
    return _view(await seen_settlement(settlement, actor))


class _Open(msgspec.Struct, kw_only=True):
    from_on: date | None
    count: int
    amount_fen: int
    later_fen: int


async def settlement_due(shop: str, actor: Actor) -> DueView:
    """What may be paid to a shop now, and what its running period has brought so far."""
    row = await seen_shop(shop, actor)
    to_on = redeeming.last_over(SettleCycle(row.settle_cycle), clock.now())
    found = await database.view(
        _Open,
        "SELECT MIN(CASE WHEN day <= %s THEN day END) AS from_on,"
        " COUNT(CASE WHEN day <= %s THEN id END) AS count,"
        " CAST(COALESCE(SUM(CASE WHEN day <= %s THEN worth_fen ELSE 0 END), 0) AS SIGNED) AS amount_fen,"
        " CAST(COALESCE(SUM(CASE WHEN day > %s THEN worth_fen ELSE 0 END), 0) AS SIGNED) AS later_fen"
        " FROM redemption WHERE shop_id = %s AND live IS NOT NULL AND settlement_id IS NULL",
        *(to_on,) * 4,
        row.id,
    )
    assert found is not None
    return DueView(
        from_on=found.from_on,
        to_on=to_on,
        count=found.count,
        amount_fen=found.amount_fen,
        later_fen=found.later_fen,
        may_settle=actor.covers(SETTLE, row.path),
    )


def _view(row: SettlementRow) -> SettlementView:
    return SettlementView(
        id=ids.public(row.id),
        shop_id=ids.public(row.shop_id),
        from_on=row.from_on,
        to_on=row.to_on,
        count=row.count,
        amount_fen=row.amount_fen,
        paid_at=clock.iso(row.paid_at) or "",
        is_news=max(row.paid_at, row.reversed_at or row.paid_at) > clock.now() - NEWS,
        remark=row.remark,
        reversed_at=clock.iso(row.reversed_at),
        reverse_reason=row.reverse_reason,
    )
