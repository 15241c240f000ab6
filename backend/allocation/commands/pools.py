"""Pools: opened once, given another capacity, paused, gone on with, closed."""

import msgspec

from backend.allocation.commands.places import hold, look, settle
from backend.allocation.enums import ClaimState, DrawState, PoolState
from backend.allocation.refusals import SoldOut
from backend.allocation.schemas import NewPool
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid

MOST_PLACES = 10_000_000
_GIVE = "UPDATE pool SET capacity = capacity - %s, version = version + 1 WHERE id = %s AND capacity - %s >= taken"


@command
async def open_pool(new: NewPool, actor: Actor) -> int:
    """The pool of this key; a second call gives the first one's id."""
    return await insert_pool(new, PoolState.OPEN, actor)


async def insert_pool(new: NewPool, state: PoolState, actor: Actor) -> int:
    if not 0 <= new.capacity <= MOST_PLACES:
        raise invalid("capacity", "capacity_wrong", most=MOST_PLACES)
    pool_id = ids.new_id()
    row = {
        "id": pool_id,
        **msgspec.structs.asdict(new),
        "state": state.value,
        "taken": 0,
        "bulk": 0,
        "waiters": 0,
        "queued": 0,
        "turns": 0,
        "version": 1,
        "created_at": clock.now(),
    }
    if not await database.insert_if_absent("pool", row, key="`key`"):
        return int(await database.scalar("SELECT id FROM pool WHERE `key` = %s", new.key))
    await settle(await look(pool_id))
    detail = {"key": new.key, "capacity": new.capacity, "per_person": new.per_person}
    await audit.record(actor, "pool.opened", object_kind="pool", object_id=pool_id, detail=detail)
    return pool_id


@command
async def change_capacity(actor: Actor, *, pool_id: int, capacity: int, version: int) -> None:
    """More places go to whoever waits first; fewer than are taken there cannot be."""
    if not 0 <= capacity <= MOST_PLACES:
        raise invalid("capacity", "capacity_wrong", most=MOST_PLACES)
    before = await hold(pool_id)
    if before.version != version:
        raise Conflict("pool_changed")
    if before.state is PoolState.CLOSED:
        raise Conflict("pool_closed")
    if capacity < before.taken:
        raise Conflict("capacity_below_taken", taken=before.taken)
    await database.execute("UPDATE pool SET capacity = %s, version = version + 1 WHERE id = %s", capacity, pool_id)
    await settle(msgspec.structs.replace(before, capacity=capacity))
    detail = {"from": before.capacity, "to": capacity}
    await audit.record(actor, "pool.capacity", object_kind="pool", object_id=pool_id, detail=detail)


@command
async def move_places(actor: Actor, *, source_id: int, target_id: int, count: int) -> None:
    """Free places of one pool become places of another, so that both together have as many as before. SoldOut where
    the first has not so many free."""
    if count < 1 or source_id == target_id:
        raise ValueError(f"{count} places from {source_id} to {target_id}")
    # In one order, so that two who move to and fro do not wait for each other.
    pools = {pool_id: await hold(pool_id) for pool_id in sorted((source_id, target_id))}
    if any(pool.state is PoolState.CLOSED for pool in pools.values()):
        raise Conflict("pool_closed")
    if not await database.execute(_GIVE, count, source_id, count):
        raise SoldOut()
    await database.execute(_GIVE, -count, target_id, -count)
    for pool_id in pools:
        await settle(await look(pool_id))
    detail = {"to": target_id, "count": count}
    await audit.record(actor, "pool.places_moved", object_kind="pool", object_id=source_id, detail=detail)


@command
async def pause(actor: Actor, *, pool_id: int) -> None:
    """Nobody takes a place and nobody is offered one until it goes on; offers already made stand."""
    await _change(actor, pool_id, PoolState.PAUSED)


@command
async def resume(actor: Actor, *, pool_id: int) -> None:
    """What became free meanwhile is offered now."""
    await _change(actor, pool_id, PoolState.OPEN)


@command
async def close_pool(actor: Actor, *, pool_id: int) -> None:
    """For good. Who holds a place keeps it, who was offered one may still accept, who waits waits no longer.

    Where lots were not drawn yet, they never are."""
    await _change(actor, pool_id, PoolState.CLOSED)


async def _change(actor: Actor, pool_id: int, to: PoolState) -> None:
    """It is no error that it was so already."""
    before = await hold(pool_id)
    if before.state is to:
        return
    if before.state is PoolState.CLOSED:
        raise Conflict("pool_closed")
    if before.state is PoolState.DRAWING:
        await _cancel_draw(pool_id, to)
    await database.execute("UPDATE pool SET state = %s, version = version + 1 WHERE id = %s", to.value, pool_id)
    gone = await _end_waiting(pool_id) if to is PoolState.CLOSED else 0
    await settle(msgspec.structs.replace(before, state=to), waiters=-gone)
    await audit.record(actor, f"pool.{to.value}", object_kind="pool", object_id=pool_id)


async def _end_waiting(pool_id: int) -> int:
    return await database.execute(
        "UPDATE place_claim SET state = %s, nth = NULL, changed_at = %s WHERE pool_id = %s AND state = %s",
        ClaimState.LAPSED.value,
        clock.now(),
        pool_id,
        ClaimState.WAITING.value,
    )


async def _cancel_draw(pool_id: int, to: PoolState) -> None:
    """Only the end comes before the draw. Whoever is entering just now has the draw's row: they are waited for."""
    if to is not PoolState.CLOSED:
        raise Conflict("pool_draws_lots")
    await database.execute("UPDATE pool_draw SET state = %s WHERE id = %s", DrawState.CANCELLED.value, pool_id)
    await database.execute(
        "UPDATE place_claim SET state = %s, nth = NULL, changed_at = %s WHERE pool_id = %s AND state = %s",
        ClaimState.LAPSED.value,
        clock.now(),
        pool_id,
        ClaimState.ENTERED.value,
    )
