"""Two desks, one case, the same moment: one transition, and the other side is told."""

import asyncio
from collections.abc import Iterator
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
from tests.unguarded import without_keys, without_lock, without_words

pytestmark = pytest.mark.slow

WITHOUT_GUARD = "test_control_without_the_guard_both_get_through"

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


@pytest.mark.race(control=WITHOUT_GUARD)
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


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Without version check and unique decision."""

    async def twice(place: transitions.Place, action: CaseAction, actor: Actor) -> None:
        return None

    monkeypatch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
    monkeypatch.setattr(transitions, "decided_once", twice)
    with without_lock():
        yield


@pytest.mark.race(is_control=True)
@pytest.mark.usefixtures("unguarded")
async def test_control_without_the_guard_both_get_through(world: World) -> None:
    """It must go wrong, or the test above proves nothing."""
    owner = await person(world)
    doubles = 0
    for _ in range(20):
        number = await at_town(world, owner)
        doubles += await together(*both(world, number)) == [None, None]
    assert doubles > 0


async def approve_and_withdraw(world: World, owner: Actor) -> tuple[str, list[Any]]:
    number = await at_town(world, owner)
    decided, withdrawn = decide(number, world.clerk, "approve", 1), commands.withdraw(number=number, actor=owner)
    return number, await together(decided, withdrawn)


@pytest.mark.race(is_control=True)
@pytest.mark.usefixtures("unguarded")
async def test_control_without_the_guard_a_case_is_approved_and_withdrawn(world: World) -> None:
    owner = await person(world)
    answers = [(await approve_and_withdraw(world, owner))[1] for _ in range(20)]
    assert [None, None] in answers


@pytest.mark.race(control="test_control_without_the_guard_a_case_is_approved_and_withdrawn")
async def test_withdrawn_at_the_moment_of_decision(world: World) -> None:
    owner = await person(world)
    for _ in range(100):
        number, answers = await approve_and_withdraw(world, owner)
        case = await Case.get(number=number)
        assert sorted(answer is None for answer in answers) == [False, True]
        assert case.status == ("approved" if answers[0] is None else "withdrawn")
        assert await database.scalar(DECIDED, case.id) == 1


@pytest.mark.race(control=WITHOUT_GUARD)
async def test_ten_clerks_at_once(world: World) -> None:
    owner = await person(world)
    for _ in range(20):
        number = await at_town(world, owner)
        answers = await together(*(decide(number, world.clerk, "approve", 1) for _ in range(10)))
        assert sum(answer is None for answer in answers) == 1
        assert all(answer is None or answer.code == "already_decided" for answer in answers)


async def correct_ten_times(world: World) -> tuple[str, list[Any]]:
    owner = await person(world)
    number = await at_town(world, owner)
    await decide(number, world.clerk, "return", 1, corrections=[flag("reason")])
    data = CorrectionsInput(form={"reason": "车祸"}, version=2)
    return number, await together(*(commands.correct(number=number, data=data, actor=owner) for _ in range(10)))


@pytest.mark.race(is_control=True)
async def test_control_without_guard_and_key_a_correction_counts_many_times(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
    async with without_keys("case_round"), without_keys("case_key"), without_keys("outbox"):
        _, answers = await correct_ten_times(world)
    assert answers.count(None) > 1


@pytest.mark.race(control="test_control_without_guard_and_key_a_correction_counts_many_times")
async def test_a_correction_sent_ten_times_at_once(world: World) -> None:
    number, answers = await correct_ten_times(world)
    assert sum(answer is None for answer in answers) == 1
    assert {answer.code for answer in answers if answer is not None} == {"already_decided"}
    assert (await Case.get(number=number)).round == 2
    assert await database.scalar("SELECT COUNT(*) FROM case_round") == 1


async def urge_ten_times(world: World) -> tuple[str, list[Any]]:
    owner = await person(world)
    number = await at_town(world, owner)
    return number, await together(*(commands.urge(number=number, actor=owner) for _ in range(10)))


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_it_is_urged_many_times(world: World) -> None:
    with without_words(" AND (urged_at IS NULL OR urged_at <= %s)", " AND %s IS NOT NULL"):
        number, _ = await urge_ten_times(world)
    assert (await Case.get(number=number)).urge_count > 1


@pytest.mark.race(control="test_control_without_the_condition_it_is_urged_many_times")
async def test_urged_ten_times_at_once(world: World) -> None:
    number, answers = await urge_ten_times(world)
    assert sum(answer is None for answer in answers) == 1
    assert all(answer is None or isinstance(answer, TooMany) for answer in answers)
    assert (await Case.get(number=number)).urge_count == 1


async def save_ten_times(owner: Actor, version: int | None) -> list[Any]:
    def save(reason: str) -> Any:
        data = DraftInput(form={"reason": reason}, version=version)
        return commands.save_draft(slug="sample-aid", data=data, actor=owner)

    return await together(*(save(str(each)) for each in range(10)))


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_there_are_many_drafts(world: World) -> None:
    owner = await person(world)
    async with without_keys("draft"):
        await save_ten_times(owner, None)
        assert await database.scalar("SELECT COUNT(*) FROM draft") > 1


@pytest.mark.race(control="test_control_without_its_key_there_are_many_drafts")
async def test_ten_windows_begin_one_draft(world: World) -> None:
    first = await save_ten_times(await person(world), None)
    assert any(not isinstance(answer, AppError) for answer in first)
    assert await database.scalar("SELECT COUNT(*) FROM draft") == 1


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_windows_overwrite_each_other(world: World) -> None:
    owner = await person(world)
    await save_ten_times(owner, None)
    version = await database.scalar("SELECT version FROM draft")
    with without_lock(), without_words(" AND version >= %s AND version <= %s", " AND %s > 0 AND %s > 0"):
        answers = await save_ten_times(owner, version)
    assert sum(not isinstance(answer, BaseException) for answer in answers) > 1


@pytest.mark.race(control="test_control_without_the_condition_windows_overwrite_each_other")
async def test_ten_windows_save_the_same_version_once(world: World) -> None:
    owner = await person(world)
    await save_ten_times(owner, None)
    version = await database.scalar("SELECT version FROM draft")
    answers = await save_ten_times(owner, version)
    kept = [answer for answer in answers if not isinstance(answer, AppError)]
    assert [answer.version for answer in kept] == [version + 1]
    assert {answer.code for answer in answers if isinstance(answer, AppError)} == {"draft_changed"}
