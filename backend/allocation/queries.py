"""Reads. Domains that open pools decide who may see what; nothing here is asked by a person directly."""

from datetime import datetime

import msgspec

from backend.allocation.enums import ClaimState
from backend.allocation.schemas import Claim, PoolFigures
from backend.core import database
from backend.core.errors import NotFound


class ClaimRow(msgspec.Struct, kw_only=True):
    id: int
    pool_id: int
    person_id: int
    key: str
    nth: int | None
    state: ClaimState
    queue_no: int | None
    offered_until: datetime | None


CLAIM = "SELECT id, pool_id, person_id, `key`, nth, state, queue_no, offered_until FROM place_claim"


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
    )


async def _position(row: ClaimRow) -> int | None:
    if row.state is not ClaimState.WAITING:
        return None
    ahead = "SELECT COUNT(*) FROM place_claim WHERE pool_id = %s AND state = %s AND queue_no < %s"
    return 1 + int(await database.scalar(ahead, row.pool_id, ClaimState.WAITING.value, row.queue_no))
