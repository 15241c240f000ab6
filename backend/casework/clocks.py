"""When a case is due: official working days, and a clock that stands still while nobody at a desk holds it.

Pure rules over a calendar. A stopped clock is a number of working days; a running one is a day.
"""

from datetime import date, timedelta

from backend.core.workdays import Calendar

# A member may ask a desk to hurry once in this time.
URGE_EVERY = timedelta(hours=24)


def due_on(calendar: Calendar, submitted: date, limit: int) -> date:
    """The last day of a limit of `limit` working days; the day after submission is the first."""
    return calendar.due_on(submitted, limit)


def calendar_due_on(submitted: date, days: int) -> date:
    """The last day of a limit that counts every day and never stops."""
    return submitted + timedelta(days=days)


def earlier(due: date | None, calendar_due: date | None) -> date | None:
    """The day that a desk has to go by; a clock that stands still, or is none, says nothing."""
    return min((day for day in (due, calendar_due) if day is not None), default=None)


def days_left(calendar: Calendar, today: date, due: date) -> int:
    """Working days after today up to the last one; 0 on the last day, negative once it is past.

    A day that is past always counts as late, even when no working day lies between.
    """
    left = calendar.workdays_between(today, due)
    return min(left, -1) if due < today else left


def stop(calendar: Calendar, today: date, due: date) -> int:
    """What is left when the clock stops. The day it stops on is not charged to the desk again."""
    return days_left(calendar, today, due)


def resume(calendar: Calendar, today: date, left: int) -> date:
    """The new last day when a clock that stopped with `left` days goes on."""
    return calendar.next_workday(today) if left == 0 else calendar.add_workdays(today, left)


def near_limit(calendar: Calendar, today: date) -> date:
    """Cases due from today up to this day have at most one working day left."""
    return calendar.add_workdays(today, 1)


def due_words(calendar: Calendar, today: date, due: date) -> tuple[str, str]:
    """What the desk's queue says of a last day, and its tone: "今天到期", "逾期 2 天", "3月27日"."""
    left = days_left(calendar, today, due)
    if left < 0:
        return f"逾期 {-left} 天", "late"
    if due == today:
        return "今天到期", "late"
    if due == today + timedelta(days=1):
        return "明天到期", "warn"
    return day_words(due, today), "warn" if left <= 1 else "info"


def day_words(day: date, today: date) -> str:
    """3月27日, with the year when it is not this one."""
    text = f"{day.month}月{day.day}日"
    return text if day.year == today.year else f"{day.year}年{text}"
