"""Who may do what to a case in which state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.casework import rules
from backend.casework.enums import CaseStatus
from backend.casework.rules import Standing
from backend.core.actor import Actor, Post

NOW = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
ALL = frozenset({"case.view", "case.decide"})


def case(status: CaseStatus = CaseStatus.IN_REVIEW, **changes: Any) -> Standing:
    facts: dict[str, Any] = {
        "applicant_id": 7,
        "member_id": None,
        "desk_union_id": 1,
        "desk_role": "desk",
        "urged_at": None,
    } | changes
    return Standing(status=status, **facts)


def clerk(union_id: int = 1, role: str = "desk", permissions: frozenset[str] = ALL, **who: int) -> Actor:
    post = Post(union_id, "镇总工会", "/a/", "town", "990121001", (role,), permissions)
    return Actor(kind="staff", account_id=who.get("account_id", 100), member_id=who.get("member_id"), posts=(post,))


EVERYTHING = ["approve", "return", "reject", "transfer", "hold"]


@pytest.mark.parametrize(
    ("status", "may"),
    [
        (CaseStatus.SUBMITTED, EVERYTHING),
        (CaseStatus.IN_REVIEW, EVERYTHING),
        (CaseStatus.ON_HOLD, ["release"]),
        (CaseStatus.RETURNED, []),
        (CaseStatus.APPROVED, []),
        (CaseStatus.REJECTED, []),
        (CaseStatus.WITHDRAWN, []),
    ],
)
def test_acts_of_the_desk_by_state(status: CaseStatus, may: list[str]) -> None:
    assert rules.may_at_desk(clerk(), case(status)) == may


@pytest.mark.parametrize(
    "actor",
    [
        clerk(union_id=2),
        clerk(role="officer"),
        clerk(permissions=frozenset({"case.view"})),
        clerk(account_id=7),
        Actor(kind="person", account_id=7),
    ],
    ids=["another union", "another role", "may only look", "own case", "the applicant"],
)
def test_nobody_else_decides(actor: Actor) -> None:
    assert rules.may_at_desk(actor, case()) == []


def test_a_clerk_who_is_the_member_of_the_case_does_not_decide_it() -> None:
    assert rules.may_at_desk(clerk(member_id=5), case(member_id=5)) == []
    assert rules.may_at_desk(clerk(member_id=6), case(member_id=5)) == EVERYTHING


@pytest.mark.parametrize(
    ("status", "may"),
    [
        (CaseStatus.SUBMITTED, ["urge", "withdraw"]),
        (CaseStatus.IN_REVIEW, ["urge", "withdraw"]),
        (CaseStatus.ON_HOLD, ["withdraw"]),
        (CaseStatus.RETURNED, ["correct", "withdraw"]),
        (CaseStatus.APPROVED, []),
        (CaseStatus.REJECTED, []),
        (CaseStatus.WITHDRAWN, []),
    ],
)
def test_acts_of_the_applicant_by_state(status: CaseStatus, may: list[str]) -> None:
    assert rules.may_as_applicant(case(status), NOW) == may


def test_urging_rests_for_a_day() -> None:
    assert rules.urge_wait(None, NOW) == 0
    assert rules.urge_wait(NOW, NOW) == 86_400
    assert rules.urge_wait(NOW - timedelta(hours=23, minutes=59, seconds=59.5), NOW) == 1
    assert rules.urge_wait(NOW - timedelta(hours=24), NOW) == 0
    assert rules.may_as_applicant(case(urged_at=NOW), NOW + timedelta(hours=1)) == ["withdraw"]
