"""A rush gets exactly what there is; with the guard off it gets more, or the count is wrong."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from backend.allocation import commands, queries
from backend.core import database
from backend.core.actor import SYSTEM
from backend.core.errors import AppError
from tests.allocation.samples import claim, counted, pool_of
from tests.unguarded import without_keys, without_lock, without_words


async def answers_of(*attempts: Coroutine[Any, Any, object]) -> Counter[str]:
    """How many got what they asked for, and the codes of the others."""
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    unexpected = [one for one in answers if isinstance(one, BaseException) and not isinstance(one, AppError)]
    assert unexpected == []
    return Counter(one.code if isinstance(one, AppError) else "ok" for one in answers)


async def held(pool_id: int) -> int:
    return await database.scalar("SELECT COUNT(*) FROM place_claim WHERE pool_id = %s AND state = 'held'", pool_id)


@pytest.mark.parametrize(("clients", "places"), [(300, 100), (64, 1)])
@pytest.mark.race(control="test_control_without_its_condition_more_is_given_out_than_there_is")
async def test_a_rush_gets_what_there_is(db: None, clients: int, places: int) -> None:
    pool_id = await pool_of(places)
    answers = await answers_of(*(claim(pool_id, person) for person in range(clients)))
    assert answers == {"ok": places, "sold_out": clients - places}
    assert (await held(pool_id), (await counted(pool_id))["taken"]) == (places, places)
    assert await queries.sold_out(pool_id)


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_more_is_given_out_than_there_is(db: None) -> None:
    """Nor without the number that the statement tells: with none left it says that it took nothing."""
    pool_id = await pool_of(10)
    unguarded = without_words(" AND taken + %s <= capacity", " AND %s > 0")
    with without_lock(), unguarded, without_words("capacity - taken", "1000"):
        answers = await answers_of(*(claim(pool_id, person) for person in range(64)))
    assert answers["ok"] > 10
    assert await held(pool_id) > 10


@pytest.mark.race(control="test_control_without_its_key_a_person_has_several")
async def test_one_person_fifty_times_has_one_place(db: None) -> None:
    pool_id = await pool_of(100)
    answers = await answers_of(*(claim(pool_id, 1, f"tap {number}") for number in range(50)))
    assert answers == {"ok": 1, "already_claimed": 49}
    assert (await held(pool_id), (await counted(pool_id))["taken"]) == (1, 1)


@pytest.mark.race(control="test_control_without_its_key_a_person_has_several")
async def test_one_key_fifty_times_is_one_claim(db: None) -> None:
    pool_id = await pool_of(100, per_person=5)
    made = await asyncio.gather(*(claim(pool_id, 1, "once") for _ in range(50)))
    assert len({one.id for one in made}) == 1
    assert (await held(pool_id), (await counted(pool_id))["taken"]) == (1, 1)


@pytest.mark.race(control="test_control_without_its_key_a_person_has_several")
async def test_three_places_a_person_and_no_fourth(db: None) -> None:
    pool_id = await pool_of(100, per_person=3)
    answers = await answers_of(*(claim(pool_id, 1, f"tap {number}") for number in range(30)))
    assert answers == {"ok": 3, "already_claimed": 27}
    assert (await held(pool_id), (await counted(pool_id))["taken"]) == (3, 3)


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_person_has_several(db: None) -> None:
    pool_id = await pool_of(100)
    async with without_keys("place_claim"):
        answers = await answers_of(*(claim(pool_id, 1, "once") for _ in range(50)))
        assert answers["ok"] > 1
        assert await held(pool_id) > 1


async def times(count: int, act: Callable[[], Coroutine[Any, Any, object]]) -> Counter[str]:
    return await answers_of(*(act() for _ in range(count)))


@pytest.mark.race(control="test_control_without_its_state_a_place_comes_back_several_times")
async def test_a_place_given_back_twenty_times_comes_back_once(db: None) -> None:
    pool_id = await pool_of(50)
    await commands.take_many(pool_id, 30)
    made = await claim(pool_id, 1)
    await times(20, lambda: commands.release(claim_id=made.id, actor=SYSTEM))
    assert (await counted(pool_id))["taken"] == 30


@pytest.mark.race(is_control=True)
async def test_control_without_its_state_a_place_comes_back_several_times(db: None) -> None:
    pool_id = await pool_of(50)
    await commands.take_many(pool_id, 30)
    made = await claim(pool_id, 1)
    with without_words(" AND state IN (%s, %s)", " AND %s <> %s"):
        await times(20, lambda: commands.release(claim_id=made.id, actor=SYSTEM))
    assert (await counted(pool_id))["taken"] < 30
