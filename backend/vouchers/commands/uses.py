"""Vouchers in orders of another domain: kept for one, spent when it is paid, free again when nothing comes of it.

Everything here runs inside a command of that domain, which moves the money by the account that it is told.
"""

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, invalid
from backend.core.money import yuan
from backend.payments import commands as payments
from backend.payments import queries as money
from backend.payments.enums import PostingKind
from backend.payments.schemas import Line
from backend.vouchers import redeeming, rules
from backend.vouchers.enums import CampaignKind, UseKind, VoucherState
from backend.vouchers.queries import redemptions
from backend.vouchers.queries.redemptions import UsableVoucher


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """What a voucher is to be used for: an amount, at a place of the union of `path`."""

    amount_fen: int
    path: str
    place: str


class Kept(msgspec.Struct, frozen=True):
    voucher_id: int
    worth_fen: int


class Spent(msgspec.Struct, frozen=True):
    """Where the worth of a spent voucher lies in the ledger."""

    account_id: int
    worth_fen: int


async def keep(*, voucher: str, member_id: int, bill: Bill) -> Kept:
    """Nobody else uses the member's voucher from here on. Invalid at `voucher` says why it is not good for the bill."""
    found = await redemptions.own_usable(ids.parse(voucher) or 0, member_id)
    if found is None:
        raise invalid("voucher", "order_voucher_unknown")
    refused = _refusal(found, bill)
    if refused is not None:
        raise refused
    if not await move(found.id, VoucherState.ISSUED, VoucherState.RESERVED):
        raise invalid("voucher", "order_voucher_gone")
    return Kept(found.id, found.face_value_fen)


def _refusal(voucher: UsableVoucher, bill: Bill) -> AppError | None:
    if voucher.state is not VoucherState.ISSUED or clock.now() >= rules.dies_at(voucher.valid_until):
        return invalid("voucher", "order_voucher_gone")
    named = voucher.shops and bill.place not in voucher.shops
    if voucher.kind is CampaignKind.GIFT or named or not redeeming.is_of_one_place(voucher.path, bill.path):
        return invalid("voucher", "order_voucher_elsewhere", place=bill.place)
    least = redeeming.least_bill(threshold_fen=voucher.threshold_fen, face_value_fen=voucher.face_value_fen)
    if bill.amount_fen < least:
        return invalid("voucher", "order_voucher_below", least=yuan(least))
    return None


async def move(voucher_id: int, before: VoucherState, after: VoucherState) -> bool:
    """Whether it was in the state before."""
    changed = await database.execute(
        "UPDATE voucher SET state = %s, changed_at = %s, version = version + 1 WHERE id = %s AND state = %s",
        after.value,
        clock.now(),
        voucher_id,
        before.value,
    )
    return changed > 0


async def let_go(voucher_id: int) -> None:
    """A voucher that was kept is its owner's again; one that ended meanwhile stays so."""
    await move(voucher_id, VoucherState.RESERVED, VoucherState.ISSUED)


async def spend(voucher_id: int, *, key: str, bill: Bill, actor: Actor) -> Spent:
    """A voucher that was kept is used. Conflict `order_voucher_ended` where its last day came first."""
    if not await move(voucher_id, VoucherState.RESERVED, VoucherState.REDEEMED):
        raise Conflict("order_voucher_ended")
    voucher = await redemptions.usable(voucher_id)
    row = {
        "id": ids.new_id(),
        "key": key,
        "kind": UseKind.ORDER.value,
        "voucher_id": voucher.id,
        "live": voucher.id,
        "member_id": voucher.member_id,
        "place": bill.place,
        "amount_fen": bill.amount_fen,
        "worth_fen": voucher.face_value_fen,
        "at": clock.now(),
        "used_by": actor.account_id,
        "undo_reason": "",
    }
    await database.insert("voucher_use", row)
    return Spent(voucher.issued_account_id, voucher.face_value_fen)


async def unspend(voucher_id: int, *, key: str) -> bool:
    """The use is undone and the voucher usable again; whether it is over instead. Then, once the money is back where
    the voucher's worth was, `return_worth` takes it on."""
    changed = await database.execute(
        "UPDATE voucher_use SET live = NULL, undone_at = %s WHERE `key` = %s AND live = %s",
        clock.now(),
        key,
        voucher_id,
    )
    if not changed:
        raise RuntimeError(f"the use {key} is not live")
    return await come_back(await redemptions.usable(voucher_id))


async def come_back(voucher: UsableVoucher) -> bool:
    """A used voucher is usable again, unless its last day is over; whether it is."""
    is_over = clock.now() >= rules.dies_at(voucher.valid_until)
    if not await move(voucher.id, VoucherState.REDEEMED, VoucherState.EXPIRED if is_over else VoucherState.ISSUED):
        raise RuntimeError(f"voucher {voucher.id} was taken and is not used")
    return is_over


async def return_worth(voucher_id: int, *, key: str, actor: Actor) -> None:
    """What a voucher that is over was worth goes back to the budget that it came from."""
    voucher = await redemptions.usable(voucher_id)
    budget, worth = await money.budget_row(voucher.budget_id), voucher.face_value_fen
    lines = [Line(voucher.issued_account_id, -worth), Line(budget.account_id, worth)]
    await payments.post(key=f"expire:{key}", kind=PostingKind.EXPIRE, lines=lines, actor=actor)
