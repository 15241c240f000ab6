"""What a till took while it had no connection is booked when it is back, each use by itself."""

from datetime import UTC, datetime

from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, Invalid, invalid
from backend.core.money import yuan
from backend.vouchers import codes, redeeming
from backend.vouchers.commands.redemption import CodeUnknown, Use, book, open_till, same_use, tidy_receipt
from backend.vouchers.queries import redemptions, shops
from backend.vouchers.queries.offline import day_key
from backend.vouchers.shop_schemas import OfflineAnswer, OfflineInput, OfflineItem, OfflineResult, Till

MOST_ITEMS = 200
# What is no answer to one item but a reason to send all of them again.
_LATER = 500


async def sync(*, data: OfflineInput, actor: Actor) -> OfflineAnswer:
    """Book each item in a command of its own, in their order; those that cannot be are listed with the reason.

    Sent again, every item has its first answer.
    """
    await shops.till_of(actor)
    if len(data.items) > MOST_ITEMS:
        raise invalid("items", "offline_too_many", most=MOST_ITEMS)
    results = [await _answer(item, actor) for item in data.items]
    accepted = sum(one.accepted for one in results)
    return OfflineAnswer(accepted=accepted, conflicts=len(results) - accepted, items=results)


async def _answer(item: OfflineItem, actor: Actor) -> OfflineResult:
    try:
        redemption_id = await _take(item, actor)
    except AppError as error:
        if error.status >= _LATER:
            raise
        detail = error.errors[0].message if error.errors else error.detail
        return OfflineResult(receipt_no=item.receipt_no, accepted=False, code=error.code, detail=detail)
    taken = await redemptions.shown(redemption_id)
    return OfflineResult(receipt_no=item.receipt_no, accepted=True, redemption=taken)


@command
async def _take(item: OfflineItem, actor: Actor) -> int:
    till = await open_till(actor)
    receipt_no = tidy_receipt(item.receipt_no, item.amount_fen)
    scan = codes.read_scan(item.code)
    if scan is None:
        raise CodeUnknown()
    seen = _seen(item.scanned_at)
    if not redeeming.was_alive(scan.ends, seen):
        raise Conflict("code_stale")
    use = Use(voucher_id=scan.voucher_id, receipt_no=receipt_no, amount_fen=item.amount_fen, at=seen, offline=True)
    known = await same_use(till, use)
    if known is not None:
        return known
    _require_recent(seen)
    redemption_id = await book(till, use, actor)
    await _count(till, redemption_id, seen)
    return redemption_id


def _seen(given: datetime) -> datetime:
    """When the till says that it scanned; a time without an offset is meant in China."""
    aware = given if given.tzinfo else given.replace(tzinfo=clock.CHINA)
    if aware > clock.now() + redeeming.CLOCK_DRIFT:
        raise Invalid([], code="offline_future")
    if aware.year < redeeming.YEARS.start:
        raise _too_late()
    return aware.astimezone(UTC)


def _require_recent(seen: datetime) -> None:
    if clock.now() - seen > redeeming.KEPT:
        raise _too_late()


def _too_late() -> Conflict:
    return Conflict("offline_too_late", hours=int(redeeming.KEPT.total_seconds()) // 3600)


async def _count(till: Till, redemption_id: int, seen: datetime) -> None:
    """Of the limit of the day on which it was taken. The row that all tills want comes last."""
    worth = (await redemptions.shown(redemption_id)).worth_fen
    key = day_key(till.shop_id, clock.local(seen).date())
    await database.insert_if_absent("shop_offline_day", {"id": key, "used_fen": 0}, key="id")
    changed = await database.execute(
        "UPDATE shop_offline_day SET used_fen = used_fen + %s WHERE id = %s AND used_fen + %s <= %s",
        worth,
        key,
        worth,
        till.offline_limit_fen,
    )
    if not changed:
        raise Conflict("offline_over_limit", limit=yuan(till.offline_limit_fen))
