"""Windows, sizes and exclusions of yearly batches."""

from datetime import date

import pytest

from backend.aid import intake_rules as rules
from backend.aid.intake_enums import Exclusion, Phase
from backend.aid.intake_rules import Change
from backend.aid.intake_schemas import IntakeFacts

TODAY = date(2026, 3, 10)
USUAL = rules.usual_of("other_aid;costly")


@pytest.mark.parametrize(
    ("today", "state", "phase"),
    [
        ("2026-06-30", "published", Phase.AHEAD),
        ("2026-07-01", "published", Phase.OPEN),
        ("2026-08-31", "published", Phase.OPEN),
        ("2026-09-01", "published", Phase.OVER),
        ("2026-07-01", "closed", Phase.OVER),
    ],
)
def test_both_days_of_a_window_count(today: str, state: str, phase: Phase) -> None:
    assert rules.phase(date(2026, 7, 1), date(2026, 8, 31), state, date.fromisoformat(today)) is phase


@pytest.mark.parametrize(
    ("year", "opens", "closes", "fields"),
    [
        (2026, "2026-07-01", "2026-08-31", []),
        (2027, "2027-01-01", "2027-12-31", []),
        (2028, "2028-01-01", "2028-12-31", ["year"]),
        (2026, "2027-01-01", "2027-02-01", ["opens_on"]),
        (2026, "2026-07-01", "2026-06-30", ["closes_on"]),
        (2026, "2026-01-01", "2026-03-09", ["closes_on"]),
    ],
)
def test_a_window_lies_in_its_year(year: int, opens: str, closes: str, fields: list[str]) -> None:
    found = rules.window_problems(date.fromisoformat(opens), date.fromisoformat(closes), year=year, today=TODAY)
    assert [one.field for one in found] == fields


def test_a_size_is_never_below_what_was_granted() -> None:
    def fields(budget_fen: int, quota: int | None, **more: int) -> list[str]:
        return [one.field for one in rules.size_problems(budget_fen, quota, **more)]

    assert fields(1, None) == fields(500, 1, granted=1, granted_fen=500) == []
    assert fields(0, 0) == fields(499, 1, granted=2, granted_fen=500) == ["budget_fen", "quota"]


def test_a_grant_fits_into_what_is_left() -> None:
    def fields(amount_fen: int, quota: int | None) -> list[str]:
        intake = IntakeFacts(
            id=1,
            year=2026,
            opens_on=TODAY,
            closes_on=TODAY,
            state="published",
            quota=quota,
            budget_fen=1000,
            granted=2,
            granted_fen=600,
        )
        return [one.message for one in rules.grant_problems(intake, amount_fen)]

    assert fields(400, 3) == fields(400, None) == []
    assert fields(401, 3) == ["这个批次的预算只剩 4.00 元。"]
    assert fields(1, 2) == ["这个批次的 2 个名额已经核定完了。"]


def test_the_latest_word_of_the_desk_holds() -> None:
    changes = [
        Change(code=Exclusion.COSTLY, since=date(2026, 3, 1), excluded=False),
        Change(code=Exclusion.COSTLY, since=date(2026, 4, 1), excluded=True),
        Change(code=Exclusion.JOINT, since=date(2026, 3, 10), excluded=True),
    ]

    def on(code: Exclusion, day: str) -> bool:
        return rules.excluded_on(code, changes, USUAL, date.fromisoformat(day))

    assert [on(Exclusion.COSTLY, day) for day in ("2026-02-28", "2026-03-01", "2026-04-01")] == [True, False, True]
    assert [on(Exclusion.JOINT, day) for day in ("2026-03-09", "2026-03-10")] == [False, True]
    assert on(Exclusion.OTHER_AID, "2026-03-10") and not on(Exclusion.UNION_AID, "2026-03-10")


def test_what_a_form_says() -> None:
    form = {"school_kind": "costly", "other_aid": False}
    assert [rules.applies(code, form, aided=None) for code in Exclusion] == [False, None, True, *[False] * 4]
    assert {rules.applies(code, {}, aided=None) for code in Exclusion} == {None}
    assert rules.applies(Exclusion.UNION_AID, {}, aided=True) is True
