"""When a policy begins, waits and ends; who may take part; what it costs."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.aid import policy_rules as rules
from backend.aid.enums import PolicyState, Standing
from backend.aid.policy_rules import Entrant, Refused, Span, Terms
from tests.aid.samples import TERMS, number

TODAY = date(2026, 3, 10)
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


def entrant(row: int, sequence: int, *, birth: date = date(1990, 3, 7), shares: int = 1) -> Entrant:
    id_no = number(sequence, birth)
    return Entrant(row=row, name="王小测", id_no=id_no, index=id_no, shares=shares)


@pytest.mark.parametrize(
    ("year", "before", "expected"),
    [
        # For the first time: thirty days of waiting.
        (2026, None, Span(TODAY, date(2026, 4, 8), date(2027, 3, 9), renewed=False)),
        # Over since yesterday: it goes on today and nobody waits.
        (2026, date(2026, 3, 9), Span(TODAY, date(2026, 3, 9), date(2027, 3, 9), renewed=True)),
        # A gap of one day is a new beginning.
        (2026, date(2026, 3, 8), Span(TODAY, date(2026, 4, 8), date(2027, 3, 9), renewed=False)),
        # Renewed in time: it begins after the end of the one before.
        (2026, date(2026, 4, 1), Span(date(2026, 4, 2), date(2026, 4, 1), date(2027, 4, 1), renewed=True)),
        # For the coming year, which it does not begin before.
        (2027, None, Span(date(2027, 1, 1), date(2027, 1, 30), date(2027, 12, 31), renewed=False)),
        (2027, date(2026, 12, 31), Span(date(2027, 1, 1), date(2026, 12, 31), date(2027, 12, 31), renewed=True)),
        (2027, date(2026, 12, 30), Span(date(2027, 1, 1), date(2027, 1, 30), date(2027, 12, 31), renewed=False)),
    ],
)
def test_a_policy_begins_waits_and_ends(year: int, before: date | None, expected: Span) -> None:
    assert rules.span(year, TODAY, before, TERMS) == expected


def test_a_gap_within_the_limit_is_none() -> None:
    terms = msgspec.structs.replace(TERMS, gap_days=15)
    for gap, renewed in ((14, True), (15, True), (16, False)):
        assert rules.span(2026, TODAY, TODAY - timedelta(days=gap + 1), terms).renewed is renewed


@given(decided=DAYS, before=st.none() | DAYS, year=st.integers(2024, 2028))
def test_policies_of_one_person_never_overlap(decided: date, before: date | None, year: int) -> None:
    span = rules.span(year, decided, before, TERMS)
    assert span.starts_on >= decided
    assert span.starts_on >= date(year, 1, 1)
    assert before is None or span.starts_on > before
    assert span.ends_on > span.starts_on
    waits = (span.wait_end - span.starts_on).days + 1
    assert waits == (0 if span.renewed else 30)
    assert span.renewed == (before is not None and span.starts_on == before + timedelta(days=1))


def test_rows_that_cannot_take_part_say_why() -> None:
    sixty, over = date(1966, 3, 10), date(1965, 3, 9)
    broken = msgspec.structs.replace(entrant(6, 6), id_no="123", index="123")
    people = [
        entrant(1, 1),
        entrant(2, 2),
        entrant(3, 1),
        entrant(4, 3, birth=sixty),
        entrant(5, 4, birth=over),
        broken,
    ]
    taken = {people[1].index: ""}
    found = refused(people, TERMS, taken)
    assert found == [
        Refused(2, "enrol_has_policy"),
        Refused(3, "enrol_twice_in_list"),
        Refused(5, "enrol_too_old"),
        Refused(6, "enrol_id_no"),
    ]
    assert refused(people[:2], msgspec.structs.replace(TERMS, only_women=True)) == [Refused(1, "enrol_not_a_woman")]
    two = [entrant(1, 1, shares=2), entrant(2, 2, shares=3)]
    assert refused(two, msgspec.structs.replace(TERMS, max_shares=2)) == [Refused(2, "enrol_too_many_shares")]


def test_a_policy_of_three_years_holds_through_the_second() -> None:
    [person] = people = [entrant(1, 1)]
    held = {person.index: date(2029, 3, 9)}
    for year, codes in ((2027, ["enrol_has_policy"]), (2028, ["enrol_has_policy"]), (2029, [])):
        assert [one.code for one in refused(people, TERMS, held=held, year=year)] == codes
    days = {date(2026, 3, 10): 2026, date(2027, 3, 9): 2026, date(2027, 3, 10): 2027, date(2028, 12, 31): 2028}
    assert {day: rules.year_of_policy(2026, TODAY, day) for day in days} == days


def refused(
    people: list[Entrant],
    terms: Terms,
    taken: dict[str, Any] | None = None,
    *,
    held: dict[str, date] | None = None,
    year: int = 2026,
) -> list[Refused]:
    return list(rules.refusals(people, taken=taken or {}, held=held or {}, year=year, today=TODAY, terms=terms))


def test_the_fee_is_people_times_shares() -> None:
    assert rules.fee_of([entrant(1, 1), entrant(2, 2, shares=2)], TERMS) == 180_00
    assert rules.fee_of([], TERMS) == 0


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 9), Standing.NOT_STARTED),
        (date(2026, 3, 10), Standing.WAITING),
        (date(2026, 4, 8), Standing.WAITING),
        (date(2026, 4, 9), Standing.EFFECTIVE),
        (date(2027, 3, 9), Standing.EFFECTIVE),
        (date(2027, 3, 10), Standing.ENDED),
    ],
)
def test_what_a_policy_is_good_for(day: date, expected: Standing) -> None:
    days = {"starts_on": TODAY, "wait_end": date(2026, 4, 8), "ends_on": date(2027, 3, 9), "today": day}
    assert rules.standing(state=PolicyState.IN_FORCE, **days) is expected
    assert rules.standing(state=PolicyState.REFUNDED, **days) is Standing.REFUNDED
