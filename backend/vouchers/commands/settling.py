"""A shop is paid everything that it took up to the end of its last finished period and was not paid before."""

from datetime import date

import msgspec

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.core.money import yuan
from backend.payments import commands as payments
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line
from backend.vouchers import redeeming
from backend.vouchers.queries import settlements
from backend.vouchers.queries.shops import ShopRow
from backend.vouchers.shop_schemas import SettleInput

_CLAIM = (
    "UPDATE redemption SET settlement_id = %s WHERE shop_id = %s AND day <= %s AND live IS NOT NULL"
    " AND settlement_id IS NULL"
)


class _Sum(msgspec.Struct, kw_only=True):
    from_on: date
    count: int
    amount_fen: int


@command
async def settle(actor: Actor, *, shop: str, data: SettleInput) -> str:
    """Its public id. `amount_fen` is what the payer was shown: nothing is paid that differs from it.

    Every use is claimed by one statement that takes only those that are in no settlement, so none is paid twice.
    """
    place = await settlements.payable_shop(shop, actor)
    remark = _tidy_remark(data.remark)
    to_on = redeeming.last_over(place.settle_cycle, clock.now())
    settlement_id = ids.new_id()
    if not await database.execute(_CLAIM, settlement_id, place.id, to_on):
        raise Conflict("nothing_to_settle", until=f"{to_on.month}月{to_on.day}日")
    found = await _sum(settlement_id)
    if found.amount_fen != data.amount_fen:
        raise Conflict("settlement_differs", amount=yuan(found.amount_fen))
    row = {
        "id": settlement_id,
        "shop_id": place.id,
        **msgspec.structs.asdict(found),
        "to_on": to_on,
        "posting_id": await _pay(actor, place, settlement_id, found.amount_fen, remark),
        "paid_by": actor.account_id,
        "paid_at": clock.now(),
        "remark": remark,
        "reverse_reason": "",
    }
    await database.insert("settlement", row)
    detail = {"shop": place.id, "to_on": to_on.isoformat(), "uses": found.count, "amount_fen": found.amount_fen}
    await audit.record(actor, "shop.settled", object_kind="settlement", object_id=settlement_id, detail=detail)
    return ids.public(settlement_id)


def _tidy_remark(text: str) -> str:
    remark = " ".join(text.split())
    if len(remark) > redeeming.LONGEST_REMARK or not remark.isprintable():
        raise invalid("remark", "settlement_remark", most=redeeming.LONGEST_REMARK)
    return remark


async def _sum(settlement_id: int) -> _Sum:
    found = await database.view(
        _Sum,
        "SELECT MIN(day) AS from_on, COUNT(*) AS count, CAST(SUM(worth_fen) AS SIGNED) AS amount_fen"
        " FROM redemption WHERE settlement_id = %s",
        settlement_id,
    )
    assert found is not None
    return found


async def _pay(actor: Actor, shop: ShopRow, settlement_id: int, amount_fen: int, remark: str) -> int:
    """From what the shop is owed to what its union has paid."""
    paid = await payments.account(key=f"paid:{shop.union_id}", kind=AccountKind.PAID, name=shop.union_name)
    return await payments.post(
        key=f"settle:{settlement_id}",
        kind=PostingKind.PAY,
        lines=[Line(shop.payable_account_id, -amount_fen), Line(paid, amount_fen)],
        actor=actor,
        reason=remark,
    )


@command
async def reverse_settlement(actor: Actor, *, settlement: str, reason: str) -> str:
    """All of it is owed again; the public id of its shop. Reversed before, it stays as it was."""
    found = await settlements.payable_settlement(settlement, actor)
    reason = redeeming.tidy_reason(reason, "settlement_reason")
    changed = await database.execute(
        "UPDATE settlement SET reversed_at = %s, reversed_by = %s, reverse_reason = %s"
        " WHERE id = %s AND reversed_at IS NULL",
        clock.now(),
        actor.account_id,
        reason,
        found.id,
    )
    if changed:
        await database.execute("UPDATE redemption SET settlement_id = NULL WHERE settlement_id = %s", found.id)
        key = f"settle:{found.id}"
        await payments.reverse(actor, posting_key=key, key=f"un{key}", reason=reason)
        detail = {"shop": found.shop_id, "amount_fen": found.amount_fen, "reason": reason}
        await audit.record(actor, "settlement.reversed", object_kind="settlement", object_id=found.id, detail=detail)
    return ids.public(found.shop_id)
