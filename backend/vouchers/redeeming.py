"""Pure policy of tills: what a shop and a receipt may be, where a voucher is good, when a period is over."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from backend.core import clock, ids, reference
from backend.core.errors import FieldError, NotFound, invalid, sentence
from backend.core.money import yuan
from backend.vouchers import codes
from backend.vouchers.enums import SettleCycle
from backend.vouchers.shop_schemas import ShopInput

LONGEST_RECEIPT = 32
REASON = (2, 100)
LONGEST_REMARK = 100
# Nobody pays more at a till; whoever types it has slipped.
HIGHEST_BILL = 1_000_000_00
HIGHEST_OFFLINE = 100_000_00
SHOP_NAME = (2, 40)
LONGEST_ADDRESS, LONGEST_OFFERS, LONGEST_HOURS = 200, 300, 60
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")

# How far the clock of a till may be off, and how long it may keep what it took.
CLOCK_DRIFT = timedelta(seconds=30)
KEPT = timedelta(hours=72)
# Of which a shop sees what it took; a day is no cycle of settling.
SPANS = {"day": None, "week": SettleCycle.WEEKLY, "month": SettleCycle.MONTHLY}
YEARS = range(2000, 2100)
# A command that began on the last day of a period may run so long.
LATE_COMMANDS = timedelta(minutes=1)


def shop_problems(data: ShopInput) -> Iterator[FieldError]:
    if not SHOP_NAME[0] <= len(data.name) <= SHOP_NAME[1] or not data.name.isprintable():
        yield FieldError("name", sentence("shop_name", least=SHOP_NAME[0], most=SHOP_NAME[1]))
    if len(data.address) > LONGEST_ADDRESS:
        yield FieldError("address", sentence("shop_address", most=LONGEST_ADDRESS))
    if data.division and (len(data.division) != 9 or not reference.divisions().exists(data.division)):
        yield FieldError("division", sentence("shop_division"))
    if data.phone and not PHONE.fullmatch(data.phone):
        yield FieldError("phone", sentence("shop_phone"))
    if len(data.hours) > LONGEST_HOURS or not data.hours.isprintable():
        yield FieldError("hours", sentence("shop_hours", most=LONGEST_HOURS))
    if len(data.offers) > LONGEST_OFFERS:
        yield FieldError("offers", sentence("shop_offers", most=LONGEST_OFFERS))
    if not 0 <= data.offline_limit_fen <= HIGHEST_OFFLINE:
        yield FieldError("offline_limit_fen", sentence("shop_offline_limit", most=yuan(HIGHEST_OFFLINE)))


def tidy_reason(text: str, code: str) -> str:
    """Why something was done; Invalid at `reason` by this code where nothing was said."""
    reason = " ".join(text.split())
    least, most = REASON
    if not least <= len(reason) <= most or not reason.isprintable():
        raise invalid("reason", code, least=least, most=most)
    return reason


def use_problems(*, receipt_no: str, amount_fen: int) -> Iterator[FieldError]:
    if not 1 <= len(receipt_no) <= LONGEST_RECEIPT or not receipt_no.isprintable():
        yield FieldError("receipt_no", sentence("receipt_no", most=LONGEST_RECEIPT))
    if amount_fen <= 0:
        yield FieldError("amount_fen", sentence("bill_empty"))
    elif amount_fen > HIGHEST_BILL:
        yield FieldError("amount_fen", sentence("bill_too_high", most=yuan(HIGHEST_BILL)))


def is_of_one_place(campaign_path: str, shop_path: str) -> bool:
    """A campaign is good in the shops of its union and below, and in those of the unions it belongs to."""
    return shop_path.startswith(campaign_path) or campaign_path.startswith(shop_path)


def is_good_at(shops: Sequence[str], *, shop_id: int, name: str) -> bool:
    """`shops` are names or ids; none means everywhere."""
    return not shops or name in shops or ids.public(shop_id) in shops


def least_bill(*, threshold_fen: int, face_value_fen: int) -> int:
    """A voucher gives no change: the bill is at least what it is worth."""
    return max(threshold_fen, face_value_fen)


def was_alive(ends: int, scanned_at: datetime) -> bool:
    """Whether a picture that dies at `ends` lived when the till says that it saw it."""
    seen, drift = scanned_at.timestamp(), CLOCK_DRIFT.total_seconds()
    return ends - codes.SCAN_SECONDS - drift <= seen <= ends + drift


def period_of(cycle: SettleCycle, day: date) -> tuple[date, date]:
    """The first and the last day of the week, Monday to Sunday, or of the calendar month around `day`."""
    if cycle is SettleCycle.WEEKLY:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def span_of(period: str, day: date) -> tuple[date, date]:
    """The first and the last day of the `period` around `day`: day, week or month."""
    if period not in SPANS or day.year not in YEARS:
        raise NotFound()
    cycle = SPANS[period]
    return (day, day) if cycle is None else period_of(cycle, day)


def last_over(cycle: SettleCycle, now: datetime) -> date:
    """The last day of the last period in which nothing is booked any more, nor undone."""
    return period_of(cycle, clock.local(now - LATE_COMMANDS).date())[0] - timedelta(days=1)


def is_over(last_day: date, now: datetime) -> bool:
    """Whether nothing is booked on this day any more, nor undone."""
    return clock.local(now - LATE_COMMANDS).date() > last_day
