from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.workdays import Calendar, load_calendar

HOLIDAYS = Path(__file__).parents[2] / "config" / "holidays"
CALENDAR = load_calendar(HOLIDAYS)

days = st.dates(date(2003, 1, 1), date(2040, 12, 31))
counts = st.integers(0, 600)


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def with_file(folder: Path, name: str, text: str) -> Calendar:
    (folder / name).write_text(text, encoding="utf-8")
    return load_calendar(folder)


def test_weekends_worked_in_2026() -> None:
    worked = [day for day in each_day(date(2026, 1, 1), date(2026, 12, 31)) if day.weekday() > 4]
    assert [day for day in worked if CALENDAR.is_workday(day)] == [
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]


def test_weekdays_off_in_2026() -> None:
    weekdays = [day for day in each_day(date(2026, 1, 1), date(2026, 12, 31)) if day.weekday() < 5]
    assert [f"{day:%m-%d}" for day in weekdays if not CALENDAR.is_workday(day)] == [
        *("01-01", "01-02"),
        *("02-16", "02-17", "02-18", "02-19", "02-20", "02-23"),
        "04-06",
        *("05-01", "05-04", "05-05"),
        "06-19",
        "09-25",
        *("10-01", "10-02", "10-05", "10-06", "10-07"),
    ]


def test_a_limit_over_the_spring_festival_counts_the_worked_weekends() -> None:
    friday = date(2026, 2, 13)
    assert CALENDAR.due_on(friday, 1) == date(2026, 2, 14)
    assert CALENDAR.due_on(friday, 2) == date(2026, 2, 24)
    assert CALENDAR.due_on(friday, 6) == date(2026, 2, 28)
    assert CALENDAR.due_on(date(2026, 2, 18), 1) == date(2026, 2, 24)


def test_a_limit_of_no_days_ends_on_the_first_worked_day() -> None:
    assert CALENDAR.due_on(date(2026, 2, 13), 0) == date(2026, 2, 13)
    assert CALENDAR.due_on(date(2026, 2, 15), 0) == date(2026, 2, 24)
    with pytest.raises(ValueError, match="-1 working days"):
        CALENDAR.due_on(date(2026, 2, 13), -1)


def test_backwards() -> None:
    assert CALENDAR.add_workdays(date(2026, 2, 24), -1) == date(2026, 2, 14)
    assert CALENDAR.add_workdays(date(2026, 2, 18), -1) == date(2026, 2, 14)
    assert CALENDAR.add_workdays(date(2026, 2, 18), -2) == date(2026, 2, 13)


def test_a_range_runs_into_years_nobody_has_published() -> None:
    assert CALENDAR.add_workdays(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert CALENDAR.add_workdays(date(2026, 12, 31), 600) == date(2029, 4, 19)
    assert CALENDAR.workdays_between(date(2026, 12, 31), date(2029, 4, 19)) == 600
    assert CALENDAR.workdays_between(date(2026, 12, 1), date(2027, 1, 31)) == 22 + 21
    assert [CALENDAR.is_provisional(date(year, 6, 1)) for year in (2003, 2004, 2026, 2027)] == [
        True,
        False,
        False,
        True,
    ]
    assert CALENDAR.provisional_years(date(2026, 11, 21), date(2028, 1, 5)) == [2027, 2028]
    assert CALENDAR.provisional_years(date(2026, 1, 1), date(2026, 12, 31)) == []


def test_a_file_supplies_an_unknown_year(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, "2027.yaml", "source: 通知\nholidays:\n  - 2027-01-01\nworking_days: [2027-01-09]\n")
    assert not calendar.is_provisional(date(2027, 7, 1))
    assert calendar.is_provisional(date(2028, 7, 1))
    assert calendar.add_workdays(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert [calendar.is_workday(date(2027, 1, day)) for day in (1, 4, 9, 10)] == [False, True, True, False]


def test_a_file_corrects_a_known_year(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, "2026.yaml", "holidays: [2026-02-14, 2026-07-01]\nworking_days: [2026-02-16]\n")
    assert [calendar.is_workday(date(2026, 2, day)) for day in (14, 16, 17, 28)] == [False, True, False, True]
    assert not calendar.is_workday(date(2026, 7, 1))


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("2027.yaml", "holidays: [2026-12-31]", "2026-12-31 is not in 2027"),
        ("2027.yaml", "holidays: [2027-01-01]\nworking_days: [2027-01-01]", "2027-01-01 is listed"),
        ("2027.yaml", "holiday: [2027-01-01]", "unknown field `holiday`"),
        ("2027.yaml", "holidays: [soon]", r"holidays\[0\]"),
        ("2027.yaml", "holidays: [", "2027.yaml"),
        ("next.yaml", "", "named after its year"),
        ("2027.yml", "", "named after its year"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        with_file(tmp_path, name, text)
    assert str(tmp_path / name) in str(caught.value)


@given(days, counts)
def test_adding_and_counting_are_inverse(day: date, n: int) -> None:
    end = CALENDAR.add_workdays(day, n)
    assert CALENDAR.workdays_between(day, end) == n
    assert n == 0 or CALENDAR.is_workday(end)


@given(days, st.integers(1, 600))
def test_going_back_undoes_going_forward(day: date, n: int) -> None:
    start = CALENDAR.next_workday(day)
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(start, n), -n) == start


@given(days, st.integers(-300, 300), st.integers(0, 40), st.integers(0, 40))
def test_later_starts_and_longer_limits_end_no_earlier(day: date, n: int, later: int, more: int) -> None:
    end = CALENDAR.add_workdays(day, n)
    assert CALENDAR.add_workdays(day, n + more) >= end
    assert CALENDAR.add_workdays(day + timedelta(days=later), n) >= end


@given(days, counts, counts)
def test_two_steps_are_one_long_step(day: date, n: int, m: int) -> None:
    assert CALENDAR.add_workdays(CALENDAR.add_workdays(day, n), m) == CALENDAR.add_workdays(day, n + m)


@given(days, days, days)
def test_counts_add_up_and_change_sign(a: date, b: date, c: date) -> None:
    between = CALENDAR.workdays_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, b) == -between(b, a)


@given(days, st.integers(0, 500))
def test_counting_agrees_with_looking_at_each_day(day: date, span: int) -> None:
    end = day + timedelta(days=span)
    worked = [d for d in each_day(day + timedelta(days=1), end) if CALENDAR.is_workday(d)]
    assert CALENDAR.workdays_between(day, end) == len(worked)


@given(days, counts)
def test_a_limit_ends_on_a_worked_day(day: date, limit: int) -> None:
    due = CALENDAR.due_on(day, limit)
    assert CALENDAR.is_workday(due)
    assert due >= day + timedelta(days=limit)
