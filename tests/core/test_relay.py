"""Leases on events: nobody else gets a claimed one, a lost one comes back, a poisoned one dies alone."""

import asyncio
from datetime import datetime, timedelta

import msgspec
import pytest

from backend.core import clock, database, outbox, relay
from backend.core.command import command
from tests.unguarded import without_lock

pytestmark = pytest.mark.usefixtures("db")

MORNING = "2026-03-10T09:00:00+08:00"


class _Next(msgspec.Struct):
    next_at: datetime


class Happened(msgspec.Struct, frozen=True):
    number: int


@command
async def happen(*numbers: int) -> None:
    for number in numbers:
        await outbox.emit(Happened(number), key=str(number))


async def states() -> list[tuple[str, int]]:
    return [(row["state"], row["attempts"]) for row in await database.rows("SELECT * FROM outbox ORDER BY id")]


async def claim() -> relay.Claimed:
    claimed = await relay.claim()
    assert claimed is not None
    return claimed


async def test_nothing_is_due_in_an_empty_outbox() -> None:
    assert await relay.claim() is None


async def test_the_oldest_event_comes_first_and_each_once(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    clock.advance(seconds=1)
    await happen(2)
    first, second = await claim(), await claim()
    assert [first.payload, second.payload] == ['{"number":1}', '{"number":2}']
    assert (first.topic, first.key) == (f"{Happened.__module__.split('.')[1]}.Happened", "1")
    assert await relay.claim() is None


async def test_the_same_key_is_one_event() -> None:
    await happen(1)
    await happen(1)
    assert await states() == [("waiting", 0)]


async def test_a_finished_event_never_comes_back(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    claimed = await claim()
    assert await relay.finish(claimed) is True
    clock.advance(days=3)
    assert await relay.claim() is None
    assert await states() == [("done", 1)]


async def test_the_event_of_a_dead_worker_comes_back_when_its_lease_ends(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    lost = await claim()
    clock.advance(seconds=29)
    assert await relay.claim() is None
    clock.advance(seconds=1)
    again = await claim()
    assert (again.id, again.attempts) == (lost.id, 2)
    assert again.lease != lost.lease


async def test_a_lease_that_is_renewed_does_not_end(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    held = await claim()
    for _ in range(3):
        clock.advance(seconds=20)
        assert await relay.renew(held) is True
        assert await relay.claim() is None
    clock.advance(seconds=30)
    assert (await claim()).id == held.id
    assert await relay.renew(held) is False


async def test_who_lost_the_lease_can_no_longer_settle_the_event(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    late = await claim()
    clock.advance(seconds=30)
    holder = await claim()
    assert await relay.finish(late) is False
    assert await relay.fail(late, "too late") is False
    assert await relay.resume(late) is False
    assert await relay.finish(holder) is True


async def test_a_failure_waits_longer_each_time_and_the_tenth_is_the_last(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    waits = []
    for _ in range(relay.MAX_ATTEMPTS - 1):
        await relay.fail(await claim(), "no luck")
        before = clock.now()
        due = await database.view(_Next, "SELECT next_at FROM outbox")
        assert due is not None
        waits.append(due.next_at - before)
        clock.freeze(due.next_at)
    await relay.fail(await claim(), "no luck")
    assert waits == [timedelta(seconds=s) for s in (1, 5, 30, 120, 600, 1800, 3600, 7200, 14400)]
    clock.advance(days=30)
    assert await relay.claim() is None
    assert await database.rows("SELECT state, attempts, last_error, lease FROM outbox") == [
        {"state": "dead", "attempts": 10, "last_error": "no luck", "lease": ""}
    ]


async def test_an_event_that_kills_its_worker_each_time_dies_too(freeze) -> None:
    freeze(MORNING)
    await happen(1, 2)
    await relay.finish(await claim())
    for _ in range(relay.MAX_ATTEMPTS):
        await claim()
        clock.advance(seconds=30)
    assert await relay.claim() is None
    assert await states() == [("done", 1), ("dead", 10)]


async def test_a_failing_event_does_not_hold_up_the_others(freeze) -> None:
    freeze(MORNING)
    await happen(1, 2, 3)
    await relay.fail(await claim(), "poison")
    assert [(await claim()).payload for _ in range(2)] == ['{"number":2}', '{"number":3}']


async def test_a_part_done_goes_behind_the_others_with_its_tries_forgotten(freeze) -> None:
    freeze(MORNING)
    await happen(1)
    clock.advance(seconds=1)
    await happen(2)
    clock.advance(seconds=1)
    long_one = await claim()
    assert await relay.resume(long_one) is True
    assert [(await claim()).payload for _ in range(2)] == ['{"number":2}', '{"number":1}']
    assert await states() == [("waiting", 1), ("waiting", 1)]


async def claim_together(events: int) -> list[int]:
    """Twice as many claims at once as there are events; the ids that were handed out."""
    await happen(*range(events))
    claimed = await asyncio.gather(*(relay.claim() for _ in range(2 * events)))
    return [one.id for one in claimed if one is not None]


@pytest.mark.race(control="test_control_without_its_guard_an_event_is_claimed_twice")
async def test_many_claim_at_once_and_each_event_is_claimed_once() -> None:
    handed_out = await claim_together(20)
    assert len(handed_out) == len(set(handed_out)) == 20
    assert await states() == [("waiting", 1)] * 20


@pytest.mark.race(is_control=True)
async def test_control_without_its_guard_an_event_is_claimed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_still_due", lambda now: ("", ()))
    with without_lock():
        handed_out = await claim_together(20)
    assert len(handed_out) > len(set(handed_out))
