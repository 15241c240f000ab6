"""At the counter: an order is paid by the counter's own means, handed over, or taken back with its money."""

import msgspec
from tortoise.exceptions import IntegrityError

from backend.allocation import commands as allocation
from backend.core import audit, clock, database, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, invalid
from backend.mall import rules
from backend.mall.enums import ORDER_TEXT, OrderState
from backend.mall.events import OrderRefunded
from backend.mall.queries import orders
from backend.mall.schemas import OrderRow, PayInput, RefundInput
from backend.payments import commands as payments
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line
from backend.vouchers import commands as vouchers
from backend.vouchers.commands import Bill

_PAID = (OrderState.PAID, OrderState.HANDED)


@command
async def pay(*, order: str, data: PayInput, actor: Actor) -> None:
    """What is left to pay was paid here, to the fen; the voucher is used with it. The same receipt again is the same
    payment; Invalid names what is wrong, Conflict `order_moved` an order that does not wait to be paid."""
    data = msgspec.structs.replace(data, receipt_no=" ".join(data.receipt_no.split()))
    found = await orders.managed_row(order, actor)
    cash = found.total_fen - found.voucher_fen
    wrong = list(rules.payment_problems(data, due_fen=cash))
    if wrong:
        raise Invalid(wrong)
    if not await _mark_paid(found, data if cash else None, actor):
        now = await orders.managed_row(order, actor)
        if now.state in _PAID and _is_same(now, data, cash):
            return
        raise Conflict("order_moved", state=ORDER_TEXT[now.state])
    detail = {"total_fen": found.total_fen, "voucher": found.voucher_id, "paid_fen": cash, "receipt": data.receipt_no}
    await audit.record(actor, "order.paid", object_kind="mall_order", object_id=found.id, detail=detail)
    lines = await _voucher_lines(found, actor)
    if cash:
        source = await payments.account(key=f"cash:{found.union_id}", kind=AccountKind.SOURCE, name=rules.PLACE)
        lines.append(Line(source, -cash))
    income = await payments.account(key=f"mall:{found.union_id}", kind=AccountKind.INCOME, name=rules.PLACE)
    lines.append(Line(income, found.total_fen))
    await payments.post(
        key=posting_key(found.id), kind=PostingKind.SELL, lines=lines, actor=actor, reason=found.goods_name
    )


def _is_same(order: OrderRow, data: PayInput, cash: int) -> bool:
    return not cash or (order.receipt_no, order.pay_means) == (data.receipt_no, data.means)


async def _mark_paid(order: OrderRow, taken: PayInput | None, actor: Actor) -> bool:
    """False when it does not wait to be paid. `taken` is nothing where a voucher pays for all of it."""
    receipt = taken.receipt_no if taken else ""
    try:
        changed = await database.execute(
            "UPDATE mall_order SET pending_key = NULL, paid_by = %s, pay_means = %s, receipt_no = %s, receipt_key = %s,"
            " state = %s, paid_at = %s WHERE id = %s AND state = %s",
            actor.account_id,
            taken.means.value if taken and taken.means else "",
            receipt,
            f"{order.union_id}:{clock.today().year}:{receipt}" if receipt else None,
            OrderState.PAID.value,
            clock.now(),
            order.id,
            OrderState.PENDING.value,
        )
    except IntegrityError as exc:
        if not database.is_duplicate(exc):
            raise
        raise invalid("receipt_no", "order_receipt_used") from exc
    return changed > 0


async def _voucher_lines(order: OrderRow, actor: Actor) -> list[Line]:
    if order.voucher_id is None:
        return []
    bill = Bill(amount_fen=order.total_fen, path=order.path, place=rules.PLACE)
    spent = await vouchers.spend(order.voucher_id, key=posting_key(order.id), bill=bill, actor=actor)
    return [Line(spent.account_id, -spent.worth_fen)]


def posting_key(order_id: int) -> str:
    return f"order:{order_id}"


@command
async def hand_over(*, order: str, actor: Actor) -> None:
    """A paid order was fetched."""
    found = await orders.managed_row(order, actor)
    changed = await database.execute(
        "UPDATE mall_order SET state = %s, handed_at = %s WHERE id = %s AND state = %s",
        OrderState.HANDED.value,
        clock.now(),
        found.id,
        OrderState.PAID.value,
    )
    if not changed:
        raise await _moved(order, actor)
    await audit.record(actor, "order.handed", object_kind="mall_order", object_id=found.id)


@command
async def refund(*, order: str, data: RefundInput, actor: Actor) -> None:
    """The money goes back, the voucher is good again unless its last day is over, and the pieces are for sale again
    where they are here."""
    reason = " ".join(data.reason.split())
    if not rules.is_reason(reason):
        raise invalid("reason", "refund_reason", least=rules.REASON[0], most=rules.REASON[1])
    found = await orders.managed_row(order, actor)
    restocked = data.restock or found.state is OrderState.PAID
    if found.state not in _PAID or not await _end_paid(found, reason, restocked, actor):
        raise await _moved(order, actor)
    detail = {"total_fen": found.total_fen, "restocked": restocked}
    await audit.record(actor, "order.refunded", object_kind="mall_order", object_id=found.id, detail=detail)
    key, voucher_id = posting_key(found.id), found.voucher_id
    is_over = voucher_id is not None and await vouchers.unspend(voucher_id, key=key)
    await payments.reverse(actor, posting_key=key, key=f"refund:{found.id}", reason=reason)
    if voucher_id is not None and is_over:
        await vouchers.return_worth(voucher_id, key=key, actor=actor)
    await outbox.emit(OrderRefunded(found.id), key=f"order.refunded:{found.id}")
    if restocked:
        await allocation.give_back_many(found.pool_id, found.quantity)


async def _end_paid(order: OrderRow, reason: str, restocked: bool, actor: Actor) -> bool:
    changed = await database.execute(
        "UPDATE mall_order SET state = %s, restocked = %s, ended_by = %s, ended_at = %s, reason = %s"
        " WHERE id = %s AND state = %s",
        OrderState.REFUNDED.value,
        restocked,
        actor.account_id,
        clock.now(),
        reason,
        order.id,
        order.state.value,
    )
    return changed > 0


async def _moved(order: str, actor: Actor) -> Conflict:
    state = (await orders.managed_row(order, actor)).state
    return Conflict("order_moved", state=ORDER_TEXT[state])
