"""Decisions taken together: locked at once, undone within ten minutes, decided after them; each row has its result."""

import asyncio

import pytest

from backend.casework import commands, queries
from backend.casework.commands import batches
from backend.casework.models import Case
from backend.casework.queries.batching import Judged
from backend.casework.schemas import BatchInput, BatchItem
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.unions.models import StaffPost
from tests.casework.world import World, aid_form, audited, decide, outbox, person, sent


async def at_town(world: World, count: int) -> list[str]:
    """Cases of different people straight at the town's desk."""
    numbers = []
    for sequence in range(1, count + 1):
        form = sent(aid_form(world, sequence, target_org=""))
        numbers.append(await commands.submit(slug="sample-aid", data=form, actor=await person(world)))
    return numbers


def batch_of(numbers: list[str], action: str = "approve") -> BatchInput:
    return BatchInput(action=action, cases=[BatchItem(number=one, version=1) for one in numbers])


async def start(world: World, data: BatchInput) -> str:
    return await batches.start(data=data, actor=world.clerk)


async def run(batch: str) -> None:
    while not await batches.run(ids.parse(batch) or 0):
        pass


async def statuses(numbers: list[str]) -> list[str]:
    return [(await Case.get(number=one)).status for one in numbers]


async def test_a_preview_says_what_would_happen_and_changes_nothing(world: World) -> None:
    first, second, third = await at_town(world, 3)
    await decide(second, world.clerk, "reject", 1, comment="不符合条件")
    seen = await queries.batch_preview(batch_of([first, second, third, "SA2026-999999"]), world.clerk)
    assert (seen.counts.total, seen.counts.ok, seen.counts.refused, seen.counts.amount_fen) == (4, 2, 2, 90_000)
    assert [(one.number, one.code) for one in seen.results] == [
        (second, "batch_stale"),
        ("SA2026-999999", "case_not_found"),
        (first, ""),
        (third, ""),
    ]
    assert seen.batch is None
    assert await database.scalar("SELECT COUNT(*) FROM batch") == 0


async def test_cases_are_locked_at_once_and_decided_when_the_time_is_over(world: World) -> None:
    numbers = await at_town(world, 3)
    batch = await start(world, batch_of(numbers))
    assert await statuses(numbers) == ["submitted"] * 3
    assert "casework.CaseApproved" not in await outbox()
    with pytest.raises(Conflict) as locked:
        await decide(numbers[0], world.second_clerk, "reject", 2, comment="不行")
    assert locked.value.code == "in_batch"
    assert (await queries.desk_case(numbers[0], world.second_clerk)).may == []
    await run(batch)
    assert await statuses(numbers) == ["submitted"] * 3  # not before its time
    clock.advance(minutes=10)
    await run(batch)
    assert await statuses(numbers) == ["approved"] * 3
    done = await queries.own_batch(batch, world.clerk)
    assert (done.state, done.counts.ok, [one.state for one in done.results]) == ("done", 3, ["done"] * 3)
    assert (await outbox()).count("casework.CaseApproved") == 3
    assert (await audited()).count("case.approve") == 3


async def test_running_it_again_decides_nothing_twice(world: World) -> None:
    numbers = await at_town(world, 2)
    batch = await start(world, batch_of(numbers))
    clock.advance(minutes=11)
    await run(batch)
    await run(batch)
    assert await database.scalar("SELECT COUNT(*) FROM step_decision") == 2


async def test_undone_everything_is_as_it_was(world: World) -> None:
    numbers = await at_town(world, 2)
    batch = await start(world, batch_of(numbers))
    clock.advance(minutes=9)
    with pytest.raises(NotFound):
        await batches.undo(batch=batch, actor=world.second_clerk)
    await batches.undo(batch=batch, actor=world.clerk)
    clock.advance(minutes=5)
    await run(batch)
    assert await statuses(numbers) == ["submitted"] * 2
    assert (await queries.own_batch(batch, world.clerk)).state == "undone"
    await decide(numbers[0], world.second_clerk, "approve", 3)
    with pytest.raises(Conflict) as over:
        await batches.undo(batch=batch, actor=world.clerk)
    assert over.value.code == "batch_over"


async def test_after_ten_minutes_it_cannot_be_undone(world: World) -> None:
    batch = await start(world, batch_of(await at_town(world, 1)))
    clock.advance(minutes=10)
    with pytest.raises(Conflict) as over:
        await batches.undo(batch=batch, actor=world.clerk)
    assert over.value.code == "batch_over"


async def test_withdrawn_meanwhile_is_a_row_that_failed_and_the_rest_goes_on(world: World) -> None:
    owner = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world, 50, target_org="")), actor=owner)
    [other] = await at_town(world, 1)
    batch = await start(world, batch_of([number, other]))
    await commands.withdraw(number=number, actor=owner)
    clock.advance(minutes=10)
    await run(batch)
    assert await statuses([number, other]) == ["withdrawn", "approved"]
    failed = (await queries.own_batch(batch, world.clerk)).results[0]
    assert (failed.number, failed.state, failed.ok) == (number, "failed", False)


async def test_a_clerk_who_left_decides_nothing(world: World) -> None:
    numbers = await at_town(world, 1)
    batch = await start(world, batch_of(numbers))
    await StaffPost.filter(account_id=world.clerk.account_id).update(standing=None)
    clock.advance(minutes=10)
    await run(batch)
    assert await statuses(numbers) == ["submitted"]
    assert (await queries.own_batch(batch, world.clerk)).results[0].state == "failed"
    await decide(numbers[0], world.second_clerk, "approve", 3)


async def test_others_cases_are_refused_not_decided(world: World) -> None:
    [number] = await at_town(world, 1)
    for actor, code in ((world.far_clerk, "case_not_found"), (world.aid, "other_desk")):
        seen = await queries.batch_preview(batch_of([number]), actor)
        assert [one.code for one in seen.results] == [code]


async def test_rejecting_needs_a_reason_one_or_one_each(world: World) -> None:
    first, second = await at_town(world, 2)
    with pytest.raises(Invalid) as refused:
        await start(world, batch_of([first], "reject"))
    assert refused.value.errors[0].field == "comment"
    cases = [BatchItem(number=first, version=1, comment="材料不全"), BatchItem(number=second, version=1)]
    batch = await start(world, BatchInput(action="reject", cases=cases, comment="不符合条件"))
    clock.advance(minutes=10)
    await run(batch)
    assert [(await Case.get(number=one)).decision_comment for one in (first, second)] == ["材料不全", "不符合条件"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (BatchInput(action="return", cases=[BatchItem(number="x", version=1)]), "action"),
        (BatchInput(action="approve", cases=[]), "cases"),
        (BatchInput(action="approve", cases=[BatchItem(number=str(n), version=1) for n in range(501)]), "cases"),
    ],
)
async def test_what_no_batch_can_be(world: World, data: BatchInput, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await start(world, data)
    assert [error.field for error in refused.value.errors] == [field]


async def test_all_that_match_are_frozen_as_they_are_now(world: World) -> None:
    numbers = await at_town(world, 3)
    rows = await queries.matching(world.clerk, queries.QueueQuery(service="sample-aid"), limit=500)
    assert sorted(row.number for row in rows) == sorted(numbers)
    await start(world, batch_of(numbers[:1]))
    rows = await queries.matching(world.clerk, queries.QueueQuery(service="sample-aid"), limit=500)
    assert sorted(row.number for row in rows) == sorted(numbers[1:])


async def _race(world: World, numbers: list[str]) -> int:
    """How many of two batches and a single decision got each case, together."""
    answers = await asyncio.gather(
        batches.start(data=batch_of(numbers), actor=world.clerk),
        batches.start(data=batch_of(numbers), actor=world.second_clerk),
        *(_try(number, world.second_clerk) for number in numbers),
    )
    locked = 0
    for batch, actor in zip(answers[:2], (world.clerk, world.second_clerk), strict=True):
        locked += (await queries.own_batch(str(batch), actor)).counts.ok
    return locked + sum(1 for answer in answers[2:] if answer)


async def _try(number: str, actor: Actor) -> bool:
    try:
        await decide(number, actor, "reject", 1, comment="不符合条件")
    except (Conflict, Forbidden):
        return False
    return True


@pytest.mark.race(control="test_control_without_the_guard_a_case_lies_in_two_batches")
async def test_two_batches_and_a_clerk_at_once_get_each_case_once(world: World) -> None:
    for _ in range(5):
        numbers = await at_town(world, 4)
        assert await _race(world, numbers) == 4
        await database.execute("DELETE FROM case_file")


async def _from_one_look(world: World, monkeypatch: pytest.MonkeyPatch) -> int:
    """Two batches over what both saw before either had begun, the narrowest moment there is."""
    data = batch_of(await at_town(world, 4))
    seen = await batches.judge(data, world.clerk)

    async def as_seen(data: BatchInput, actor: Actor) -> list[Judged]:
        return seen

    monkeypatch.setattr(batches, "judge", as_seen)
    made = [(await batches.start(data=data, actor=actor), actor) for actor in (world.clerk, world.second_clerk)]
    return sum([(await queries.own_batch(batch, actor)).counts.ok for batch, actor in made])


@pytest.mark.race(control="test_control_without_the_guard_a_case_lies_in_two_batches")
async def test_a_stale_look_locks_nothing_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _from_one_look(world, monkeypatch) == 4


@pytest.mark.race(is_control=True)
async def test_control_without_the_guard_a_case_lies_in_two_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_unlocked", lambda version: ("", []))
    assert await _from_one_look(world, monkeypatch) == 8
