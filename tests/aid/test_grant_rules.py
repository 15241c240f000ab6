"""Amounts that staff set, to the fen, and the sentence beside the field that is wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.aid import grant_rules as rules
from backend.aid.grant_rules import Award, Range, Relief
from backend.core.errors import FieldError

RANGES = rules.ranges_of("life=50000..200000;medical=100000..600000")
AMOUNTS = {"on_higher": 5_000_00, "on_senior": 3_000_00, "off_higher": 4_000_00, "off_senior": 2_000_00}


def relief(amount: int, first: int, due: int, *, promised: int = 0, cause: str = "disaster") -> dict[str, str]:
    said = Relief(amount_fen=amount, first_fen=first, due_fen=due)
    return _by_field(list(rules.relief_problems(said, promised_fen=promised, cause=cause, ranges=RANGES)))


def _by_field(found: list[FieldError]) -> dict[str, str]:
    return {one.field: one.message for one in found}


def test_ranges_are_read_and_go_by_the_cause() -> None:
    assert {"life": Range(500_00, 2_000_00), "medical": Range(1_000_00, 6_000_00)} == RANGES
    assert rules.range_for("illness", RANGES) == ("医疗类", Range(1_000_00, 6_000_00))
    assert rules.range_for("jobloss", RANGES) == ("生活类", Range(500_00, 2_000_00))
    assert rules.range_for("accident", RANGES) == ("生活类或医疗类", Range(500_00, 6_000_00))


@pytest.mark.parametrize(
    ("amount", "cause", "fits"),
    [
        (499_99, "disaster", False),
        (500_00, "disaster", True),
        (2_000_00, "disaster", True),
        (2_000_01, "disaster", False),
        (999_99, "illness", False),
        (1_000_00, "illness", True),
        (6_000_00, "illness", True),
        (6_000_01, "illness", False),
        (6_000_00, "accident", True),
    ],
)
def test_relief_lies_in_the_range_of_its_kind(amount: int, cause: str, fits: bool) -> None:
    assert ("amount" not in relief(amount, 0, amount, cause=cause)) is fits


def test_what_was_promised_is_taken_from_what_is_granted() -> None:
    assert relief(1_500_00, 500_00, 1_000_00, promised=500_00) == {}
    assert relief(1_500_00, 0, 1_500_00) == {}
    assert relief(500_00, 500_00, 0, promised=500_00) == {}
    assert relief(1_500_00, 500_00, 1_000_01, promised=500_00) == {
        "due_amount": "应发是总额减去已先行救助，应为 1,000.00 元。"
    }
    assert relief(1_500_00, 499_99, 1_000_01, promised=500_00) == {"paid_first": "先行救助登记的是 500.00 元，请照填。"}
    assert relief(1_500_00, 500_00, 1_000_00) == {"paid_first": "没有登记过先行救助，请填 0。"}
    assert relief(3_000_00, 0, 3_000_00)["amount"] == "救助金额不对，生活类在 500.00 到 2,000.00 元之间。"


@given(amount=st.integers(500_00, 2_000_00), promised=st.integers(0, 500_00), off=st.integers(-3, 3))
def test_only_the_rest_is_due(amount: int, promised: int, off: int) -> None:
    assert (relief(amount, promised, amount - promised + off, promised=promised) == {}) == (off == 0)


def test_a_promise_is_not_more_than_can_be_granted() -> None:
    for amount, cause, fits in ((1, "disaster", True), (2_000_00, "disaster", True), (6_000_01, "illness", False)):
        assert (list(rules.promise_problems(amount, cause=cause, ranges=RANGES)) == []) is fits
    [wrong] = rules.promise_problems(2_000_01, cause="disaster", ranges=RANGES)
    assert wrong.message == "先行救助不能超过生活类救助的上限 2,000.00 元。"


@pytest.mark.parametrize(
    ("standard", "amount", "stage", "on_file", "expected"),
    [
        ("on_higher", 5_000_00, "bachelor", True, {}),
        ("on_senior", 3_000_00, "vocational", True, {}),
        ("off_higher", 4_000_00, "college", False, {}),
        ("off_senior", 2_000_00, "senior", False, {}),
        ("on_higher", 4_999_99, "bachelor", True, {"amount": "这一档的标准是 5,000.00 元。"}),
        ("on_senior", 3_000_00, "bachelor", True, {"standard": "读的是大专及以上，请选对应的一档。"}),
        ("off_higher", 4_000_00, "senior", False, {"standard": "读的是高中或中职，请选对应的一档。"}),
        (
            "on_higher",
            5_000_00,
            "bachelor",
            False,
            {"standard": "没有查到这一家在册的困难职工档案，请选非建档的一档，或者先建档。"},
        ),
        ("off_higher", 4_000_00, "bachelor", True, {"standard": "这一家有在册的困难职工档案，请选在档的一档。"}),
    ],
)
def test_an_award_is_that_of_its_standard(
    standard: str, amount: int, stage: str, on_file: bool, expected: dict[str, str]
) -> None:
    said = Award(standard=standard, amount_fen=amount)
    found = list(rules.award_problems(said, stage=stage, on_file=on_file, amounts=AMOUNTS))
    assert _by_field(found) == expected


def test_visits_cost_what_was_asked_for_at_most() -> None:
    assert list(rules.visit_problems(100_00, 3, 1, budget_fen=100_00, listed=4)) == []
    found = list(rules.visit_problems(100_01, 3, 0, budget_fen=100_00, listed=4))
    assert _by_field(found) == {
        "amount": "申报的预算是 100.00 元，核定不能比这多。",
        "people": "核定的人数加上去掉的人数，应等于名单上的 4 人。",
    }


LIMITS = "illness:1/y;birth:1/event;marriage:1"
ONE, SAME_YEAR, YEAR_BEFORE = date(2026, 3, 1), date(2026, 1, 5), date(2025, 12, 31)


@pytest.mark.parametrize(
    ("what", "earlier", "expected"),
    [
        ("illness", [SAME_YEAR, YEAR_BEFORE], [SAME_YEAR]),
        ("illness", [YEAR_BEFORE], []),
        ("birth", [SAME_YEAR], []),
        ("birth", [ONE], [ONE]),
        ("marriage", [YEAR_BEFORE], [YEAR_BEFORE]),
        ("birthday", [ONE], []),
    ],
)
def test_what_was_comforted_before(what: str, earlier: list[date], expected: list[date]) -> None:
    held = [*((what, day) for day in earlier), ("disaster", ONE)]
    assert rules.comforted_before((what, ONE), LIMITS, held) == expected
