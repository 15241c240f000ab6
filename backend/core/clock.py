"""The only source of time. Instants are aware UTC datetimes; calendar days are those of China."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - replaced by freeze()


def now() -> datetime:
    return _read()


def today() -> date:
    return now().astimezone(CHINA).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(CHINA)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with the offset of China, as the API promises."""
    return None if moment is None else local(moment).isoformat(timespec="seconds")


def start_of(day: date) -> datetime:
    """The first instant of a calendar day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA).astimezone(UTC)


def monotonic() -> float:
    return time.monotonic()


def freeze(moment: datetime) -> None:
    """Let time stand at `moment` until `advance` or `unfreeze`. For tests and the demo builder."""
    global _read  # noqa: PLW0603 - one clock a process
    fixed = moment.astimezone(UTC)
    _read = lambda: fixed  # noqa: E731


def advance(**delta: float) -> None:
    freeze(now() + timedelta(**delta))


def unfreeze() -> None:
    global _read  # noqa: PLW0603 - one clock a process
    _read = lambda: datetime.now(UTC)  # noqa: E731
