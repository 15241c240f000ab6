"""Reads. Domains that open pools decide who may see what; nothing here is asked by a person directly."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.allocation import proof
from backend.allocation.enums import ClaimState, DrawState
from backend.allocation.schemas import Claim, DrawFigures, DrawnEntry, PoolFigures
from backend.core import database
from backend.core.errors import NotFound


class ClaimRow(msgspec.Struct, kw_only=True):
    id: int
    pool_id: int
    person_id: int
    key: str
    nth: int | None
    state: ClaimState
    entry_no: int | None
    queue_no: int | None
    offered_until: datetime | None


CLAIM = "SELECT id, pool_id, person_id, `key`, nth, state, entry_no, queue_no, offered_until FROM place_claim"


async def sold_out(pool_id: int) -> bool:
    """Whether nobody can take a place at once. The pool's own row, for which a rush queues, is not asked."""
    return await database.scalar("SELECT id FROM pool_sold_out WHERE id = %s", pool_id) is not None


async def figures(pool_id: int) -> PoolFigures:
    found = await database.view(
        PoolFigures,
        "SELECT capacity, taken, capacity - taken AS `left`, waiters AS waiting, state, version"
        " FROM pool WHERE id = %s",
        pool_id,
    )
    if found is None:
        raise NotFound()
    return found


async def claim(claim_id: int) -> Claim:
    row = await database.view(ClaimRow, f"{CLAIM} WHERE id = %s", claim_id)
    if row is None:
        raise NotFound()
    return await as_claim(row)


async def claim_by_key(key: str) -> int | None:
    """The id of the claim that was made by this key."""
    return await database.scalar("SELECT id FROM place_claim WHERE `key` = %s", key)


async def claims_of(person_id: int, pool_id: int) -> list[Claim]:
    """A person's claims that are not over, in the order in which they were made."""
    found = await database.views(
        ClaimRow, f"{CLAIM} WHERE pool_id = %s AND person_id = %s AND nth IS NOT NULL ORDER BY id", pool_id, person_id
    )
    return [await as_claim(row) for row in found]


async def as_claim(row: ClaimRow) -> Claim:
    return Claim(
        id=row.id,
        pool_id=row.pool_id,
        person_id=row.person_id,
        state=row.state,
        nth=row.nth,
        position=await _position(row),
        offered_until=row.offered_until if row.state is ClaimState.OFFERED else None,
        entry_no=row.entry_no,
        rank=row.queue_no if row.entry_no is not None else None,
    )


async def _position(row: ClaimRow) -> int | None:
    if row.state is not ClaimState.WAITING:
        return None
    ahead = "SELECT COUNT(*) FROM place_claim WHERE pool_id = %s AND state = %s AND queue_no < %s"
    return 1 + int(await database.scalar(ahead, row.pool_id, ClaimState.WAITING.value, row.queue_no))


_DRAW = (
    "SELECT id AS pool_id, state, opens_at, closes_at, commitment, seed, entered, entries, places, drawn_at"
    " FROM pool_draw"
)


async def draw(pool_id: int) -> DrawFigures:
    """NotFound for a pool whose places are not given by lot."""
    found = await database.view(DrawFigures, f"{_DRAW} WHERE id = %s", pool_id)
    if found is None:
        raise NotFound()
    return found


async def entry_of(person_id: int, pool_id: int) -> Claim | None:
    """A person's latest entry in a draw that was not given back, whatever has become of it."""
    row = await database.view(
        ClaimRow,
        f"{CLAIM} WHERE pool_id = %s AND person_id = %s AND entry_no IS NOT NULL AND (nth IS NOT NULL"
        " OR queue_no IS NOT NULL) ORDER BY id DESC LIMIT 1",
        pool_id,
        person_id,
    )
    return await as_claim(row) if row else None


async def entered(person_id: int, pool_ids: Sequence[int]) -> set[int]:
    """Those of these draws in which a person has an entry that was not given back."""
    if not pool_ids:
        return set()
    marks = ", ".join(["%s"] * len(pool_ids))
    found = await database.rows(
        "SELECT DISTINCT pool_id FROM place_claim WHERE person_id = %s AND entry_no IS NOT NULL"  # noqa: S608
        f" AND (nth IS NOT NULL OR queue_no IS NOT NULL) AND pool_id IN ({marks})",
        person_id,
        *pool_ids,
    )
    return {row["pool_id"] for row in found}


async def entries_now(pool_id: int) -> int:
    """How many take part in a draw that is still to come."""
    return int(
        await database.scalar(
            "SELECT COUNT(*) FROM place_claim WHERE pool_id = %s AND state = %s", pool_id, ClaimState.ENTERED.value
        )
    )


async def drawn_order(pool_id: int, *, after: int = 0, limit: int = 2**31) -> list[DrawnEntry]:
    """Who was drawn, in order, behind the rank `after`; nobody before the draw."""
    return await database.views(
        DrawnEntry,
        "SELECT entry_no AS number, queue_no AS `rank`, person_id FROM place_claim WHERE pool_id = %s"
        " AND entry_no IS NOT NULL AND queue_no > %s ORDER BY queue_no LIMIT %s",
        pool_id,
        after,
        limit,
    )


async def draws_that_differ() -> list[str]:
    """Of every draw that was held, the key of its pool where it cannot be recomputed from what is published."""
    held = await database.views(DrawFigures, f"{_DRAW} WHERE state = %s ORDER BY id", DrawState.DRAWN.value)
    return [await _key_of(one.pool_id) for one in held if not await _holds(one)]


async def _holds(held: DrawFigures) -> bool:
    """Numbers in the order of their lots, ranks without a gap, as many as took part, and the first of them won."""
    drawn = await drawn_order(held.pool_id)
    numbers = [one.number for one in drawn]
    never_won = await database.scalar(
        "SELECT COUNT(*) FROM place_claim WHERE pool_id = %s AND entry_no IS NOT NULL AND (state = %s"
        " OR (queue_no <= %s AND state IN (%s, %s)))",
        held.pool_id,
        ClaimState.ENTERED.value,
        held.places,
        ClaimState.WAITING.value,
        ClaimState.LOST.value,
    )
    return (
        proof.commitment_of(held.seed) == held.commitment
        and numbers == proof.order_of(held.seed, numbers)
        and [one.rank for one in drawn] == list(range(1, held.entries + 1))
        and not never_won
    )


async def _key_of(pool_id: int) -> str:
    return str(await database.scalar("SELECT `key` FROM pool WHERE id = %s", pool_id))
