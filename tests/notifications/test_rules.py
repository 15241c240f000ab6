from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.notifications import rules
from backend.notifications.rules import QuietHours

NIGHT = QuietHours(start=time(21, 30), end=time(8, 0))
NOON = QuietHours(start=time(12, 0), end=time(14, 0))


def china(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "expected"),
    [
        (None, "2026-03-10T23:00:00", "2026-03-10T23:00:00"),
        (NIGHT, "2026-03-10T21:29:59", "2026-03-10T21:29:59"),
        (NIGHT, "2026-03-10T21:30:00", "2026-03-11T08:00:00"),
        (NIGHT, "2026-03-11T00:10:00", "2026-03-11T08:00:00"),
        (NIGHT, "2026-03-11T07:59:59", "2026-03-11T08:00:00"),
        (NIGHT, "2026-03-11T08:00:00", "2026-03-11T08:00:00"),
        (NIGHT, "2026-12-31T23:00:00", "2027-01-01T08:00:00"),
        (NOON, "2026-03-10T12:30:00", "2026-03-10T14:00:00"),
        (NOON, "2026-03-10T14:00:00", "2026-03-10T14:00:00"),
    ],
)
def test_quiet_hours(quiet: QuietHours | None, moment: str, expected: str) -> None:
    assert rules.earliest(china(moment), quiet) == china(expected)


MOMENTS = st.integers(0, 366 * 86_400).map(lambda seconds: china("2026-01-01T00:00:00") + timedelta(seconds=seconds))


@given(MOMENTS, st.times(), st.times())
def test_nothing_is_sent_in_quiet_hours_and_nothing_waits_a_day(moment: datetime, start: time, end: time) -> None:
    quiet = QuietHours(start=start.replace(fold=0), end=end.replace(microsecond=0, fold=0))
    sent = rules.earliest(moment, quiet)
    assert moment <= sent < moment + timedelta(days=1)
    assert sent == moment or not quiet.hold(sent) or quiet.start == quiet.end


def test_tries_are_spread_over_two_days_and_then_given_up() -> None:
    waits = [rules.retry_after(attempts) for attempts in range(1, 11)]
    assert waits[:4] == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1)]
    assert waits[7:] == [timedelta(hours=24), None, None]


def test_text_that_fits_is_left_alone() -> None:
    assert rules.fit("一二三", 3) == "一二三"
    assert rules.fit("一二三四", 3) == "一二…"
