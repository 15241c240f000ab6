"""A rush gets exactly what there is; with the guard off it gets more, or the count is wrong."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from backend.allocation import commands, queries
from backend.core import database
from backend.core.actor import SYSTEM
from tests.allocation.samples import answers_of, broken, claim, counted, pool_of, wait
from tests.unguarded import without_keys, without_lock, without_words


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


async def moving_list() -> int:
    """Twenty hold a place and forty wait. All twenty give theirs back while twenty more join; then half of those who
    were offered one decline."""
    pool_id = await pool_of(20, waiting=True)
    held_by = [await claim(pool_id, person) for person in range(20)]
    for person in range(20, 60):
        await wait(pool_id, person)
    await answers_of(
        *(commands.release(claim_id=one.id, actor=SYSTEM) for one in held_by),
        *(wait(pool_id, person) for person in range(60, 80)),
    )
    offered = await database.rows("SELECT id, person_id FROM place_claim WHERE state = 'offered'")
    acts = [commands.decline_offer if row["person_id"] % 2 else commands.accept_offer for row in offered]
    await answers_of(
        *(
            act(claim_id=row["id"], person_id=row["person_id"], actor=SYSTEM)
            for act, row in zip(acts, offered, strict=True)
        )
    )
    return pool_id


async def people(state: str) -> list[int]:
    found = await database.rows("SELECT person_id FROM place_claim WHERE state = %s ORDER BY queue_no", state)
    return [row["person_id"] for row in found]


@pytest.mark.race(control="test_control_without_the_pools_row_the_list_is_muddled")
async def test_a_list_that_moves_from_both_ends_stays_in_order(db: None) -> None:
    pool_id = await moving_list()
    assert await people("held") == list(range(20, 40, 2))
    assert await people("declined") == list(range(21, 40, 2))
    assert await people("offered") == list(range(40, 50))
    assert (await people("waiting"))[:10] == list(range(50, 60))
    assert sorted(await people("waiting")) == list(range(50, 80))
    assert await counted(pool_id) == {"capacity": 20, "taken": 20, "bulk": 0, "waiters": 30}
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_the_pools_row_the_list_is_muddled(db: None) -> None:
    with without_lock(), without_words("UPDATE pool SET turns = turns + 1 WHERE id = %s", "SELECT %s"):
        await moving_list()
    assert await broken() != []


async def said_yes_and_no(times: int) -> Counter[str]:
    """So many offers, each accepted, declined and given back at one instant."""
    pool_id = await pool_of(times, waiting=True)
    await commands.take_many(pool_id, times)
    for person in range(times):
        await wait(pool_id, person)
    await commands.give_back_many(pool_id, times)
    offered = await database.rows("SELECT id, person_id FROM place_claim WHERE state = 'offered'")
    return await answers_of(
        *(
            act(claim_id=row["id"], person_id=row["person_id"], actor=SYSTEM)
            for row in offered
            for act in (commands.accept_offer, commands.decline_offer)
        )
    )


@pytest.mark.race(control="test_control_without_its_state_an_offer_is_accepted_and_declined")
async def test_an_offer_is_accepted_or_declined(db: None) -> None:
    assert await said_yes_and_no(30) == {"ok": 30, "place_offer_over": 30}
    held_now, gone = await people("held"), await people("declined")
    assert sorted(held_now + gone) == list(range(30))
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_state_an_offer_is_accepted_and_declined(db: None) -> None:
    with without_lock(), without_words(" AND state IN (%s)", " AND %s <> ''"):
        assert (await said_yes_and_no(30))["ok"] > 30


async def twenty_capacities(pool_id: int) -> Counter[str]:
    changes = range(50, 70)
    return await answers_of(
        *(commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=each, version=1) for each in changes)
    )


@pytest.mark.race(control="test_control_without_the_pools_row_several_change_one_version")
async def test_one_of_twenty_changes_the_capacity(db: None) -> None:
    assert await twenty_capacities(await pool_of(10)) == {"ok": 1, "pool_changed": 19}


@pytest.mark.race(is_control=True)
async def test_control_without_the_pools_row_several_change_one_version(db: None) -> None:
    pool_id = await pool_of(10)
    with without_lock(), without_words("UPDATE pool SET turns = turns + 1 WHERE id = %s", "SELECT %s"):
        assert (await twenty_capacities(pool_id))["ok"] > 1
