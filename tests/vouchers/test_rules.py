"""What a campaign may be: every limit from both sides, everything that is wrong named at once."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from backend.core.errors import sentence
from backend.vouchers import rules
from backend.vouchers.enums import CampaignKind, CampaignMode
from tests.vouchers.samples import proposal

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)


def wrong(**changes: Any) -> list[str]:
    return [problem.field for problem in rules.problems(rules.tidy(proposal(**changes)), NOW)]


def test_the_sample_is_right() -> None:
    assert wrong() == []


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("name", ["两字", "字" * 60], ["字", "字" * 61, " 字 "]),
        ("text", ["", "字" * 500], ["字" * 501]),
        ("face_value_fen", [1, 10_000_000], [0, -1, 10_000_001]),
        ("threshold_fen", [0, 100], [-1]),
        ("total", [1, 1_000_000], [0, -5, 1_000_001]),
        ("per_member", [1, 20], [0, 21]),
        ("shops", [[], ["店"] * 300], [[f"店{n}" for n in range(201)], ["店" * 61]]),
    ],
)
def test_limits(field: str, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if wrong(**{field: value})] == []
    assert [wrong(**{field: value}) for value in bad] == [[field]] * len(bad)


def test_a_window_ends_after_it_begins() -> None:
    moment = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
    assert wrong(opens_at=moment, closes_at=moment) == ["closes_at"]
    assert wrong(closes_at=datetime(2026, 3, 9, tzinfo=UTC), opens_at=datetime(2026, 3, 1, tzinfo=UTC)) == ["closes_at"]
    late = datetime(2028, 3, 20, tzinfo=UTC)
    assert wrong(closes_at=late, valid_until=date(2028, 3, 21)) == ["closes_at", "valid_until"]


def test_a_voucher_lives_at_least_as_long_as_its_campaign() -> None:
    # The window ends on the 20th at 18:00 in China.
    assert wrong(valid_until=date(2026, 3, 20)) == []
    assert wrong(valid_until=date(2026, 3, 19)) == ["valid_until"]


def test_only_who_claims_may_have_several() -> None:
    assert wrong(mode=CampaignMode.TARGETED, per_member=2) == ["per_member"]
    assert wrong(mode=CampaignMode.LOTTERY, per_member=2) == ["per_member"]
    assert wrong(kind=CampaignKind.WELCOME, mode=CampaignMode.CLAIM) == ["mode"]


def test_everything_that_is_wrong_is_named_at_once() -> None:
    assert wrong(name="", face_value_fen=0, total=0, valid_until=date(2026, 1, 1)) == [
        *("name", "face_value_fen", "total", "valid_until")
    ]
    [problem] = rules.problems(rules.tidy(proposal(total=0)), NOW)
    assert problem.message == sentence("campaign_total", most=1_000_000)


def test_times_without_an_offset_are_those_of_china() -> None:
    tidy = rules.tidy(
        msgspec.convert({**msgspec.to_builtins(proposal()), "opens_at": "2026-03-10T09:30:00"}, type(proposal()))
    )
    assert tidy.opens_at == datetime(2026, 3, 10, 1, 30, tzinfo=UTC)


def test_what_it_costs_and_how_long_it_lives() -> None:
    assert rules.cost_fen(proposal(face_value_fen=5_000, total=2_010)) == 10_050_000
    assert rules.dies_at(date(2026, 3, 31)) == datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    assert rules.valid_days(proposal(valid_until=date(2026, 3, 31))) == 22
