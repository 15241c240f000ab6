from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.predicates import PredicateError, back, browser_condition, evaluate, parse

TODAY = date(2026, 3, 10)


def truth(text: str, **facts: Any) -> bool | None:
    """`member__status="active"` is the fact member.status."""
    named = {name.replace("__", "."): value for name, value in facts.items()}
    return evaluate(parse(text), named.get, today=TODAY)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("worker.age >= 16", {"worker__age": 16}, True),
        ("worker.age >= 16", {"worker__age": 15}, False),
        ("worker.age >= params.min_age", {"worker__age": 16, "params__min_age": 18}, False),
        ("worker.active_membership == false", {"worker__active_membership": False}, True),
        ("worker.active_membership != false", {"worker__active_membership": True}, True),
        ("member.status == active", {"member__status": "active"}, True),
        ("member.status in active|kept", {"member__status": "kept"}, True),
        ("member.status in active|kept", {"member__status": "left"}, False),
        ("form.level in '1'|'2'", {"form__level": "2"}, True),
        ("form.term in 3|5", {"form__term": 4}, False),
        ("form.kind == '特别 困难'", {"form__kind": "特别 困难"}, True),
        ("form.turnout * 3 >= form.entitled * 2", {"form__turnout": 20, "form__entitled": 30}, True),
        ("form.turnout*3 >= form.entitled*2", {"form__turnout": 19, "form__entitled": 30}, False),
        ("1 <= form.grade <= 12", {"form__grade": 13}, False),
        ("band.low <= form.grade <= band.high", {"band__low": 4, "form__grade": 4, "band__high": 15}, True),
        ("form.event_date >= today-365", {"form__event_date": date(2025, 3, 10)}, True),
        ("form.event_date >= today - 365", {"form__event_date": date(2025, 3, 9)}, False),
        ("days(form.discharge_date, today) <= 180", {"form__discharge_date": date(2025, 9, 11)}, True),
        ("days(form.discharge_date, today) <= 180", {"form__discharge_date": date(2025, 9, 10)}, False),
        ("days(form.discharge_date, today) == 1", {"form__discharge_date": "2026-03-09"}, True),
        ("year(today) - form.last_year >= 3", {"form__last_year": 2023}, True),
        ("year(form.joined) == 2020", {"form__joined": "2020-05-01"}, True),
        ("len(form.players) <= 4", {"form__players": [1, 2, 3, 4, 5]}, False),
        ("count(aid.temporary, 12m) < 2", {"aid__temporary": [date(2025, 3, 10), date(2025, 3, 11)]}, True),
        ("count(aid.temporary, 12m) < 1", {"aid__temporary": [date(2025, 3, 11)]}, False),
        ("count(booking.no_show, 90d) == 1", {"booking__no_show": [date(2025, 12, 10), date(2025, 12, 11)]}, True),
        ("count(claim.campaign) < 1", {"claim__campaign": 0}, True),
        ("count(claim.campaign) == 2", {"claim__campaign": ["a", "b"]}, True),
        ("case.rate == 0.5", {"case__rate": Decimal("0.50")}, True),
        ("case.rate > 0.5", {"case__rate": 0.75}, True),
        ("not worker.age >= 16", {"worker__age": 15}, True),
        ("not (worker.age < 16 or worker.age > 60)", {"worker__age": 30}, True),
        ("worker.age < 16 or worker.age > 60 and worker.kind == x", {"worker__age": 15, "worker__kind": "y"}, True),
        ("form.moment <= today", {"form__moment": datetime(2026, 3, 10, 15, 59, tzinfo=UTC)}, True),
        ("form.moment <= today", {"form__moment": datetime(2026, 3, 10, 16, 0, tzinfo=UTC)}, False),
    ],
)
def test_truth(text: str, facts: dict[str, Any], expected: bool) -> None:
    assert truth(text, **facts) is expected


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("worker.age >= 16", {}),
        ("worker.age >= 16", {"worker__age": None}),
        ("worker.age >= 16", {"worker__age": "sixteen"}),
        ("worker.age >= 16", {"worker__age": float("nan")}),
        ("worker.age == 1", {"worker__age": True}),
        ("worker.name > abc", {"worker__name": "abd"}),
        ("member.status in active|kept", {}),
        ("not member.status == active", {}),
        ("days(form.a, today) <= 180", {"form__a": "someday"}),
        ("count(aid.temporary, 12m) < 2", {}),
        ("count(aid.temporary, 12m) < 2", {"aid__temporary": "2026-01-01"}),
        ("len(form.players) <= 4", {"form__players": 4}),
        ("form.day + 999999999 > today", {"form__day": TODAY}),
        ("case.rate > 0.5", {"case__rate": Decimal("sNaN")}),
        ("case.rate * 3 > 0.5", {"case__rate": Decimal("9e999999")}),
        ("form.day * 2 > today", {"form__day": TODAY}),
        ("a.known == 1 and b.missing == 1", {"a__known": 1}),
        ("a.known == 2 or b.missing == 1", {"a__known": 1}),
    ],
)
def test_unknown_is_neither(text: str, facts: dict[str, Any]) -> None:
    assert truth(text, **facts) is None


def test_what_is_known_settles_it_whatever_is_not() -> None:
    assert truth("a.known == 2 and b.missing == 1", a__known=1) is False
    assert truth("a.known == 1 or b.missing == 1", a__known=1) is True
    assert truth("b.missing == 1 and a.known == 2", a__known=1) is False


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 0, "这里应该是名称或值，而不是“（结尾）”"),
        ("worker.age", 0, "这里要写一个比较，例如 worker.age >= 16"),
        ("worker.age >=", 13, "这里应该是名称或值，而不是“（结尾）”"),
        ("worker.age = 16", 11, "这里看不懂：“= 16”"),
        ("worker.age >= 16 or warn", 20, "这里要写一个比较，例如 worker.age >= 16"),
        ("worker.age >= 16 17", 17, "这里看不懂：“17”"),
        ("(worker.age >= 16", 17, "这里应该是“)”，而不是“（结尾）”"),
        ("__import__('os') == 1", 0, "没有“__import__”这个函数，可用的有 days、count、len、year"),
        ("days(form.a) > 1", 0, "days() 要写 2 个参数"),
        ("worker.age in form.ages", 14, "“in”后面要写用“|”隔开的值，例如 active|kept"),
        ("a.b == 1; a.b == 2", 8, "这里看不懂：“; a.b == 2”"),
        ("a.b == 012x", 7, "这里看不懂：“012x”"),
        ("(" * 21 + "a.b == 1", 21, "括号套得太深"),
        ("a.b == " + "1" * 500, 0, "条件太长，最多 500 个字符"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, column: int, message: str) -> None:
    with pytest.raises(PredicateError) as caught:
        parse(text)
    assert (caught.value.column, caught.value.message) == (column, message)


def test_a_predicate_knows_the_facts_it_needs() -> None:
    predicate = parse("days(form.a, policy.end) < 3 and member.status in active|kept or not today > form.b")
    assert predicate.facts == {"form.a", "policy.end", "member.status", "form.b"}


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (1, "m", date(2026, 2, 28)),
        (13, "m", date(2025, 2, 28)),
        (2, "y", date(2024, 3, 31)),
        (31, "d", date(2026, 2, 28)),
        (99_999, "y", date.min),
        (999_999_999, "d", date.min),
    ],
)
def test_back_in_the_calendar(number: int, unit: str, expected: date) -> None:
    assert back(date(2026, 3, 31), number, unit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("form.employ_form == newform", "employ_form=newform"),
        ("form.kind in a|b", "kind=a|b"),
        ("form.agreed == true", "agreed=true"),
        ("form.people > 3", ""),
        ("member.status == active", ""),
        ("form.a == 1 and form.b == 2", ""),
    ],
)
def test_conditions_a_page_can_follow_by_itself(text: str, expected: str) -> None:
    assert browser_condition(parse(text)) == expected


words = st.sampled_from(
    ["a.b", "form.c", "today", "true", "active", "3", "2.5", "==", "!=", "<", ">=", "in", "|", "and", "or", "not",
     "(", ")", ",", "+", "-", "*", "days(", "count(", "len(", "year(", "12m", "'x'"]
)  # fmt: skip
odd_facts = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.dates(), st.datetimes(),
    st.decimals(), st.lists(st.dates(), max_size=3), st.lists(st.integers(), max_size=2),
)  # fmt: skip


@given(text=st.one_of(st.lists(words, max_size=14).map(" ".join), st.text(max_size=40)), fact=odd_facts)
def test_any_text_is_a_condition_or_a_clear_problem(text: str, fact: Any) -> None:
    try:
        predicate = parse(text)
    except PredicateError as exc:
        assert 0 <= exc.column <= len(text)
        assert exc.message
        return
    assert evaluate(predicate, {"a.b": fact, "form.c": fact}.get, today=TODAY) in (True, False, None)
