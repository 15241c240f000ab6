"""A voucher is used at a till, once, and given back the same day where that was a mistake."""

from datetime import datetime
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, FieldError, Invalid, sentence
from backend.core.money import yuan
from backend.payments import commands as payments
from backend.payments.enums import PostingKind
from backend.payments.schemas import Line
from backend.vouchers import redeeming, rules
from backend.vouchers.commands import undoing, uses
from backend.vouchers.enums import ShopState, VoucherState
from backend.vouchers.queries import redemptions, shops
from backend.vouchers.queries.redemptions import Presented, Taken, UsableVoucher
from backend.vouchers.shop_schemas import RedemptionInput, RedemptionView, Till
from backend.web import limits


class CodeUnknown(Invalid):
    """No voucher of ours."""

    def __init__(self) -> None:
        code = "voucher_unknown"
        super().__init__([FieldError("code", sentence(code))], code=code)


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What a till did with a voucher, and when."""

    voucher_id: int
    receipt_no: str
    amount_fen: int
    at: datetime
    offline: bool = False


async def redeem(*, data: RedemptionInput, actor: Actor) -> RedemptionView:
    """Use the voucher that was typed or scanned. The same receipt with the same bill and voucher is the same use."""
    guesser = str(actor.account_id)
    await limits.check(limits.VOUCHER_CODES, guesser)
    try:
        redemption_id = await _redeem(data, actor)
    except CodeUnknown:
        await limits.count(limits.VOUCHER_CODES, guesser)
        raise
    return await redemptions.shown(redemption_id)


@command
async def _redeem(data: RedemptionInput, actor: Actor) -> int:
    till = await open_till(actor)
    receipt_no = tidy_receipt(data.receipt_no, data.amount_fen)
    meant = await redemptions.presented(data.code)
    if meant is None:
        raise CodeUnknown()
    use = Use(voucher_id=meant.voucher_id, receipt_no=receipt_no, amount_fen=data.amount_fen, at=clock.now())
    known = await same_use(till, use)
    if known is not None:
        return known
    _require_alive(meant, use.at)
    return await book(till, use, actor)


async def open_till(actor: Actor) -> Till:
    till = await shops.till_of(actor)
    if till.state != ShopState.ACTIVE:
        raise Conflict("shop_stopped")
    return till


def tidy_receipt(receipt_no: str, amount_fen: int) -> str:
    tidy = receipt_no.strip()
    wrong = list(redeeming.use_problems(receipt_no=tidy, amount_fen=amount_fen))
    if wrong:
        raise Invalid(wrong)
    return tidy


def _require_alive(meant: Presented, now: datetime) -> None:
    if meant.ends is not None and now.timestamp() > meant.ends:
        raise Conflict("code_stale")


async def same_use(till: Till, use: Use) -> int | None:
    """What this receipt was before: nothing, this very use, or a Conflict."""
    known = await redemptions.of_receipt(till.shop_id, use.receipt_no)
    if known is None:
        return None
    if (known.voucher_id, known.amount_fen) != (use.voucher_id, use.amount_fen):
        raise Conflict("receipt_used", receipt=use.receipt_no)
    if known.live is None:
        raise Conflict("receipt_undone", receipt=use.receipt_no)
    return known.id


async def book(till: Till, use: Use, actor: Actor) -> int:
    """Inside a command: the voucher is used from here on, and the shop is owed what it is worth."""
    voucher = await redemptions.usable(use.voucher_id)
    refused = _refusal(till, voucher, use)
    if refused is not None:
        raise refused
    if not await uses.move(voucher.id, VoucherState.ISSUED, VoucherState.REDEEMED):
        return await same_use(till, use) or await _raise_not_usable(voucher.id)
    redemption_id = await _insert(till, voucher, use)
    detail: dict[str, Any] = {"voucher": voucher.id, "shop": till.shop_id, "offline": use.offline}
    await audit.record(actor, "voucher.redeemed", object_kind="redemption", object_id=redemption_id, detail=detail)
    worth = voucher.face_value_fen
    lines = [Line(voucher.issued_account_id, -worth), Line(till.payable_account_id, worth)]
    await payments.post(key=posting_key(redemption_id), kind=PostingKind.REDEEM, lines=lines, actor=actor, at=use.at)
    return redemption_id


def posting_key(redemption_id: int) -> str:
    return f"redeem:{redemption_id}"


def _refusal(till: Till, voucher: UsableVoucher, use: Use) -> AppError | None:
    """Why this voucher is not good here and now; one that is used is for the caller to explain."""
    if not redeeming.is_of_one_place(voucher.path, till.path):
        return Conflict("voucher_of_another_place")
    if voucher.at_stations:
        return Conflict("voucher_at_stations")
    if voucher.state is VoucherState.FROZEN:
        return Conflict("voucher_frozen")
    if voucher.state is VoucherState.EXPIRED or use.at >= rules.dies_at(voucher.valid_until):
        return Conflict("voucher_expired", day=f"{voucher.valid_until.month}月{voucher.valid_until.day}日")
    if voucher.state is not VoucherState.ISSUED:
        return None
    if not redeeming.is_good_at(voucher.shops, shop_id=till.shop_id, name=till.shop_name):
        return Conflict("voucher_of_other_shops", shop=till.shop_name)
    least = redeeming.least_bill(threshold_fen=voucher.threshold_fen, face_value_fen=voucher.face_value_fen)
    if use.amount_fen < least:
        code = "below_threshold"
        return Invalid([FieldError("amount_fen", sentence(code, least=yuan(least)))], code=code, least=yuan(least))
    return None


async def _insert(till: Till, voucher: UsableVoucher, use: Use) -> int:
    redemption_id = ids.new_id()
    row = {
        "id": redemption_id,
        "shop_id": till.shop_id,
        "receipt_no": use.receipt_no,
        "cashier_id": till.cashier_id,
        "voucher_id": voucher.id,
        "live": voucher.id,
        "campaign_id": voucher.campaign_id,
        "member_id": voucher.member_id,
        "amount_fen": use.amount_fen,
        "worth_fen": voucher.face_value_fen,
        "at": use.at,
        "day": clock.today(),
        "offline": use.offline,
        "undo_reason": "",
    }
    try:
        await database.insert("redemption", row)
    except IntegrityError as exc:
        if not database.is_duplicate(exc):
            raise
        # The receipt came in between with another voucher.
        raise Conflict("receipt_used", receipt=use.receipt_no) from exc
    return redemption_id


async def _raise_not_usable(voucher_id: int) -> int:
    """It was used: where and when. Or it ended while the till asked."""
    used = await redemptions.live_use(voucher_id)
    if used is None:
        raise Conflict("voucher_gone")
    raise already_redeemed(used)


def already_redeemed(used: Taken) -> Conflict:
    number, at = shops.number_text(used.number), clock.local(used.at)
    moment = f"{at:%H:%M}" if at.date() == clock.today() else f"{at.month}月{at.day}日 {at:%H:%M}"
    extra = {"at": clock.iso(used.at), "shop": used.shop_name, "cashier": number}
    return Conflict("already_redeemed", extra=extra, at=moment, shop=used.shop_name, cashier=number)


@command
async def undo(*, redemption: str, reason: str, actor: Actor) -> RedemptionView:
    """Give a voucher back that was used today at the actor's shop. Undone before, it is the first answer."""
    till = await shops.till_of(actor)
    used = await redemptions.of_shop(till.shop_id, redemption)
    if used.live is None:
        return await redemptions.shown(used.id)
    reason = redeeming.tidy_reason(reason, "undo_reason")
    if used.settlement_id is not None:
        raise Conflict("redemption_settled")
    undoing.require_today(used.day, "undo_too_late")
    changed = await database.execute(
        "UPDATE redemption SET live = NULL, undone_at = %s, undone_by = %s, undo_reason = %s"
        " WHERE id = %s AND live IS NOT NULL",
        clock.now(),
        actor.account_id,
        reason,
        used.id,
    )
    if changed:
        await _give_back(used, reason, actor)
    return await redemptions.shown(used.id)


async def _give_back(used: Taken, reason: str, actor: Actor) -> None:
    undo = undoing.Undo(use_id=used.id, voucher_id=used.voucher_id, posting=posting_key(used.id), reason=reason)
    is_over = await undoing.give_back(undo, actor)
    detail = {"voucher": used.voucher_id, "expired": is_over}
    await audit.record(actor, "redemption.undone", object_kind="redemption", object_id=used.id, detail=detail)
