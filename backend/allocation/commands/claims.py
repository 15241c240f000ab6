"""Claims on places: made, given back."""

from collections.abc import Sequence

import msgspec
from tortoise.exceptions import IntegrityError

from backend.allocation import fixed, queries
from backend.allocation.commands import places
from backend.allocation.commands.rush import in_turn
from backend.allocation.enums import TAKING, ClaimState
from backend.allocation.queries import CLAIM, ClaimRow
from backend.allocation.refusals import AlreadyClaimed
from backend.allocation.schemas import Claim, Reservation
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command

# Claims ended by one statement.
TOGETHER = 500


async def claim(*, pool_id: int, person_id: int, key: str, actor: Actor) -> Claim:
    """A place for this person, at once or not at all: SoldOut, AlreadyClaimed, or why nobody takes one now.

    The same key is the same claim, whatever has become of it.
    """
    async with in_turn(pool_id=pool_id, person_id=person_id, key=key) as known:
        return known or await _claim(pool_id=pool_id, person_id=person_id, key=key, actor=actor)


@command
async def _claim(*, pool_id: int, person_id: int, key: str, actor: Actor) -> Claim:
    reserved = await reserve(pool_id=pool_id, person_id=person_id, key=key)
    if reserved.is_new:
        await note(actor, "claimed", reserved.claim)
        await places.take(pool_id)
    return reserved.claim


@command
async def reserve(*, pool_id: int, person_id: int, key: str) -> Reservation:
    """The claim's own row, in a command that ends with `take`. AlreadyClaimed when the person has all they may."""
    per_person = (await fixed.of(pool_id)).per_person
    made = Claim(id=ids.new_id(), pool_id=pool_id, person_id=person_id, state=ClaimState.HELD)
    for _ in range(per_person):
        nth = await _free_nth(pool_id, person_id) if per_person > 1 else 1
        if nth <= per_person and await _insert(made, key, nth):
            return Reservation(msgspec.structs.replace(made, nth=nth), is_new=True)
        known = await _of_key(made, key)
        if known is not None:
            return Reservation(known, is_new=False)
        if nth > per_person:
            break
    raise AlreadyClaimed()


async def _free_nth(pool_id: int, person_id: int) -> int:
    found = await database.rows(
        "SELECT nth FROM place_claim WHERE pool_id = %s AND person_id = %s AND nth IS NOT NULL", pool_id, person_id
    )
    held = {row["nth"] for row in found}
    return next(nth for nth in range(1, len(held) + 2) if nth not in held)


async def _insert(made: Claim, key: str, nth: int) -> bool:
    now = clock.now()
    row = {
        "id": made.id,
        "pool_id": made.pool_id,
        "person_id": made.person_id,
        "key": key,
        "nth": nth,
        "state": made.state.value,
        "created_at": now,
        "changed_at": now,
    }
    try:
        return await database.insert_if_absent("place_claim", row, key="`key`")
    except IntegrityError as exc:
        # SQLite: the key is new, but the person has this place.
        if not database.is_duplicate(exc):
            raise
        return False


async def _of_key(made: Claim, key: str) -> Claim | None:
    row = await database.view(ClaimRow, f"{CLAIM} WHERE `key` = %s", key)
    if row is None:
        return None
    if (row.pool_id, row.person_id) != (made.pool_id, made.person_id):
        raise ValueError(f"the key {key} belongs to another claim")
    return await queries.as_claim(row)


@command
async def release(*, claim_id: int, actor: Actor) -> None:
    """Give a place back, or no longer wait for one or for a draw. Whoever waits first is offered it; twice is once."""
    claim = await queries.claim(claim_id)
    pool = await places.hold(claim.pool_id)
    if await end(claim_id, TAKING, ClaimState.RELEASED):
        await places.settle(pool, taken=-1)
    elif await end(claim_id, (ClaimState.WAITING,), ClaimState.RELEASED):
        await places.settle(pool, waiters=-1)
    elif await end(claim_id, (ClaimState.ENTERED,), ClaimState.RELEASED):
        pass  # an entry takes no place: the draw, which has the pool's row too, goes without it
    else:
        return
    await note(actor, "released", claim)


@command
async def release_many(actor: Actor, *, pool_id: int, keys: Sequence[str]) -> int:
    """Give back the places that the claims of these keys hold; how many. Those that are over are left as they are."""
    pool, released = await places.hold(pool_id), 0
    for start in range(0, len(keys), TOGETHER):
        some = keys[start : start + TOGETHER]
        marks = ", ".join(["%s"] * len(some))
        released += await database.execute(
            "UPDATE place_claim SET state = %s, nth = NULL, changed_at = %s WHERE pool_id = %s AND state = %s"  # noqa: S608
            f" AND `key` IN ({marks})",
            ClaimState.RELEASED.value,
            clock.now(),
            pool_id,
            ClaimState.HELD.value,
            *some,
        )
    if released:
        await places.settle(pool, taken=-released)
        detail = {"places": released}
        await audit.record(actor, "pool.released_many", object_kind="pool", object_id=pool_id, detail=detail)
    return released


async def end(claim_id: int, of: tuple[ClaimState, ...], to: ClaimState) -> bool:
    """Whether the claim was in one of these states and is over now."""
    marks = ", ".join(["%s"] * len(of))
    changed = await database.execute(
        f"UPDATE place_claim SET state = %s, nth = NULL, changed_at = %s WHERE id = %s AND state IN ({marks})",  # noqa: S608
        to.value,
        clock.now(),
        claim_id,
        *(one.value for one in of),
    )
    return changed > 0


async def note(actor: Actor, act: str, claim: Claim) -> None:
    detail = {"pool": claim.pool_id, "person": claim.person_id}
    await audit.record(actor, f"place.{act}", object_kind="place_claim", object_id=claim.id, detail=detail)
