"""The pool's row: the one place where it is decided whether there is a place.

Whoever takes a place changes it last, so that it is theirs for no longer than the commit. Whatever gives places
back or moves the waiting list takes the row first, and so happens one at a time.
"""

from datetime import datetime, timedelta

import msgspec

from backend.allocation.enums import ClaimState, PoolState
from backend.allocation.events import PlaceOffered
from backend.allocation.refusals import SoldOut
from backend.core import clock, database, outbox
from backend.core.command import command
from backend.core.errors import AppError, Conflict, NotFound

# More are offered by the next run of the schedule.
OFFERS_AT_ONCE = 200


class PoolRow(msgspec.Struct, kw_only=True):
    id: int
    kind: str
    capacity: int
    taken: int
    bulk: int
    waiters: int
    waiting: bool
    queued: int
    offer_minutes: int
    state: PoolState
    opens_at: datetime | None
    closes_at: datetime | None
    version: int

    def closed_to_all(self, now: datetime) -> AppError | None:
        """Why nobody takes a place now, however many are free."""
        if self.state is PoolState.DRAWING:
            return Conflict("pool_draws_lots")
        if self.state is PoolState.PAUSED:
            return Conflict("pool_paused")
        if self.state is PoolState.CLOSED or (self.closes_at is not None and self.closes_at <= now):
            return Conflict("pool_closed")
        if self.opens_at is not None and self.opens_at > now:
            return Conflict("pool_not_open", at=f"{clock.local(self.opens_at):%Y-%m-%d %H:%M}")
        return None


class _Waiting(msgspec.Struct):
    id: int
    person_id: int


_POOL = (
    "SELECT id, kind, capacity, taken, bulk, waiters, waiting, queued, offer_minutes, state, opens_at,"
    " closes_at, version FROM pool WHERE id = %s"
)
# Open, in its time, with enough places, and nobody waits for them.
_FREE = (
    "id = %s AND taken + %s <= capacity AND waiters = 0 AND state = %s"
    " AND (opens_at IS NULL OR opens_at <= %s) AND (closes_at IS NULL OR closes_at > %s)"
)
# Both tell how many places were left before.
_TAKE_MARIADB = (
    f"UPDATE pool SET taken = taken + %s + 0 * LAST_INSERT_ID(capacity - taken), bulk = bulk + %s WHERE {_FREE}"  # noqa: S608
)
_TAKE_SQLITE = f"UPDATE pool SET taken = taken + %s, bulk = bulk + %s WHERE {_FREE} RETURNING capacity - taken + %s"  # noqa: S608

# Pools of which this process has met the end: only of them it asks beforehand. What is so is in the database.
_met: set[int] = set()


@command
async def take(pool_id: int) -> None:
    """One place for the claim that the running command made. Let it be the command's last statement."""
    if not await try_taking(pool_id, 1):
        raise await _refusal(pool_id, 1)


@command
async def take_many(pool_id: int, count: int) -> None:
    """`count` places without claims of their own, all of them or none."""
    if _none(count):
        return
    if not await try_taking(pool_id, count, bulk=count):
        raise await _refusal(pool_id, count)


@command
async def give_back_many(pool_id: int, count: int) -> None:
    """Of those taken by `take_many`; whoever waits is offered them."""
    if _none(count):
        return
    pool = await hold(pool_id)
    if pool.bulk < count:
        raise ValueError(f"fewer than {count} places of this pool were taken in bulk")
    await settle(pool, taken=-count, bulk=-count)


def _none(count: int) -> bool:
    if count < 0:
        raise ValueError(f"{count} places")
    return count == 0


async def try_taking(pool_id: int, count: int, *, bulk: int = 0) -> bool:
    now = clock.now()
    values = (count, bulk, pool_id, count, PoolState.OPEN.value, now, now)
    if database.is_sqlite():
        left = await database.execute_telling(_TAKE_SQLITE, *values, count)
    else:
        left = await database.execute_telling(_TAKE_MARIADB, *values)
    if left == count:
        await _mark(pool_id)
    return left > 0


async def _refusal(pool_id: int, count: int) -> AppError:
    """Why there were not so many a moment ago. Sold out comes first, as it does where the marker is asked."""
    pool = await look(pool_id)
    closed = pool.closed_to_all(clock.now())
    if closed is not None and pool.waiters == 0 and pool.taken + count <= pool.capacity:
        return closed
    _met.add(pool_id)
    return SoldOut()


def met_its_end(pool_id: int) -> bool:
    """Whether it is worth asking for the marker before anything else."""
    return pool_id in _met


def forget_its_end(pool_id: int) -> None:
    _met.discard(pool_id)


async def look(pool_id: int) -> PoolRow:
    pool = await database.view(PoolRow, _POOL, pool_id)
    if pool is None:
        raise NotFound()
    return pool


async def hold(pool_id: int) -> PoolRow:
    """Take the row until the running command ends, by a change like every other."""
    await database.execute("UPDATE pool SET turns = turns + 1 WHERE id = %s", pool_id)
    return await look(pool_id)


async def settle(pool: PoolRow, *, taken: int = 0, bulk: int = 0, waiters: int = 0) -> int:
    """Write down by how much the command that holds the row has changed these, offer what is free to whoever waits
    first, and set the marker right. How many were offered one.
    """
    now = clock.now()
    free, waiting = pool.capacity - pool.taken - taken, pool.waiters + waiters
    offers = 0
    if free > 0 and waiting > 0 and pool.closed_to_all(now) is None:
        offers = await _offer(pool, min(free, waiting), now)
    await database.execute(
        "UPDATE pool SET taken = taken + %s, bulk = bulk + %s, waiters = waiters + %s WHERE id = %s",
        taken + offers,
        bulk,
        waiters - offers,
        pool.id,
    )
    if free > offers and waiting == offers:
        await database.execute("DELETE FROM pool_sold_out WHERE id = %s", pool.id)
    else:
        await _mark(pool.id)
    return offers


async def _mark(pool_id: int) -> None:
    await database.insert_if_absent("pool_sold_out", {"id": pool_id}, key="id")


async def _offer(pool: PoolRow, count: int, now: datetime) -> int:
    """Keep a place for each of the first who wait; for how many."""
    until = now + timedelta(minutes=pool.offer_minutes)
    if pool.closes_at is not None:
        until = min(until, pool.closes_at)
    first = await database.views(
        _Waiting,
        "SELECT id, person_id FROM place_claim WHERE pool_id = %s AND state = %s ORDER BY queue_no LIMIT %s",
        pool.id,
        ClaimState.WAITING.value,
        min(count, OFFERS_AT_ONCE),
    )
    for one in first:
        await database.execute(
            "UPDATE place_claim SET state = %s, offered_until = %s, changed_at = %s WHERE id = %s",
            ClaimState.OFFERED.value,
            until,
            now,
            one.id,
        )
        event = PlaceOffered(claim_id=one.id, pool_id=pool.id, kind=pool.kind, person_id=one.person_id, until=until)
        await outbox.emit(event, key=str(one.id))
    return len(first)
