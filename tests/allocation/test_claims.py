"""First come: a place once, never one too many, given back to all."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.allocation import commands, queries
from backend.allocation.commands import AlreadyClaimed, SoldOut, rush
from backend.allocation.enums import ClaimState, PoolState
from backend.allocation.schemas import Claim, NewPool, PoolFigures
from backend.core import clock, database, ids
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.core.errors import AppError, Conflict, NotFound
from tests.allocation.samples import claim, counted, pool_of, states

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


async def code_of(refused: type[AppError], attempt: object) -> str:
    with pytest.raises(refused) as caught:
        await attempt  # type: ignore[misc]
    return caught.value.code


async def test_a_place_is_taken_and_counted(db: None) -> None:
    pool_id = await pool_of(3)
    made = await claim(pool_id, 7)
    assert made == Claim(id=made.id, pool_id=pool_id, person_id=7, state=ClaimState.HELD, nth=1)
    assert await queries.figures(pool_id) == PoolFigures(
        capacity=3, taken=1, left=2, waiting=0, state=PoolState.OPEN, version=1
    )
    assert await queries.claims_of(7, pool_id) == [made]
    [row] = await database.rows("SELECT action, object_id FROM audit WHERE object_kind = 'place_claim'")
    assert row == {"action": "place.claimed", "object_id": made.id}


async def test_the_last_place_sets_the_marker_and_giving_it_back_takes_it_away(db: None) -> None:
    pool_id = await pool_of(2)
    await claim(pool_id, 1)
    assert not await queries.sold_out(pool_id)
    last = await claim(pool_id, 2)
    assert await queries.sold_out(pool_id)
    await commands.release(claim_id=last.id, actor=SYSTEM)
    assert not await queries.sold_out(pool_id)
    assert (await claim(pool_id, 3)).state is ClaimState.HELD
    assert await queries.sold_out(pool_id)
    assert await counted(pool_id) == {"capacity": 2, "taken": 2, "bulk": 0, "waiters": 0}


async def test_whoever_comes_too_late_is_told_and_leaves_nothing(db: None) -> None:
    pool_id = await pool_of(1)
    await claim(pool_id, 1)
    for _ in range(2):  # the first learns it from the pool, the second from the marker
        with pytest.raises(SoldOut):
            await claim(pool_id, 2)
    assert await states(pool_id) == {1: "held"}
    assert await counted(pool_id) == {"capacity": 1, "taken": 1, "bulk": 0, "waiters": 0}


async def test_a_sold_out_answer_does_not_ask_for_the_pools_row(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pool_id = await pool_of(1)
    await claim(pool_id, 1)
    with pytest.raises(SoldOut):
        await claim(pool_id, 2)
    said: list[str] = []
    adapt = database._adapt

    def noted(client: object, sql: str, params: object) -> object:
        said.append(sql)
        return adapt(client, sql, params)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "_adapt", noted)
    with pytest.raises(SoldOut):
        await claim(pool_id, 3)
    assert len(said) == 1
    assert "FROM pool_sold_out" in said[0]
    assert " pool " not in said[0]


async def test_the_marker_decides_nothing(db: None) -> None:
    """One that was left behind, or lost, costs time and changes no result."""
    pool_id = await pool_of(1)
    made = await claim(pool_id, 1)
    await database.execute("DELETE FROM pool_sold_out")
    with pytest.raises(SoldOut):
        await claim(pool_id, 2)
    await commands.release(claim_id=made.id, actor=SYSTEM)
    assert (await claim(pool_id, 2)).state is ClaimState.HELD


async def test_the_same_key_is_the_same_claim_even_when_all_is_gone(db: None) -> None:
    pool_id = await pool_of(1)
    made = await claim(pool_id, 1, "k")
    assert await claim(pool_id, 1, "k") == made
    with pytest.raises(SoldOut):
        await claim(pool_id, 2)
    assert await claim(pool_id, 1, "k") == made
    await commands.release(claim_id=made.id, actor=SYSTEM)
    assert (await claim(pool_id, 1, "k")).state is ClaimState.RELEASED
    assert (await counted(pool_id))["taken"] == 0


async def test_a_key_belongs_to_one_person(db: None) -> None:
    pool_id = await pool_of(2)
    await claim(pool_id, 1, "k")
    with pytest.raises(ValueError, match="another claim"):
        await claim(pool_id, 2, "k")


async def test_one_place_a_person(db: None) -> None:
    pool_id = await pool_of(2)
    await claim(pool_id, 1)
    assert await code_of(AlreadyClaimed, claim(pool_id, 1, "again")) == "already_claimed"
    await claim(pool_id, 2)
    with pytest.raises(SoldOut):
        await claim(pool_id, 3)
    assert await code_of(AlreadyClaimed, claim(pool_id, 1, "once more")) == "already_claimed"
    assert (await counted(pool_id))["taken"] == 2


async def test_so_many_places_a_person(db: None) -> None:
    pool_id = await pool_of(9, per_person=3)
    first, *_ = [await claim(pool_id, 1, f"k{number}") for number in range(3)]
    with pytest.raises(AlreadyClaimed):
        await claim(pool_id, 1, "k3")
    await commands.release(claim_id=first.id, actor=SYSTEM)
    await claim(pool_id, 1, "k4")
    with pytest.raises(AlreadyClaimed):
        await claim(pool_id, 1, "k5")
    nths = await database.rows("SELECT nth FROM place_claim WHERE nth IS NOT NULL ORDER BY nth")
    assert [row["nth"] for row in nths] == [1, 2, 3]
    assert (await counted(pool_id))["taken"] == 3


async def test_giving_back_twice_is_once(db: None) -> None:
    pool_id = await pool_of(2)
    made = await claim(pool_id, 1)
    await claim(pool_id, 2)
    for _ in range(2):
        await commands.release(claim_id=made.id, actor=SYSTEM)
    assert await counted(pool_id) == {"capacity": 2, "taken": 1, "bulk": 0, "waiters": 0}
    assert await queries.claims_of(1, pool_id) == []


async def test_places_without_claims(db: None) -> None:
    pool_id = await pool_of(10)
    await commands.take_many(pool_id, 6)
    with pytest.raises(SoldOut):
        await commands.take_many(pool_id, 5)
    await commands.take_many(pool_id, 4)
    assert await queries.sold_out(pool_id)
    await commands.give_back_many(pool_id, 3)
    assert not await queries.sold_out(pool_id)
    await claim(pool_id, 1)
    assert await counted(pool_id) == {"capacity": 10, "taken": 8, "bulk": 7, "waiters": 0}
    with pytest.raises(ValueError, match="in bulk"):
        await commands.give_back_many(pool_id, 8)
    for act in (commands.take_many, commands.give_back_many):
        await act(pool_id, 0)
        with pytest.raises(ValueError, match="-1"):
            await act(pool_id, -1)
    assert await counted(pool_id) == {"capacity": 10, "taken": 8, "bulk": 7, "waiters": 0}


async def test_another_domains_rows_come_with_the_place_or_not_at_all(db: None) -> None:
    """How vouchers use it: reserve, their own rows, take."""
    pool_id = await pool_of(1)

    @command
    async def issue(person_id: int, key: str) -> int:
        reserved = await commands.reserve(pool_id=pool_id, person_id=person_id, key=key)
        if reserved.is_new:
            await database.insert("sequence", {"name": key, "next": person_id})
            await commands.take(pool_id)
        return reserved.claim.id

    async def hurried(person_id: int, key: str) -> int:
        async with commands.in_turn(pool_id=pool_id, person_id=person_id, key=key) as known:
            return known.id if known else await issue(person_id, key)

    claim_id = await hurried(1, "a")
    for number in (2, 3):
        with pytest.raises(SoldOut):
            await hurried(number, f"b{number}")
    assert await hurried(1, "a") == claim_id
    assert [row["name"] for row in await database.rows("SELECT name FROM sequence WHERE name <> 'process'")] == ["a"]
    assert rush._gates.get(pool_id) is None  # nobody waits, so nothing is kept


async def test_the_same_pool_is_opened_once(db: None) -> None:
    new = NewPool(key="voucher:1", kind="voucher", capacity=5)
    first = await commands.open_pool(new, SYSTEM)
    assert await commands.open_pool(new, SYSTEM) == first
    assert await database.scalar("SELECT COUNT(*) FROM pool") == 1


@pytest.mark.parametrize("capacity", [-1, 10_000_001])
async def test_a_capacity_that_cannot_be(db: None, capacity: int) -> None:
    assert await code_of(AppError, pool_of(capacity)) == "capacity_wrong"


async def test_a_pool_without_places_is_sold_out_from_the_start(db: None) -> None:
    pool_id = await pool_of(0)
    assert await queries.sold_out(pool_id)
    with pytest.raises(SoldOut):
        await claim(pool_id, 1)


async def test_a_pool_has_its_time(db: None, freeze: object) -> None:
    clock.freeze(NOON)
    pool_id = await pool_of(5, opens_at=NOON + timedelta(hours=1), closes_at=NOON + timedelta(hours=2))
    with pytest.raises(Conflict) as caught:
        await claim(pool_id, 1)
    assert (caught.value.code, "2026-03-10 13:00" in caught.value.detail) == ("pool_not_open", True)
    clock.advance(hours=1)
    assert (await claim(pool_id, 1)).state is ClaimState.HELD
    clock.advance(hours=1)
    assert await code_of(Conflict, claim(pool_id, 2)) == "pool_closed"


async def test_a_pause_and_the_end(db: None) -> None:
    pool_id = await pool_of(5)
    made = await claim(pool_id, 1)
    await commands.pause(SYSTEM, pool_id=pool_id)
    await commands.pause(SYSTEM, pool_id=pool_id)
    assert await code_of(Conflict, claim(pool_id, 2)) == "pool_paused"
    await commands.resume(SYSTEM, pool_id=pool_id)
    await claim(pool_id, 2)
    await commands.close_pool(SYSTEM, pool_id=pool_id)
    assert await code_of(Conflict, claim(pool_id, 3)) == "pool_closed"
    assert await code_of(Conflict, commands.resume(SYSTEM, pool_id=pool_id)) == "pool_closed"
    await commands.release(claim_id=made.id, actor=SYSTEM)
    assert await states(pool_id) == {1: "released", 2: "held"}
    found = await database.rows("SELECT action FROM audit WHERE object_kind = 'pool' ORDER BY id")
    assert [row["action"] for row in found] == ["pool.opened", "pool.paused", "pool.open", "pool.closed"]


async def test_more_and_fewer_places(db: None) -> None:
    pool_id = await pool_of(1)
    await claim(pool_id, 1)
    await commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=3, version=1)
    assert not await queries.sold_out(pool_id)
    assert await code_of(Conflict, _change(pool_id, 4, version=1)) == "pool_changed"
    await claim(pool_id, 2)
    assert await code_of(Conflict, _change(pool_id, 1, version=2)) == "capacity_below_taken"
    await _change(pool_id, 2, version=2)
    assert await queries.sold_out(pool_id)
    assert (await queries.figures(pool_id)).version == 3
    await commands.close_pool(SYSTEM, pool_id=pool_id)
    assert await code_of(Conflict, _change(pool_id, 9, version=4)) == "pool_closed"


async def _change(pool_id: int, capacity: int, version: int) -> None:
    await commands.change_capacity(SYSTEM, pool_id=pool_id, capacity=capacity, version=version)


async def test_what_is_not_there(db: None) -> None:
    nothing = ids.new_id()
    for attempt in (
        claim(nothing, 1),
        commands.take(nothing),
        commands.take_many(nothing, 1),
        commands.pause(SYSTEM, pool_id=nothing),
        commands.release(claim_id=nothing, actor=SYSTEM),
        queries.figures(nothing),
        queries.claim(nothing),
    ):
        assert await code_of(NotFound, attempt) == "not_found"
