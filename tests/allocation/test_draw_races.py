"""Entries against the draw, and draws against each other; with the guard off somebody is left out or drawn twice."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from backend.allocation import commands, queries
from backend.allocation.enums import DrawState
from backend.core import clock, database
from backend.core.actor import SYSTEM
from backend.core.errors import Conflict
from backend.home import doctor
from tests.allocation.samples import answers_of, broken, draw_of, enter
from tests.unguarded import without_lock, without_words

OPEN_FOR = timedelta(seconds=0.4)
ENTERING, DRAWING, AFTER = 8, 4, 5


async def rush_to_the_end(pool_id: int) -> Counter[str]:
    """Some enter one after the other, while others draw as soon as they may. Each goes on a little after the draw."""
    told: Counter[str] = Counter()

    async def entering(first: int) -> None:
        after = 0
        while after < AFTER:
            after += (await queries.draw(pool_id)).state is DrawState.DRAWN
            told.update(await answers_of(enter(pool_id, first)))
            first += ENTERING

    async def drawing() -> None:
        drawn = False
        while not drawn:
            drawn = (await answers_of(commands.draw(pool_id=pool_id, actor=SYSTEM)))["ok"] == 1

    await asyncio.gather(*(entering(number) for number in range(ENTERING)), *(drawing() for _ in range(DRAWING)))
    return told


@pytest.mark.race(control="test_control_without_its_end_entries_come_after_the_draw")
async def test_whoever_enters_is_drawn_or_told_that_it_is_too_late(db: None) -> None:
    pool_id = await draw_of(10, clock.now() + OPEN_FOR)
    told = await rush_to_the_end(pool_id)
    held = await queries.draw(pool_id)
    assert set(told) == {"ok", "entries_closed"}
    assert told["ok"] == held.entries == held.entered == len(await queries.drawn_order(pool_id))
    assert await queries.entries_now(pool_id) == 0
    assert await broken() == []
    assert await doctor._worked_out() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_end_entries_come_after_the_draw(db: None) -> None:
    pool_id = await draw_of(10, clock.now() + OPEN_FOR)
    # The beginning stays in force, the end does not.
    with without_words(
        "id = %s AND state = %s AND (opens_at IS NULL OR opens_at <= %s) AND closes_at > %s",
        "id = %s AND %s <> '' AND %s IS NOT NULL AND %s IS NOT NULL",
    ):
        told = await rush_to_the_end(pool_id)
    assert told["ok"] > (await queries.draw(pool_id)).entries
    assert await queries.entries_now(pool_id) > 0
    assert "an entry and its draw do not agree" in await broken()


async def twenty_draws() -> tuple[Counter[str], int]:
    """What all of them were told, and how often it was drawn."""
    pool_id = await draw_of(10, clock.now() + OPEN_FOR)
    for person in range(30):
        await enter(pool_id, person)
    await asyncio.sleep(OPEN_FOR.total_seconds())
    told = await answers_of(*(commands.draw(pool_id=pool_id, actor=SYSTEM) for _ in range(20)))
    return told, await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'draw.drawn'")


@pytest.mark.race(control="test_control_without_its_state_it_is_drawn_several_times")
async def test_twenty_draw_at_once_and_it_is_drawn_once(db: None) -> None:
    assert await twenty_draws() == ({"ok": 20}, 1)
    assert await broken() == []
    assert await doctor._worked_out() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_state_it_is_drawn_several_times(db: None) -> None:
    with without_words(" AND state = %s AND closes_at <= %s", " AND %s <> '' AND closes_at <= %s"):
        _, times = await twenty_draws()
    assert times > 1
    assert await doctor._worked_out() != []


async def numbers_of_a_rush(pool_id: int) -> list[int]:
    entries = await asyncio.gather(*(enter(pool_id, person) for person in range(100)), return_exceptions=True)
    return sorted(one.entry_no or 0 for one in entries if not isinstance(one, BaseException))


@pytest.mark.race(control="test_control_without_its_statement_two_have_one_number")
async def test_a_hundred_enter_and_have_a_hundred_numbers(db: None) -> None:
    pool_id = await draw_of(10, clock.now() + timedelta(hours=1))
    assert await numbers_of_a_rush(pool_id) == list(range(1, 101))


@pytest.mark.race(is_control=True)
async def test_control_without_its_statement_two_have_one_number(db: None) -> None:
    """Where the number stands still, the key of numbers refuses the second."""
    pool_id = await draw_of(10, clock.now() + timedelta(hours=1))
    with without_lock(), without_words("entered + 1", "entered + 1 - entered"):
        assert len(await numbers_of_a_rush(pool_id)) < 100


async def closed_and_drawn() -> set[str]:
    """Closing and drawing at one instant: what became of the entries and of the draw."""
    pool_id = await draw_of(5, clock.now() + OPEN_FOR)
    for person in range(10):
        await enter(pool_id, person)
    await asyncio.sleep(OPEN_FOR.total_seconds())
    answers = await asyncio.gather(
        *(commands.draw(pool_id=pool_id, actor=SYSTEM) for _ in range(5)),
        *(commands.close_pool(SYSTEM, pool_id=pool_id) for _ in range(5)),
        return_exceptions=True,
    )
    assert all(one is None or not isinstance(one, BaseException) or isinstance(one, Conflict) for one in answers)
    return {row["state"] for row in await database.rows("SELECT state FROM place_claim")}


@pytest.mark.race(control="test_control_without_its_state_it_is_drawn_several_times")
async def test_it_is_closed_or_drawn_and_never_half_of_each(db: None) -> None:
    assert await closed_and_drawn() in ({"lapsed"}, {"held", "lost"})
    assert await broken() == []
    assert await doctor._worked_out() == []
