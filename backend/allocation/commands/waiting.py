"""The waiting list: in order, with a place offered for some time to whoever is first; then to the next."""

from datetime import datetime

from backend.allocation import queries
from backend.allocation.commands import places
from backend.allocation.commands.claims import end, note, reserve
from backend.allocation.enums import ClaimState, PoolState
from backend.allocation.events import OfferLapsed
from backend.allocation.queries import CLAIM, ClaimRow
from backend.allocation.schemas import Claim
from backend.core import clock, database, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, Unavailable

# How often a place may appear and vanish while somebody asks for it or for the list.
_TRIES = 5
_LAPSED_AT_ONCE = 200


@command
async def join_waiting(*, pool_id: int, person_id: int, key: str, actor: Actor) -> Claim:
    """A place if one is free, otherwise the end of the waiting list; the same key is the same claim."""
    reserved = await reserve(pool_id=pool_id, person_id=person_id, key=key)
    if not reserved.is_new:
        return reserved.claim
    for _ in range(_TRIES):
        if await places.try_taking(pool_id, 1):
            await note(actor, "claimed", reserved.claim)
            return reserved.claim
        if await _lengthen(pool_id):
            await _line_up(pool_id, reserved.claim.id)
            await note(actor, "waiting", reserved.claim)
            return await queries.claim(reserved.claim.id)
        pool = await places.look(pool_id)
        closed = pool.closed_to_all(clock.now())
        if closed is not None:
            raise closed
        if not pool.waiting:
            raise Conflict("no_waiting_list")
    raise Unavailable()


async def _lengthen(pool_id: int) -> bool:
    """One more waits, unless a place is free or nobody may take one now. The row is this command's from here on."""
    now = clock.now()
    changed = await database.execute(
        "UPDATE pool SET waiters = waiters + 1, queued = queued + 1 WHERE id = %s AND waiting = %s AND state = %s"
        " AND (taken >= capacity OR waiters > 0)"
        " AND (opens_at IS NULL OR opens_at <= %s) AND (closes_at IS NULL OR closes_at > %s)",
        pool_id,
        True,
        PoolState.OPEN.value,
        now,
        now,
    )
    return changed > 0


async def _line_up(pool_id: int, claim_id: int) -> None:
    number = await database.scalar("SELECT queued FROM pool WHERE id = %s", pool_id)
    await database.execute(
        "UPDATE place_claim SET state = %s, queue_no = %s WHERE id = %s", ClaimState.WAITING.value, number, claim_id
    )


@command
async def accept_offer(*, claim_id: int, person_id: int, actor: Actor) -> Claim:
    """The place that was kept is theirs. Accepting again changes nothing; too late is too late."""
    claim = await _own(claim_id, person_id)
    now = clock.now()
    changed = await database.execute(
        "UPDATE place_claim SET state = %s, changed_at = %s WHERE id = %s AND state = %s AND offered_until > %s",
        ClaimState.HELD.value,
        now,
        claim_id,
        ClaimState.OFFERED.value,
        now,
    )
    if changed:
        await note(actor, "accepted", claim)
    accepted = await queries.claim(claim_id)
    if accepted.state is not ClaimState.HELD:
        raise Conflict("place_offer_over")
    return accepted


@command
async def decline_offer(*, claim_id: int, person_id: int, actor: Actor) -> None:
    """The place goes to the next. Declining again changes nothing."""
    claim = await _own(claim_id, person_id)
    pool = await places.hold(claim.pool_id)
    if not await end(claim_id, (ClaimState.OFFERED,), ClaimState.DECLINED):
        if (await queries.claim(claim_id)).state is ClaimState.DECLINED:
            return
        raise Conflict("place_offer_over")
    await places.settle(pool, taken=-1)
    await note(actor, "declined", claim)


async def _own(claim_id: int, person_id: int) -> Claim:
    claim = await queries.claim(claim_id)
    if claim.person_id != person_id:
        raise NotFound()
    return claim


async def lapse_offers(now: datetime) -> int:
    """End the offers whose time is over and go on to the next who wait; how many were ended or made.

    It also offers what a command with too many offers to make left over. Nothing left to do means 0.
    """
    due = await database.rows(
        "SELECT DISTINCT pool_id FROM place_claim WHERE state = %s AND offered_until <= %s LIMIT %s",
        ClaimState.OFFERED.value,
        now,
        _LAPSED_AT_ONCE,
    )
    left_over = await database.rows(
        "SELECT id AS pool_id FROM pool WHERE waiters > 0 AND taken < capacity AND state = %s"
        " AND (closes_at IS NULL OR closes_at > %s) LIMIT %s",
        PoolState.OPEN.value,
        now,
        _LAPSED_AT_ONCE,
    )
    return sum([await _lapse(pool_id, now) for pool_id in sorted({row["pool_id"] for row in (*due, *left_over)})])


@command
async def _lapse(pool_id: int, now: datetime) -> int:
    pool = await places.hold(pool_id)
    late = await database.views(
        ClaimRow,
        f"{CLAIM} WHERE pool_id = %s AND state = %s AND offered_until <= %s LIMIT %s",
        pool_id,
        ClaimState.OFFERED.value,
        now,
        _LAPSED_AT_ONCE,
    )
    lapsed = 0
    for row in late:
        # It may have been accepted since it was read.
        if await end(row.id, (ClaimState.OFFERED,), ClaimState.LAPSED):
            lapsed += 1
            event = OfferLapsed(claim_id=row.id, pool_id=pool_id, kind=pool.kind, person_id=row.person_id)
            await outbox.emit(event, key=str(row.id))
            await note(SYSTEM, "lapsed", await queries.as_claim(row))
    return lapsed + await places.settle(pool, taken=-lapsed)
