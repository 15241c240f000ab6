"""Due dates over the official calendar: a clock that stands still and goes on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.casework import clocks
from backend.core import reference
from backend.core.workdays import Calendar

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@pytest.fixture(scope="module")
def calendar(kernel: None) -> Calendar:
    return reference.calendar()


def test_the_day_after_submission_is_the_first(calendar: Calendar) -> None:
    assert clocks.due_on(calendar, date(2026, 3, 10), 3) == date(2026, 3, 13)


def test_a_limit_runs_over_a_long_holiday_and_a_worked_sunday(calendar: Calendar) -> None:
    # 1 to 7 October 2025 are off with 8 October; Sunday 28 September is worked.
    assert clocks.due_on(calendar, date(2025, 9, 26), 3) == date(2025, 9, 30)
    assert clocks.due_on(calendar, date(2025, 9, 30), 1) == date(2025, 10, 9)


@pytest.mark.parametrize(
    ("today", "due", "left"),
    [
        ("2026-03-10", "2026-03-13", 3),
        ("2026-03-13", "2026-03-13", 0),
        ("2026-03-14", "2026-03-13", -1),  # Saturday: late, though no working day has passed
        ("2026-03-16", "2026-03-13", -1),
        ("2026-03-18", "2026-03-13", -3),
    ],
)
def test_days_left(calendar: Calendar, today: str, due: str, left: int) -> None:
    assert clocks.days_left(calendar, date.fromisoformat(today), date.fromisoformat(due)) == left


def test_a_clock_that_stopped_on_its_last_day_ends_on_the_day_it_goes_on(calendar: Calendar) -> None:
    left = clocks.stop(calendar, date(2026, 3, 13), date(2026, 3, 13))
    assert left == 0
    assert clocks.resume(calendar, date(2026, 3, 20), left) == date(2026, 3, 20)
    assert clocks.resume(calendar, date(2026, 3, 21), left) == date(2026, 3, 23)  # a Saturday


def test_a_late_case_stays_late(calendar: Calendar) -> None:
    left = clocks.stop(calendar, date(2026, 3, 18), date(2026, 3, 13))
    assert clocks.resume(calendar, date(2026, 3, 25), left) == date(2026, 3, 20)


@given(start=DAYS, limit=st.integers(0, 60), worked=st.integers(0, 80), pause=st.integers(0, 400))
def test_a_pause_costs_the_desk_nothing_and_gives_it_nothing(start: date, limit: int, worked: int, pause: int) -> None:
    """Stop after some days, go on after any pause: the same number of working days is left."""
    calendar = reference.calendar()
    due = clocks.due_on(calendar, start, limit)
    stopped = calendar.next_workday(start + timedelta(days=worked))
    left = clocks.stop(calendar, stopped, due)
    again = calendar.next_workday(stopped + timedelta(days=pause))
    assert clocks.days_left(calendar, again, clocks.resume(calendar, again, left)) == left


@given(start=DAYS, limit=st.integers(1, 60))
def test_stopping_and_going_on_at_once_changes_nothing(start: date, limit: int) -> None:
    calendar = reference.calendar()
    due = clocks.due_on(calendar, start, limit)
    assert clocks.resume(calendar, start, clocks.stop(calendar, start, due)) == due


@given(start=DAYS, limit=st.integers(0, 30), passed=st.integers(0, 60))
def test_near_is_the_last_day_but_one_and_the_last(start: date, limit: int, passed: int) -> None:
    calendar = reference.calendar()
    due = clocks.due_on(calendar, start, limit)
    today = start + timedelta(days=passed)
    near = today <= due <= clocks.near_limit(calendar, today)
    assert near == (due >= today and clocks.days_left(calendar, today, due) <= 1)


@pytest.mark.parametrize(
    ("today", "due", "words"),
    [
        ("2026-03-10", "2026-03-10", ("今天到期", "late")),
        ("2026-03-10", "2026-03-11", ("明天到期", "warn")),
        ("2026-03-13", "2026-03-16", ("3月16日", "warn")),  # Friday before Monday
        ("2026-03-10", "2026-03-20", ("3月20日", "info")),
        ("2026-12-30", "2027-01-06", ("2027年1月6日", "info")),
        ("2026-03-12", "2026-03-10", ("逾期 2 天", "late")),
    ],
)
def test_due_words(calendar: Calendar, today: str, due: str, words: tuple[str, str]) -> None:
    assert clocks.due_words(calendar, date.fromisoformat(today), date.fromisoformat(due)) == words
