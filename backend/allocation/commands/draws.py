"""Lots: entries with numbers until an instant, then one draw that puts all of them in order.

Whoever enters changes the draw's row last, so that it is theirs for no longer than the commit, and gets the next
number. The draw takes the pool's row and then its own: an entry is before it, and drawn, or after it, and refused.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.allocation import proof, queries
from backend.allocation.commands import places
from backend.allocation.commands.claims import note, reserve
from backend.allocation.commands.pools import insert_pool
from backend.allocation.commands.rush import in_turn
from backend.allocation.enums import ClaimState, DrawState, PoolState
from backend.allocation.schemas import Claim, DrawFigures, EntryTimes, NewPool
from backend.core import audit, clock, crypto, database
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, NotFound

# Lines written by one statement.
TOGETHER = 500

_MAY_ENTER = "id = %s AND state = %s AND (opens_at IS NULL OR opens_at <= %s) AND closes_at > %s"
_ASK = f"SELECT id FROM pool_draw WHERE {_MAY_ENTER}"  # noqa: S608
# Both tell the number that they give.
_ENTER_MARIADB = f"UPDATE pool_draw SET entered = LAST_INSERT_ID(entered + 1) WHERE {_MAY_ENTER}"  # noqa: S608
_ENTER_SQLITE = f"UPDATE pool_draw SET entered = entered + 1 WHERE {_MAY_ENTER} RETURNING entered"  # noqa: S608


class _Entry(msgspec.Struct):
    id: int
    entry_no: int


@command
async def open_draw(new: NewPool, entries: EntryTimes, actor: Actor) -> int:
    """A pool whose places are given by lot; its seed is chosen and committed to now. A second call of the same key
    gives the first one's id. The times of `new` are those after the draw.
    """
    pool_id = await insert_pool(new, PoolState.DRAWING, actor)
    seed = proof.new_seed()
    row = {
        "id": pool_id,
        "state": DrawState.OPEN.value,
        "opens_at": entries.opens_at,
        "closes_at": entries.closes_at,
        "commitment": proof.commitment_of(seed),
        "seed_sealed": crypto.seal(seed, context=_context(pool_id)),
        "seed": "",
        **dict.fromkeys(("entered", "entries", "places"), 0),
    }
    if await database.insert_if_absent("pool_draw", row, key="id"):
        # In the sealed log it is beyond change before anybody enters.
        detail = {"commitment": row["commitment"], "closes_at": clock.iso(entries.closes_at)}
        await audit.record(actor, "draw.opened", object_kind="pool", object_id=pool_id, detail=detail)
    return pool_id


def _context(pool_id: int) -> str:
    return f"pool_draw/seed_sealed/{pool_id}"


async def enter(*, pool_id: int, person_id: int, key: str, actor: Actor) -> Claim:
    """Take part, with the next number: AlreadyClaimed, or Conflict before the beginning and after the end.

    The same key is the same entry, whatever has become of it.
    """
    async with in_turn(pool_id=pool_id, person_id=person_id, key=key) as known:
        return known or await _enter(pool_id=pool_id, person_id=person_id, key=key, actor=actor)


@command
async def _enter(*, pool_id: int, person_id: int, key: str, actor: Actor) -> Claim:
    reserved = await reserve(pool_id=pool_id, person_id=person_id, key=key)
    if not reserved.is_new:
        return reserved.claim
    now = clock.now()
    # Read without a lock: who comes while the lots are being drawn is told so, and does not wait for the draw to end.
    if await database.scalar(_ASK, pool_id, DrawState.OPEN.value, now, now) is None:
        raise await _refusal(pool_id, now)
    await note(actor, "entered", reserved.claim)
    enter_sql = _ENTER_SQLITE if database.is_sqlite() else _ENTER_MARIADB
    number = await database.execute_telling(enter_sql, pool_id, DrawState.OPEN.value, now, now)
    if not number:
        raise await _refusal(pool_id, now)
    await database.execute(
        "UPDATE place_claim SET state = %s, entry_no = %s WHERE id = %s",
        ClaimState.ENTERED.value,
        number,
        reserved.claim.id,
    )
    return msgspec.structs.replace(reserved.claim, state=ClaimState.ENTERED, entry_no=number)


async def _refusal(pool_id: int, now: datetime) -> AppError:
    draw = await queries.draw(pool_id)
    if draw.state is DrawState.OPEN and draw.opens_at is not None and draw.opens_at > now:
        return Conflict("pool_not_open", at=f"{clock.local(draw.opens_at):%Y-%m-%d %H:%M}")
    return Conflict("entries_closed")


@command
async def draw(*, pool_id: int, actor: Actor) -> DrawFigures:
    """Put the entries in order, give the places to the first, publish the seed. Drawing again changes nothing.

    Conflict before the entries close, or when the pool was closed. The others wait in this order where the pool keeps
    a waiting list, and have lost where it does not.
    """
    pool = await places.hold(pool_id)
    known = await queries.draw(pool_id)
    now = clock.now()
    seed = crypto.open_sealed(await _sealed(pool_id), context=_context(pool_id))
    begun = await database.execute(
        "UPDATE pool_draw SET state = %s, seed = %s, drawn_at = %s WHERE id = %s AND state = %s AND closes_at <= %s",
        DrawState.DRAWN.value,
        seed,
        now,
        pool_id,
        DrawState.OPEN.value,
        now,
    )
    if not begun:
        if known.state is DrawState.DRAWN:
            return known
        raise Conflict("draw_too_early" if known.state is DrawState.OPEN else "pool_closed")
    entries = {one.entry_no: one.id for one in await _entries(pool_id)}
    order = [entries[number] for number in proof.order_of(seed, entries)]
    winners, others = order[: pool.capacity], order[pool.capacity :]
    await _write(winners, ClaimState.HELD, first=1, now=now)
    await _write(others, ClaimState.WAITING if pool.waiting else ClaimState.LOST, first=len(winners) + 1, now=now)
    await _open_after(pool, won=len(winners), rest=len(others))
    await database.execute(
        "UPDATE pool_draw SET entries = %s, places = %s WHERE id = %s", len(order), pool.capacity, pool_id
    )
    detail = {"entries": len(order), "places": pool.capacity, "seed": seed}
    await audit.record(actor, "draw.drawn", object_kind="pool", object_id=pool_id, detail=detail)
    return await queries.draw(pool_id)


async def _sealed(pool_id: int) -> str:
    found = await database.scalar("SELECT seed_sealed FROM pool_draw WHERE id = %s", pool_id)
    if found is None:
        raise NotFound()
    return found


async def _entries(pool_id: int) -> list[_Entry]:
    return await database.views(
        _Entry,
        "SELECT id, entry_no FROM place_claim WHERE pool_id = %s AND state = %s",
        pool_id,
        ClaimState.ENTERED.value,
    )


async def _write(claims: Sequence[int], state: ClaimState, *, first: int, now: datetime) -> None:
    """Their state, and their places in the order from `first` on."""
    alive = state is not ClaimState.LOST
    for start in range(0, len(claims), TOGETHER):
        some = claims[start : start + TOGETHER]
        order = " ".join(["WHEN %s THEN %s"] * len(some))
        marks = ", ".join(["%s"] * len(some))
        ranked = [value for at, claim_id in enumerate(some, first + start) for value in (claim_id, at)]
        await database.execute(
            f"UPDATE place_claim SET queue_no = CASE id {order} END, state = %s, changed_at = %s,"  # noqa: S608
            f" nth = CASE WHEN %s THEN nth END WHERE id IN ({marks})",
            *ranked,
            state.value,
            now,
            alive,
            *some,
        )


async def _open_after(pool: places.PoolRow, *, won: int, rest: int) -> None:
    """From here on it is a pool like every other, with its places taken and its waiting list behind them."""
    await database.execute(
        "UPDATE pool SET state = %s, queued = %s, version = version + 1 WHERE id = %s",
        PoolState.OPEN.value,
        won + rest,
        pool.id,
    )
    drawn = msgspec.structs.replace(pool, state=PoolState.OPEN)
    await places.settle(drawn, taken=won, waiters=rest if pool.waiting else 0)
