"""Grades out of a history: three years a grade, caps, breaks, posts, pay, bonus, training."""

import random
from collections import Counter
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.grading.enums import Post, YearResult
from backend.grading.rules import workers
from backend.grading.rules.workers import Break, History, PayPart, PostChange, TrainingDue
from tests.grading.samples import WORKERS, hired, with_rules

VERSION = WORKERS.versions[0]
EXCELLENT, COMPETENT, FAIL = YearResult.EXCELLENT, YearResult.COMPETENT, YearResult.FAIL


def grade(history: History, day: date, scheme: object = WORKERS) -> int:
    return workers.standing(history, scheme, day).grade  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 3, 10), 1),
        (date(2023, 3, 9), 1),
        (date(2023, 3, 10), 2),
        (date(2026, 3, 9), 2),
        (date(2026, 3, 10), 3),
    ],
)
def test_three_full_years_are_a_grade(day: date, expected: int) -> None:
    assert grade(hired(date(2020, 3, 10)), day) == expected


def test_what_comes_next_and_when() -> None:
    found = workers.standing(hired(date(2020, 3, 10)), WORKERS, date(2025, 6, 1))
    assert (found.grade, found.capped, found.next_on) == (2, False, date(2026, 3, 10))
    assert [(step.on, step.grade, step.why) for step in found.steps] == [
        (date(2020, 3, 10), 1, "hired"),
        (date(2023, 3, 10), 2, "served"),
    ]


@pytest.mark.parametrize(
    ("post", "start", "highest"), [(Post.JUNIOR, 12, 12), (Post.MIDDLE, 15, 15), (Post.SENIOR, 18, 18)]
)
def test_the_cap_holds_and_is_said(post: Post, start: int, highest: int) -> None:
    found = workers.standing(hired(date(2000, 1, 1), post=post, grade=start - 1), WORKERS, date(2026, 1, 1))
    assert (found.grade, found.capped, found.next_on) == (highest, True, None)
    assert [step.why for step in found.steps] == ["hired", "served", *["capped"] * 7]


def test_the_twenty_ninth_of_february_has_its_day_in_every_year() -> None:
    history = hired(date(2024, 2, 29))
    assert workers.anniversary(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert workers.anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)
    assert (grade(history, date(2027, 2, 27)), grade(history, date(2027, 2, 28))) == (1, 2)


def test_a_break_puts_the_next_grade_off_by_its_days() -> None:
    history = hired(date(2020, 3, 10), breaks=(Break(date(2021, 1, 1), date(2021, 1, 31)),))
    assert workers.standing(history, WORKERS, date(2022, 1, 1)).next_on == date(2023, 4, 10)
    assert (grade(history, date(2023, 4, 9)), grade(history, date(2023, 4, 10))) == (1, 2)
    counted = with_rules(breaks_count=True)
    assert grade(history, date(2023, 3, 10), counted) == 2


def test_a_break_that_goes_on_stops_the_clock_for_good() -> None:
    history = hired(date(2020, 3, 10), breaks=(Break(date(2022, 5, 1)),))
    found = workers.standing(history, WORKERS, date(2030, 1, 1))
    assert (found.grade, found.capped, found.next_on) == (1, False, None)


def test_breaks_that_overlap_count_once() -> None:
    once = (Break(date(2021, 1, 1), date(2021, 3, 31)),)
    twice = (Break(date(2021, 2, 1), date(2021, 3, 31)), Break(date(2021, 1, 1), date(2021, 2, 28)))
    days = [
        workers.standing(hired(date(2020, 3, 10), breaks=each), WORKERS, date(2022, 1, 1)).next_on
        for each in (once, twice)
    ]
    assert days == [date(2023, 6, 8)] * 2


def test_a_break_that_begins_on_the_day_itself_is_too_late() -> None:
    history = hired(date(2020, 3, 10), breaks=(Break(date(2023, 3, 10), date(2023, 12, 31)),))
    assert grade(history, date(2023, 3, 10)) == 2


def test_a_failed_year_does_not_count_where_the_scheme_says_so() -> None:
    history = hired(date(2020, 3, 10), years=((2021, FAIL), (2022, COMPETENT)))
    assert workers.standing(history, WORKERS, date(2023, 6, 1)).next_on == date(2024, 3, 10)
    assert grade(history, date(2023, 3, 10), with_rules(failed_year_counts=True)) == 2


def test_a_new_post_lifts_to_its_lowest_grade_and_the_clock_goes_on() -> None:
    history = hired(date(2020, 3, 10), changes=(PostChange(date(2022, 7, 1), Post.MIDDLE),))
    found = workers.standing(history, WORKERS, date(2023, 3, 10))
    assert [(step.grade, step.post.value, step.why) for step in found.steps] == [
        (1, "junior", "hired"),
        (4, "middle", "changed"),
        (5, "middle", "served"),
    ]
    restarted = workers.standing(history, with_rules(change_restarts_clock=True), date(2023, 3, 10))
    assert (restarted.grade, restarted.next_on) == (4, date(2025, 7, 1))


def test_grades_overlap_and_a_new_post_takes_none_away() -> None:
    history = hired(date(2020, 3, 10), grade=11, changes=(PostChange(date(2020, 4, 1), Post.SENIOR),))
    assert grade(history, date(2020, 4, 1)) == 11


def test_years_at_the_cap_are_not_made_up_for_by_a_later_post() -> None:
    history = hired(date(2000, 1, 1), grade=12, changes=(PostChange(date(2010, 1, 2), Post.MIDDLE),))
    assert grade(history, date(2010, 1, 2)) == 12
    assert grade(history, date(2012, 1, 1)) == 13


def test_on_one_day_the_years_come_before_the_post() -> None:
    history = hired(date(2020, 3, 10), grade=3, changes=(PostChange(date(2023, 3, 10), Post.MIDDLE),))
    assert grade(history, date(2023, 3, 10)) == 4


def test_whoever_left_keeps_the_grade_of_that_day() -> None:
    history = hired(date(2020, 3, 10), left_on=date(2023, 3, 9))
    found = workers.standing(history, WORKERS, date(2030, 1, 1))
    assert (found.grade, found.next_on) == (1, None)


def test_a_corrected_hiring_corrects_everything_after_it() -> None:
    wrong, right = hired(date(2020, 3, 10)), hired(date(2019, 3, 10))
    before, after = (workers.standing(each, WORKERS, date(2025, 6, 1)) for each in (wrong, right))
    assert [step.on.year for step in before.steps] == [2020, 2023]
    assert [step.on.year for step in after.steps] == [2019, 2022, 2025]
    assert (before.grade, after.grade, after.next_on) == (2, 3, date(2028, 3, 10))


@pytest.mark.parametrize(
    ("to", "excellent", "problem"),
    [
        (Post.MIDDLE, 1, "worker_excellent_short"),
        (Post.MIDDLE, 2, ""),
        (Post.SENIOR, 3, "worker_excellent_short"),
        (Post.SENIOR, 4, ""),
        (Post.JUNIOR, 0, "worker_same_post"),
    ],
)
def test_a_post_takes_so_many_excellent_years(to: Post, excellent: int, problem: str) -> None:
    history = hired(date(2015, 1, 1), years=tuple((2016 + each, EXCELLENT) for each in range(excellent)))
    assert workers.change_problem(history, WORKERS, PostChange(date(2024, 1, 1), to)) == problem


def test_a_year_that_is_not_over_is_not_counted_yet() -> None:
    history = hired(date(2015, 1, 1), years=((2023, EXCELLENT), (2024, EXCELLENT)))
    assert (
        workers.change_problem(history, WORKERS, PostChange(date(2024, 12, 31), Post.MIDDLE))
        == "worker_excellent_short"
    )
    assert workers.change_problem(history, WORKERS, PostChange(date(2025, 1, 1), Post.MIDDLE)) == ""


def test_nobody_falls_to_a_post_that_ends_below_their_grade() -> None:
    history = hired(
        date(2015, 1, 1), post=Post.SENIOR, grade=14, years=tuple((2016 + each, EXCELLENT) for each in range(4))
    )
    assert (
        workers.change_problem(history, WORKERS, PostChange(date(2016, 1, 1), Post.JUNIOR)) == "worker_grade_above_post"
    )
    assert (
        workers.change_problem(history, WORKERS, PostChange(date(2014, 1, 1), Post.MIDDLE)) == "worker_not_in_service"
    )


def test_pay_has_four_parts_that_add_up_in_fen() -> None:
    assert workers.pay(VERSION, 8, Post.MIDDLE) == (
        PayPart(key="base", amount_fen=365_000),
        PayPart(key="performance", amount_fen=90_000),
        PayPart(key="allowance", amount_fen=40_000),
        PayPart(key="welfare", amount_fen=140_525),
    )


@given(st.sampled_from(list(Post)), st.integers(1, 17))
def test_a_higher_grade_is_never_paid_less(post: Post, lower: int) -> None:
    before, after = (sum(part.amount_fen for part in workers.pay(VERSION, each, post)) for each in (lower, lower + 1))
    assert after >= before


@pytest.mark.parametrize(
    ("year", "amount_fen", "problem"),
    [
        (2024, 1_199_99, "bonus_outside"),
        (2024, 1_200_00, ""),
        (2024, 10_000_00, ""),
        (2024, 10_000_01, "bonus_outside"),
        (2023, 5_000_00, "bonus_not_earned"),
        (2022, 5_000_00, "bonus_not_appraised"),
    ],
)
def test_the_bonus_is_for_an_appraised_year_within_its_limits(year: int, amount_fen: int, problem: str) -> None:
    history = hired(date(2020, 1, 1), years=((2023, FAIL), (2024, COMPETENT)))
    assert workers.bonus_problem(history, VERSION, year, amount_fen) == problem


@pytest.mark.parametrize(
    ("day", "soon", "overdue"),
    [
        (date(2026, 4, 1), False, False),
        (date(2026, 4, 2), True, False),
        (date(2026, 6, 1), True, False),
        (date(2026, 6, 2), True, True),
    ],
)
def test_training_is_due_three_years_after_the_last(day: date, soon: bool, overdue: bool) -> None:
    history = hired(date(2018, 1, 1), trained_on=(date(2023, 6, 1), date(2020, 5, 5)))
    expected = TrainingDue(last_on=date(2023, 6, 1), due_on=date(2026, 6, 1), overdue=overdue, soon=soon)
    assert workers.training_due(history, WORKERS, day) == expected


def test_before_the_first_training_the_hiring_counts() -> None:
    found = workers.training_due(hired(date(2024, 2, 29)), WORKERS, date(2026, 1, 1))
    assert (found.last_on, found.due_on) == (None, date(2027, 2, 28))


DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
BREAKS = st.lists(
    st.builds(lambda first, length: Break(first, first + timedelta(days=length)), DAYS, st.integers(0, 700)), max_size=4
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    post = draw(st.sampled_from(list(Post)))
    known = VERSION.range_of(post)
    higher = [one for one in Post if list(Post).index(one) > list(Post).index(post)]
    changes = sorted(draw(st.lists(DAYS, max_size=len(higher), unique=True)))
    return hired(
        draw(st.dates(date(2000, 1, 1), date(2020, 12, 31))),
        post=post,
        grade=draw(st.integers(known.lowest, known.highest)),
        breaks=tuple(draw(BREAKS)),
        changes=tuple(PostChange(on, to) for on, to in zip(changes, higher, strict=False)),
        years=tuple(
            draw(st.dictionaries(st.integers(2000, 2029), st.sampled_from(list(YearResult)), max_size=6)).items()
        ),
    )


@given(histories(), DAYS, st.integers(0, 2000))
def test_time_never_takes_a_grade_away_and_no_cap_is_passed(history: History, day: date, later: int) -> None:
    scheme = WORKERS
    before, after = (workers.standing(history, scheme, each) for each in (day, day + timedelta(days=later)))
    assert after.grade >= before.grade
    for found in (before, after):
        known = VERSION.range_of(found.post)
        assert known.lowest <= found.grade <= known.highest
        assert found.capped == (found.grade == known.highest)
    if before.next_on and not any(day < change.on for change in history.changes):
        assert before.next_on > day or before.next_on <= history.hired_on
        assert grade(history, before.next_on) == before.grade + 1
        assert grade(history, before.next_on - timedelta(days=1)) == before.grade


@given(histories(), DAYS, st.integers(1, 400))
def test_a_break_never_brings_a_grade_sooner(history: History, first: date, length: int) -> None:
    """Within one post: a step that falls on the cap is lost, and one put off until after a new post is not."""
    one_post = msgspec.structs.replace(history, changes=())
    broken = (*history.breaks, Break(first, first + timedelta(days=length)))
    more = msgspec.structs.replace(one_post, breaks=broken)
    for day in (date(2010, 1, 1), date(2020, 1, 1), date(2030, 1, 1)):
        assert grade(more, day) <= grade(one_post, day)


def test_seven_hundred_and_fifteen_and_who_is_due() -> None:
    """A register of the reported size: whose grade rises this year, whose training is due within sixty days."""
    chance, today = random.Random(715), date(2026, 3, 1)
    register = [
        hired(
            date(2011, 1, 1) + timedelta(days=chance.randrange(5_400)),
            grade=chance.randint(1, 11),
            trained_on=(date(2022, 1, 1) + timedelta(days=chance.randrange(1_500)),),
        )
        for _ in range(715)
    ]
    rising = {
        i for i, one in enumerate(register) if (on := workers.standing(one, WORKERS, today).next_on) and on.year == 2026
    }
    expected = {
        i
        for i, one in enumerate(register)
        if not workers.standing(one, WORKERS, today).capped
        and (2026 - one.hired_on.year) % 3 == 0
        and workers.anniversary(one.hired_on, 2026 - one.hired_on.year) > today
        and one.hired_on < today
    }
    assert rising == expected
    assert len(rising) > 100
    due = [workers.training_due(one, WORKERS, today) for one in register]
    counted = Counter("overdue" if one.overdue else "soon" if one.soon else "later" for one in due)
    assert counted.total() == 715
    assert counted["overdue"] == sum(one.due_on < today for one in due) > 100
    assert counted["soon"] == sum(today <= one.due_on <= today + timedelta(days=60) for one in due) > 5
