"""The tasks of the queue, run directly: every event is acted on, once, whatever the others do."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

from backend.core import clock, database, outbox, relay
from backend.core.command import command
from workers import reactions, tasks

pytestmark = pytest.mark.usefixtures("db")

MORNING = "2026-03-10T09:00:00+08:00"


class Probe(msgspec.Struct, frozen=True):
    number: int


class Seen:
    """What the reaction under test was given, and how it behaves."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.keys: list[str] = []
        self.poison: set[int] = set()
        self.parts = 1

    async def react(self, event: Probe, key: str) -> bool:
        self.numbers.append(event.number)
        self.keys.append(key)
        if event.number in self.poison:
            raise RuntimeError(f"cannot act on 15400000001, number {event.number}")
        return self.numbers.count(event.number) >= self.parts


class Bell:
    """Stands for Redis, another program: notes what was rung."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.answered = 0

    async def enqueue_job(self, task: str, *, _queue_name: str) -> None:
        self.rung.append(task)

    async def delete(self, key: str) -> None:
        self.answered += 1


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    made = Seen()
    monkeypatch.setitem(reactions.REACTIONS, Probe, (made.react,))
    return made


@command
async def emit(*numbers: int) -> None:
    for number in numbers:
        await outbox.emit(Probe(number), key=f"probe:{number}")


async def states() -> dict[str, int]:
    found = await database.rows("SELECT state, COUNT(*) AS events FROM outbox GROUP BY state")
    return {row["state"]: row["events"] for row in found}


async def test_a_drain_acts_on_everything_in_order(seen: Seen) -> None:
    await emit(*range(30))
    await tasks.drain_outbox({})
    assert seen.numbers == list(range(30))
    assert seen.keys[:2] == ["probe:0", "probe:1"]
    assert await states() == {"done": 30}
    await tasks.drain_outbox({})
    assert len(seen.numbers) == 30


async def test_a_drain_answers_the_bell_and_rings_for_the_messages(seen: Seen) -> None:
    bell = Bell()
    await tasks.drain_outbox({"redis": bell})
    assert (bell.answered, bell.rung) == (1, ["deliver"])
    await tasks.deliver({"redis": bell})
    assert bell.rung == ["deliver"]


async def test_a_long_queue_is_worked_in_slices(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "SLICE_SECONDS", -1.0)
    bell = Bell()
    await emit(1)
    await tasks.drain_outbox({"redis": bell})
    assert bell.rung == ["deliver", "drain_outbox"]
    assert (seen.numbers, await states()) == ([], {"waiting": 1})


async def test_a_stopping_worker_begins_nothing_new(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stop_after_the_second(event: Probe, key: str) -> bool:
        if event.number == 2:
            tasks.finish_up()
        return await seen.react(event, key)

    monkeypatch.setattr(tasks, "_stopping", False)
    monkeypatch.setitem(reactions.REACTIONS, Probe, (stop_after_the_second,))
    bell = Bell()
    await emit(1, 2, 3)
    await tasks.drain_outbox({"redis": bell})
    assert seen.numbers == [1, 2]
    assert bell.rung == ["deliver", "drain_outbox"]
    assert await states() == {"done": 2, "waiting": 1}


async def test_poison_delays_nobody_and_dies_after_ten_tries(seen: Seen, freeze: Callable[[str], datetime]) -> None:
    freeze(MORNING)
    seen.poison = {1}
    await emit(0, 1, 2)
    await tasks.drain_outbox({})
    assert seen.numbers == [0, 1, 2]
    assert await states() == {"done": 2, "waiting": 1}
    for _ in range(12):
        clock.advance(hours=4)
        await tasks.drain_outbox({})
    assert seen.numbers.count(1) == relay.MAX_ATTEMPTS
    [row] = await database.rows("SELECT state, attempts, last_error FROM outbox WHERE state <> 'done'")
    assert row == {
        "state": "dead",
        "attempts": 10,
        "last_error": "RuntimeError: cannot act on [phone], number 1",
    }


async def test_an_event_without_a_reaction_in_this_version_waits_for_a_newer_worker(
    freeze: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze(MORNING)
    await emit(1)
    await tasks.drain_outbox({})
    assert await database.rows("SELECT state, last_error FROM outbox") == [
        {"state": "waiting", "last_error": "UnknownEvent: workers.Probe"}
    ]
    seen = Seen()
    monkeypatch.setitem(reactions.REACTIONS, Probe, (seen.react,))
    clock.advance(seconds=1)
    await tasks.drain_outbox({})
    assert (seen.numbers, await states()) == ([1], {"done": 1})


async def test_long_work_is_done_in_parts_between_the_others(seen: Seen) -> None:
    seen.parts = 3
    await emit(1, 2)
    await tasks.drain_outbox({})
    assert sorted(seen.numbers) == [1, 1, 1, 2, 2, 2]
    assert seen.numbers[:2] == [1, 2]
    assert await states() == {"done": 2}


async def test_a_reaction_that_never_ends_is_a_failure(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(event: Probe, key: str) -> bool:
        await asyncio.Event().wait()
        return True

    monkeypatch.setitem(reactions.REACTIONS, Probe, (hang,))
    monkeypatch.setattr(tasks, "REACTION_SECONDS", 0.01)
    await emit(1)
    await tasks.drain_outbox({})
    assert await database.rows("SELECT state, attempts, last_error FROM outbox") == [
        {"state": "waiting", "attempts": 1, "last_error": "TimeoutError: "}
    ]


async def test_a_long_reaction_keeps_its_lease(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two drains side by side: the second never begins what the first still works on."""
    ends: list[Any] = []

    async def wait_for_two_renewals(event: Probe, key: str) -> bool:
        while len(set(ends)) < 3:
            ends.append(await database.scalar("SELECT next_at FROM outbox"))
            assert await relay.claim() is None
        return True

    monkeypatch.setitem(reactions.REACTIONS, Probe, (wait_for_two_renewals,))
    monkeypatch.setattr(relay, "LEASE", relay.LEASE / 200)
    await emit(1)
    await tasks.drain_outbox({})
    assert await states() == {"done": 1}


async def test_one_long_reaction_holds_up_nobody(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    release = asyncio.Event()

    async def wait_for_the_second(event: Probe, key: str) -> bool:
        seen.numbers.append(event.number)
        if event.number == 1:
            await release.wait()
        else:
            release.set()
        return True

    monkeypatch.setitem(reactions.REACTIONS, Probe, (wait_for_the_second,))
    await emit(1, 2)
    await asyncio.gather(tasks.drain_outbox({}), tasks.drain_outbox({}))
    assert sorted(seen.numbers) == [1, 2]
    assert await states() == {"done": 2}


async def test_one_event_may_have_several_reactions(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Seen()
    monkeypatch.setitem(reactions.REACTIONS, Probe, (seen.react, other.react))
    other.parts = 2
    await emit(1)
    await tasks.drain_outbox({})
    assert (seen.numbers, other.numbers) == ([1, 1], [1, 1])
    assert await states() == {"done": 1}
