"""A member orders, or thinks better of it. What is not paid in half an hour is for others again."""

from tortoise.exceptions import IntegrityError

from backend.allocation import commands as allocation
from backend.allocation import queries as pools
from backend.allocation.commands import SoldOut
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.mall import rules
from backend.mall.enums import OrderState
from backend.mall.events import OrderLapsed
from backend.mall.queries import orders, wares
from backend.mall.queries.wares import GoodsRow
from backend.mall.schemas import OrderInput, OrderRow, OrderView
from backend.membership import queries as members
from backend.membership.schemas import Selection
from backend.vouchers import codes
from backend.vouchers import commands as vouchers
from backend.vouchers.commands import Bill


async def place(*, goods: str, data: OrderInput, actor: Actor, nonce: str | None = None) -> OrderView:
    """Keep pieces for the actor until they are paid, all or none: Conflict `goods_sold_out`, `goods_short`,
    `order_pending` or `mall_members_only`; Invalid beside a voucher that is not good. The same nonce is one order."""
    found = await wares.on_sale(goods)
    member_id = await _require_member(found, actor)
    if not 1 <= data.quantity <= rules.MOST_PIECES:
        raise invalid("quantity", "order_quantity", most=rules.MOST_PIECES)
    key = f"{found.id}:{member_id}:{nonce or ids.new_id()}"[:100]
    order_id = await orders.of_key(key)
    if order_id is None:
        try:
            async with allocation.in_turn(pool_id=found.pool_id, person_id=member_id, key=key):
                order_id = await _place(found, member_id, key, data, actor)
        except SoldOut as exc:
            raise await _short(found.pool_id) from exc
    return await orders.own_order(ids.public(order_id), actor)


async def _require_member(goods: GoodsRow, actor: Actor) -> int:
    everybody = Selection(path=goods.path, condition="1 = 1")
    if actor.member_id is None or not await members.is_selected(everybody, actor.member_id):
        raise Conflict("mall_members_only")
    return actor.member_id


async def _short(pool_id: int) -> Conflict:
    left = (await pools.figures(pool_id)).left
    return Conflict("goods_short", left=left) if left > 0 else Conflict("goods_sold_out")


@command
async def _place(goods: GoodsRow, member_id: int, key: str, data: OrderInput, actor: Actor) -> int:
    order_id, total = ids.new_id(), goods.price_fen * data.quantity
    if not await _insert(order_id, goods, member_id, key, data.quantity):
        known = await orders.of_key(key)
        if known is None:
            raise Conflict("order_pending")
        return known
    if data.voucher:
        bill = Bill(amount_fen=total, path=goods.path, place=rules.PLACE)
        kept = await vouchers.keep(voucher=data.voucher, member_id=member_id, bill=bill)
        await database.execute(
            "UPDATE mall_order SET voucher_id = %s, voucher_fen = %s WHERE id = %s",
            kept.voucher_id,
            kept.worth_fen,
            order_id,
        )
    detail = {"goods": goods.id, "quantity": data.quantity, "total_fen": total}
    await audit.record(actor, "order.placed", object_kind="mall_order", object_id=order_id, detail=detail)
    # The row that everybody wants comes last.
    await allocation.take_many(goods.pool_id, data.quantity)
    return order_id


async def _insert(order_id: int, goods: GoodsRow, member_id: int, key: str, quantity: int) -> bool:
    """False when there is one of this key, or another one of this member that waits to be paid."""
    now = clock.now()
    row = {
        "id": order_id,
        "key": key,
        "pending_key": f"{goods.id}:{member_id}",
        "goods_id": goods.id,
        "union_id": goods.union_id,
        "member_id": member_id,
        "goods_name": goods.name,
        "price_fen": goods.price_fen,
        "quantity": quantity,
        "total_fen": goods.price_fen * quantity,
        "voucher_fen": 0,
        "code_hash": codes.stored_hash(order_id),
        "state": OrderState.PENDING.value,
        "restocked": False,
        "placed_at": now,
        "pay_until": now + rules.TIME_TO_PAY,
        "pay_means": "",
        "receipt_no": "",
        "reason": "",
    }
    try:
        return await database.insert_if_absent("mall_order", row, key="`key`")
    except IntegrityError as exc:
        # SQLite: the key is new, but one of these goods waits to be paid.
        if not database.is_duplicate(exc):
            raise
        return False


async def cancel(*, order: str, actor: Actor) -> OrderView:
    """Before it is paid. Twice is once."""
    found = await orders.own_row(order, actor)
    if not await end_unpaid(found, OrderState.CANCELLED, actor):
        now = await orders.own_row(order, actor)
        if now.state is not OrderState.CANCELLED:
            raise Conflict("order_not_pending")
    return await orders.own_order(order, actor)


async def lapse(limit: int) -> int:
    """End up to `limit` orders that were not paid in time; how many there were. Run by the schedule."""
    late = await orders.overdue(limit)
    for one in late:
        await end_unpaid(one, OrderState.LAPSED, SYSTEM)
    return len(late)


@command
async def end_unpaid(order: OrderRow, to: OrderState, actor: Actor) -> bool:
    """An order that waits to be paid is over: its pieces are for sale again, its voucher is its owner's. Whether it
    was waiting."""
    changed = await database.execute(
        "UPDATE mall_order SET state = %s, pending_key = NULL, restocked = %s, ended_at = %s"
        " WHERE id = %s AND state = %s",
        to.value,
        True,
        clock.now(),
        order.id,
        OrderState.PENDING.value,
    )
    if not changed:
        return False
    if order.voucher_id is not None:
        await vouchers.let_go(order.voucher_id)
    detail = {"goods": order.goods_id, "quantity": order.quantity}
    await audit.record(actor, f"order.{to.value}", object_kind="mall_order", object_id=order.id, detail=detail)
    if to is OrderState.LAPSED:
        await outbox.emit(OrderLapsed(order.id), key=f"order.lapsed:{order.id}")
    await allocation.give_back_many(order.pool_id, order.quantity)
    return True
