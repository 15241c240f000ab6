"""Two desks, one case, the same moment: one transition, and the other side is told."""

import asyncio
from typing import Any

import pytest

from backend.casework import commands
from backend.casework.commands import transitions
from backend.casework.enums import CaseAction
from backend.casework.models import Case
from backend.casework.schemas import CorrectionsInput, DraftInput
from backend.core import database
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, TooMany
from tests.casework.world import World, aid_form, decide, flag, person, sent

pytestmark = [pytest.mark.race, pytest.mark.slow]

TRIALS = 500
DECIDED = "SELECT COUNT(*) FROM case_event WHERE case_id = %s AND action IN ('approve', 'reject', 'withdraw')"


async def at_town(world: World, owner: Actor) -> str:
    """A case straight at the town's desk."""
    form = sent(aid_form(world, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=owner)


async def together(*calls: Any) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


def both(world: World, number: str) -> tuple[Any, Any]:
    return (
        decide(number, world.clerk, "approve", 1),
        decide(number, world.second_clerk, "reject", 1, comment="不符合条件"),
    )


async def test_approve_and_reject_at_once(world: World) -> None:
    owner = await person(world)
    winners = {"approved": 0, "rejected": 0}
    for _ in range(TRIALS):
        number = await at_town(world, owner)
        approved, rejected = await together(*both(world, number))
        case = await Case.get(number=number)
        winners[case.status] += 1
        lost, name = (rejected, "李*明") if case.status == "approved" else (approved, "赵*宁")
        assert (approved is None) != (rejected is None)
        assert isinstance(lost, Conflict)
        assert (lost.code, lost.extra["by"]) == ("already_decided", f"黄枫镇总工会 {name}")
        assert case.version == 2
        assert await database.scalar(DECIDED, case.id) == 1
        assert await database.scalar("SELECT COUNT(*) FROM step_decision WHERE case_id = %s", case.id) == 1
    assert sum(winners.values()) == TRIALS
    topics = await database.rows("SELECT topic, COUNT(*) AS events FROM outbox GROUP BY topic ORDER BY topic")
    told = {row["topic"].split(".")[1]: row["events"] for row in topics}
    assert told.get("CaseApproved", 0) == winners["approved"]
    assert told.get("CaseRejected", 0) == winners["rejected"]


async def test_control_without_the_guard_both_get_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same race without version check and unique decision: it must go wrong, or the test above proves nothing."""

    async def twice(place: transitions.Place, action: CaseAction, actor: Actor) -> None:
        return None

    monkeypatch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
    monkeypatch.setattr(transitions, "decided_once", twice)
    owner = await person(world)
    doubles = 0
    for _ in range(20):
        number = await at_town(world, owner)
        answers = await together(*both(world, number))
        doubles += answers == [None, None]
    assert doubles > 0


async def test_withdrawn_at_the_moment_of_decision(world: World) -> None:
    owner = await person(world)
    for _ in range(100):
        number = await at_town(world, owner)
        answers = await together(
            decide(number, world.clerk, "approve", 1), commands.withdraw(number=number, actor=owner)
        )
        case = await Case.get(number=number)
        assert sorted(answer is None for answer in answers) == [False, True]
        assert case.status == ("approved" if answers[0] is None else "withdrawn")
        assert await database.scalar(DECIDED, case.id) == 1


async def test_ten_clerks_at_once(world: World) -> None:
    owner = await person(world)
    for _ in range(20):
        number = await at_town(world, owner)
        answers = await together(*(decide(number, world.clerk, "approve", 1) for _ in range(10)))
        assert sum(answer is None for answer in answers) == 1
        assert all(answer is None or answer.code == "already_decided" for answer in answers)


async def test_a_correction_sent_ten_times_at_once(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    await decide(number, world.clerk, "return", 1, corrections=[flag("reason")])
    data = CorrectionsInput(form={"reason": "车祸"}, version=2)
    answers = await together(*(commands.correct(number=number, data=data, actor=owner) for _ in range(10)))
    assert sum(answer is None for answer in answers) == 1
    assert {answer.code for answer in answers if answer is not None} == {"already_decided"}
    assert (await Case.get(number=number)).round == 2
    assert await database.scalar("SELECT COUNT(*) FROM case_round") == 1


async def test_urged_ten_times_at_once(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    answers = await together(*(commands.urge(number=number, actor=owner) for _ in range(10)))
    assert sum(answer is None for answer in answers) == 1
    assert all(answer is None or isinstance(answer, TooMany) for answer in answers)
    assert (await Case.get(number=number)).urge_count == 1


async def test_two_windows_save_one_draft(world: World) -> None:
    owner = await person(world)

    def save(reason: str, version: int | None) -> Any:
        data = DraftInput(form={"reason": reason}, version=version)
        return commands.save_draft(slug="sample-aid", data=data, actor=owner)

    first = await together(*(save(str(each), None) for each in range(10)))
    assert any(not isinstance(answer, AppError) for answer in first)
    assert await database.scalar("SELECT COUNT(*) FROM draft") == 1
    version = await database.scalar("SELECT version FROM draft")
    answers = await together(*(save(str(each), version) for each in range(10)))
    kept = [answer for answer in answers if not isinstance(answer, AppError)]
    assert [answer.version for answer in kept] == [version + 1]
    assert {answer.code for answer in answers if isinstance(answer, AppError)} == {"draft_changed"}
