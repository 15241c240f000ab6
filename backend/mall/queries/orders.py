"""Orders as their owners see them, and as the counter does."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.mall import rules
from backend.mall.enums import MEANS_TEXT, ONLY_VOUCHER, ORDER_TEXT, OrderState, PayMeans
from backend.mall.queries.wares import visible_to
from backend.mall.schemas import DeskOrderView, OrderForm, OrderRow, OrderView
from backend.vouchers import codes
from backend.vouchers import queries as vouchers
from backend.vouchers.enums import CampaignKind
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MOST_VOUCHERS_SHOWN = 100


class _Row(msgspec.Struct, kw_only=True):
    id: int
    goods_id: int
    goods_name: str
    pickup: str
    price_fen: int
    quantity: int
    total_fen: int
    voucher_fen: int
    state: OrderState
    placed_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    handed_at: datetime | None
    ended_at: datetime | None
    pay_means: str
    receipt_no: str
    reason: str
    member_no: str
    member_name: str


_SHOWN = (
    "SELECT o.id, o.goods_id, o.goods_name, g.pickup, o.price_fen, o.quantity, o.total_fen, o.voucher_fen, o.state,"
    " o.placed_at, o.pay_until, o.paid_at, o.handed_at, o.ended_at, o.pay_means, o.receipt_no, o.reason,"
    " m.member_no, m.name AS member_name"
    " FROM mall_order o JOIN mall_goods g ON g.id = o.goods_id JOIN member m ON m.id = o.member_id"
    " JOIN union_org u ON u.id = o.union_id"
)
_ROW = (
    "SELECT o.id, o.`key`, o.goods_id, o.union_id, u.path, g.pool_id, o.member_id, o.goods_name, o.quantity,"
    " o.total_fen, o.voucher_id, o.voucher_fen, o.state, o.pay_means, o.receipt_no FROM mall_order o"
    " JOIN mall_goods g ON g.id = o.goods_id JOIN union_org u ON u.id = o.union_id"
)


async def own_orders(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[OrderView]:
    """The latest first."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Row,
        f"{_SHOWN} WHERE o.member_id = %s AND o.id < %s ORDER BY o.id DESC LIMIT %s",
        actor.member_id or 0,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


class OrderWords(msgspec.Struct, kw_only=True):
    """What is said of an order that is over to whoever placed it."""

    member_id: int
    goods_name: str
    total_fen: int
    voucher_fen: int
    reason: str


async def order_words(order_id: int) -> OrderWords:
    found = await database.view(
        OrderWords,
        "SELECT member_id, goods_name, total_fen, voucher_fen, reason FROM mall_order WHERE id = %s",
        order_id,
    )
    if found is None:
        raise NotFound()
    return found


async def own_order(order: str, actor: Actor) -> OrderView:
    found = await database.view(
        _Row, f"{_SHOWN} WHERE o.id = %s AND o.member_id = %s", ids.parse(order) or 0, actor.member_id or 0
    )
    if found is None:
        raise NotFound()
    return _view(found)


async def order_form(actor: Actor) -> OrderForm:
    """Which vouchers somebody may order with; whether one is good for a bill is said when it is used."""
    if actor.member_id is None:
        return OrderForm(is_member=False, vouchers=[])
    found = (await vouchers.own_vouchers(actor, usable=True, limit=MOST_VOUCHERS_SHOWN)).items
    good = [one for one in found if one.kind != CampaignKind.GIFT and (not one.shops or rules.PLACE in one.shops)]
    return OrderForm(is_member=True, vouchers=good)


async def of_key(key: str) -> int | None:
    return await database.scalar("SELECT id FROM mall_order WHERE `key` = %s", key)


async def own_row(order: str, actor: Actor) -> OrderRow:
    """For the owner's commands."""
    return await _row("o.id = %s AND o.member_id = %s", ids.parse(order) or 0, actor.member_id or 0)


async def managed_row(order: str, actor: Actor) -> OrderRow:
    """For the counter's commands."""
    condition, values = visible_to(actor)
    return await _row(f"o.id = %s AND {condition}", ids.parse(order) or 0, *values)


async def _row(condition: str, *values: object) -> OrderRow:
    found = await database.view(OrderRow, f"{_ROW} WHERE {condition}", *values)
    if found is None:
        raise NotFound()
    return found


async def overdue(limit: int) -> list[OrderRow]:
    """Orders that were not paid in time."""
    return await database.views(
        OrderRow,
        f"{_ROW} WHERE o.state = %s AND o.pay_until <= %s ORDER BY o.id LIMIT %s",
        OrderState.PENDING.value,
        clock.now(),
        limit,
    )


_STATES = {None: "1 = 1", OrderState.PENDING: "o.state = 'pending'", OrderState.PAID: "o.state = 'paid'"}


async def desk_orders(
    actor: Actor,
    *,
    state: OrderState | None = None,
    code: str = "",
    limit: int = 20,
    cursor: str | None = None,
) -> Page[DeskOrderView]:
    """The latest first; those that wait to be paid or fetched, or the one of a code that is shown at the counter."""
    scope, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    condition = _STATES.get(state, "1 = 1")
    if code.strip():
        normal = codes.normal(code)
        condition, values = f"{condition} AND o.code_hash = %s", [*values, codes.hash_of(normal) if normal else ""]
    found = await database.views(
        _Row,
        f"{_SHOWN} WHERE {scope} AND {condition} AND o.id < %s ORDER BY o.id DESC LIMIT %s",
        *values,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_desk_view(one) for one in page.items], next_cursor=page.next_cursor)


async def desk_order(order: str, actor: Actor) -> DeskOrderView:
    condition, values = visible_to(actor)
    found = await database.view(_Row, f"{_SHOWN} WHERE o.id = %s AND {condition}", ids.parse(order) or 0, *values)
    if found is None:
        raise NotFound()
    return _desk_view(found)


def means_text(means: str) -> str:
    """How a paid order was paid beside its voucher."""
    return MEANS_TEXT[PayMeans(means)] if means else ONLY_VOUCHER


def _desk_view(row: _Row) -> DeskOrderView:
    return DeskOrderView(order=_view(row), member_no=row.member_no, member_name=national.mask_name(row.member_name))


def _view(row: _Row) -> OrderView:
    return OrderView(
        id=ids.public(row.id),
        code=codes.grouped(codes.code_of(row.id)),
        goods_id=ids.public(row.goods_id),
        goods_name=row.goods_name,
        pickup=row.pickup,
        price_fen=row.price_fen,
        quantity=row.quantity,
        total_fen=row.total_fen,
        voucher_fen=row.voucher_fen,
        pay_fen=row.total_fen - row.voucher_fen,
        state=row.state.value,
        state_text=ORDER_TEXT[row.state],
        placed_at=clock.iso(row.placed_at) or "",
        pay_until=clock.iso(row.pay_until) or "",
        paid_at=clock.iso(row.paid_at),
        means_text=means_text(row.pay_means) if row.paid_at else "",
        receipt_no=row.receipt_no,
        handed_at=clock.iso(row.handed_at),
        ended_at=clock.iso(row.ended_at),
        reason=row.reason,
    )
