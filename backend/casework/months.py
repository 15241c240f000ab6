"""Calendar months of China, as figures count them: "2026-03"."""

import calendar
from datetime import date, datetime, timedelta

from backend.core import clock


def month_of(moment: datetime) -> str:
    return clock.local(moment).strftime("%Y-%m")


def bounds(month: str) -> tuple[datetime, datetime]:
    """The first instant of the month and of the one after it."""
    year, number = int(month[:4]), int(month[5:])
    first = date(year, number, 1)
    after = first + timedelta(days=calendar.monthrange(year, number)[1])
    return clock.start_of(first), clock.start_of(after)


def last(count: int, today: date) -> list[str]:
    """The last `count` months, this one included, the earliest first."""
    number = today.year * 12 + today.month - 1
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(number - count + 1, number + 1)]
