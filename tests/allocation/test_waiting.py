"""The waiting list: in order, offered for a time, then to the next."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.allocation import commands, queries
from backend.allocation.commands import AlreadyClaimed, SoldOut, places
from backend.allocation.enums import ClaimState
from backend.core import clock, database
from backend.core.actor import SYSTEM
from backend.core.errors import Conflict, NotFound
from tests.allocation.samples import claim, counted, pool_of, states, wait

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon(freeze: object) -> None:
    clock.freeze(NOON)


async def full_pool(*waiting: int, **more: Any) -> int:
    """One place, held by person 1; these wait."""
    pool_id = await pool_of(1, waiting=True, offer_minutes=60, **more)
    await claim(pool_id, 1)
    for person in waiting:
        await wait(pool_id, person)
    return pool_id


async def only(pool_id: int, person_id: int) -> int:
    [found] = await queries.claims_of(person_id, pool_id)
    return found.id


async def release(pool_id: int, person_id: int) -> None:
    await commands.release(claim_id=await only(pool_id, person_id), actor=SYSTEM)


async def accept(pool_id: int, person_id: int) -> None:
    await commands.accept_offer(claim_id=await only(pool_id, person_id), person_id=person_id, actor=SYSTEM)


async def decline(pool_id: int, person_id: int) -> None:
    await commands.decline_offer(claim_id=await only(pool_id, person_id), person_id=person_id, actor=SYSTEM)


async def offers() -> list[str]:
    found = await database.rows("SELECT topic, payload FROM outbox ORDER BY id")
    return [f"{row['topic'].rpartition('.')[2]} {row['payload'].partition('person_id')[2][2:3]}" for row in found]


async def test_a_place_while_there_is_one_then_a_position(db: None) -> None:
    pool_id = await pool_of(1, waiting=True)
    assert (await wait(pool_id, 1)).state is ClaimState.HELD
    answers = [await wait(pool_id, person) for person in (2, 3)]
    assert [(one.state, one.position) for one in answers] == [(ClaimState.WAITING, 1), (ClaimState.WAITING, 2)]
    assert await wait(pool_id, 3) == answers[1]
    with pytest.raises(SoldOut):
        await claim(pool_id, 4)
    with pytest.raises(AlreadyClaimed):
        await wait(pool_id, 2, "again")
    assert await counted(pool_id) == {"capacity": 1, "taken": 1, "bulk": 0, "waiters": 2}


async def test_a_freed_place_is_offered_to_the_first_and_nobody_else_gets_it(db: None) -> None:
    pool_id = await full_pool(2, 3)
    await release(pool_id, 1)
    assert await states(pool_id) == {1: "released", 2: "offered", 3: "waiting"}
    offered = await queries.claim(await only(pool_id, 2))
    assert (offered.offered_until, offered.position) == (NOON + timedelta(hours=1), None)
    assert (await queries.claim(await only(pool_id, 3))).position == 1
    with pytest.raises(SoldOut):
        await claim(pool_id, 4)
    assert await queries.sold_out(pool_id)
    await accept(pool_id, 2)
    await accept(pool_id, 2)
    assert await states(pool_id) == {1: "released", 2: "held", 3: "waiting"}
    assert await counted(pool_id) == {"capacity": 1, "taken": 1, "bulk": 0, "waiters": 1}
    assert await offers() == ["PlaceOffered 2"]


async def test_an_offer_that_is_declined_goes_on(db: None) -> None:
    pool_id = await full_pool(2, 3)
    await release(pool_id, 1)
    second = await only(pool_id, 2)
    for _ in range(2):
        await commands.decline_offer(claim_id=second, person_id=2, actor=SYSTEM)
    assert await states(pool_id) == {1: "released", 2: "declined", 3: "offered"}
    with pytest.raises(Conflict):
        await commands.accept_offer(claim_id=second, person_id=2, actor=SYSTEM)


async def test_offers_nobody_accepts_go_down_the_list_until_the_place_is_free(db: None) -> None:
    pool_id = await full_pool(2, 3)
    await release(pool_id, 1)
    clock.advance(minutes=59)
    assert await commands.lapse_offers(clock.now()) == 0
    clock.advance(minutes=1)
    second = await only(pool_id, 2)
    with pytest.raises(Conflict) as caught:
        await accept(pool_id, 2)
    assert caught.value.code == "place_offer_over"
    assert await commands.lapse_offers(clock.now()) > 0
    assert await commands.lapse_offers(clock.now()) == 0
    assert await states(pool_id) == {1: "released", 2: "lapsed", 3: "offered"}
    with pytest.raises(Conflict):
        await commands.decline_offer(claim_id=second, person_id=2, actor=SYSTEM)
    clock.advance(minutes=60)
    assert await commands.lapse_offers(clock.now()) > 0
    assert await counted(pool_id) == {"capacity": 1, "taken": 0, "bulk": 0, "waiters": 0}
    assert not await queries.sold_out(pool_id)
    assert await offers() == ["PlaceOffered 2", "OfferLapsed 2", "PlaceOffered 3", "OfferLapsed 3"]
    assert (await wait(pool_id, 2, "once more")).state is ClaimState.HELD


async def test_whoever_stops_waiting_is_passed_over(db: None) -> None:
    pool_id = await full_pool(2, 3)
    await release(pool_id, 2)
    assert (await queries.claim(await only(pool_id, 3))).position == 1
    await release(pool_id, 1)
    assert await states(pool_id) == {1: "released", 2: "released", 3: "offered"}
    assert await counted(pool_id) == {"capacity": 1, "taken": 1, "bulk": 0, "waiters": 0}


async def test_more_places_are_offered_in_order(db: None) -> None:
    pool_id = await full_pool(2, 3, 4)
    await commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=3, version=1)
    assert await states(pool_id) == {1: "held", 2: "offered", 3: "offered", 4: "waiting"}
    await commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=9, version=2)
    assert await counted(pool_id) == {"capacity": 9, "taken": 4, "bulk": 0, "waiters": 0}
    assert not await queries.sold_out(pool_id)


async def test_what_becomes_free_in_a_pause_is_offered_after_it(db: None) -> None:
    pool_id = await full_pool(2)
    await commands.pause(SYSTEM, pool_id=pool_id)
    await release(pool_id, 1)
    assert await states(pool_id) == {1: "released", 2: "waiting"}
    assert await queries.sold_out(pool_id)
    assert await commands.lapse_offers(clock.now()) == 0
    await commands.resume(SYSTEM, pool_id=pool_id)
    assert await states(pool_id) == {1: "released", 2: "offered"}


async def test_at_the_end_nobody_waits_and_offers_stand(db: None) -> None:
    pool_id = await full_pool(2, 3)
    await release(pool_id, 1)
    await commands.close_pool(SYSTEM, pool_id=pool_id)
    assert await states(pool_id) == {1: "released", 2: "offered", 3: "lapsed"}
    await accept(pool_id, 2)
    await release(pool_id, 2)
    assert await counted(pool_id) == {"capacity": 1, "taken": 0, "bulk": 0, "waiters": 0}


async def test_an_offer_ends_with_the_pools_time(db: None) -> None:
    pool_id = await full_pool(2, closes_at=NOON + timedelta(minutes=30))
    await release(pool_id, 1)
    assert (await queries.claim(await only(pool_id, 2))).offered_until == NOON + timedelta(minutes=30)


async def test_no_list_where_none_is_kept(db: None) -> None:
    pool_id = await pool_of(1)
    await claim(pool_id, 1)
    with pytest.raises(Conflict) as caught:
        await wait(pool_id, 2)
    assert caught.value.code == "no_waiting_list"
    await commands.pause(SYSTEM, pool_id=pool_id)
    with pytest.raises(Conflict) as caught:
        await wait(pool_id, 2)
    assert caught.value.code == "pool_paused"
    assert await states(pool_id) == {1: "held"}


async def test_an_offer_is_nobody_elses(db: None) -> None:
    pool_id = await full_pool(2)
    await release(pool_id, 1)
    offered = await only(pool_id, 2)
    for act in (commands.accept_offer, commands.decline_offer):
        with pytest.raises(NotFound):
            await act(claim_id=offered, person_id=3, actor=SYSTEM)


async def test_many_offers_are_made_in_pieces(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "OFFERS_AT_ONCE", 2)
    pool_id = await full_pool(2, 3, 4, 5, 6)
    await commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=6, version=1)
    assert (await counted(pool_id))["waiters"] == 3
    assert await queries.sold_out(pool_id)
    runs = [await commands.lapse_offers(clock.now()) for _ in range(3)]
    assert (runs[0] > 0, runs[1] > 0, runs[2]) == (True, True, 0)
    assert await counted(pool_id) == {"capacity": 6, "taken": 6, "bulk": 0, "waiters": 0}


async def test_places_in_bulk_do_not_jump_the_list(db: None) -> None:
    pool_id = await pool_of(2, waiting=True)
    await commands.take_many(pool_id, 2)
    await wait(pool_id, 1)
    await commands.give_back_many(pool_id, 2)
    assert await states(pool_id) == {1: "offered"}
    await commands.take_many(pool_id, 1)
    assert await counted(pool_id) == {"capacity": 2, "taken": 2, "bulk": 1, "waiters": 0}
