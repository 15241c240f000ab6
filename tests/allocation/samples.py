"""Pools as tests open them, and what is in the rows afterwards."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime
from itertools import count
from typing import Any

from backend.allocation import commands
from backend.allocation.schemas import Claim, EntryTimes, NewPool
from backend.core import database
from backend.core.actor import SYSTEM
from backend.core.errors import AppError
from backend.home import doctor

_keys = count(1)


async def pool_of(capacity: int, **more: Any) -> int:
    new = NewPool(key=f"test:{next(_keys)}", kind="test", capacity=capacity, **more)
    return await commands.open_pool(new, SYSTEM)


async def draw_of(capacity: int, closes_at: datetime, opens_at: datetime | None = None, **more: Any) -> int:
    """A pool whose places are given by lot."""
    new = NewPool(**{"key": f"test:{next(_keys)}", "kind": "test", "capacity": capacity, **more})
    return await commands.open_draw(new, EntryTimes(opens_at=opens_at, closes_at=closes_at), SYSTEM)


async def enter(pool_id: int, person_id: int, key: str = "") -> Claim:
    key = key or f"{pool_id}:{person_id}"
    return await commands.enter(pool_id=pool_id, person_id=person_id, key=key, actor=SYSTEM)


async def claim(pool_id: int, person_id: int, key: str = "") -> Claim:
    key = key or f"{pool_id}:{person_id}"
    return await commands.claim(pool_id=pool_id, person_id=person_id, key=key, actor=SYSTEM)


async def wait(pool_id: int, person_id: int, key: str = "") -> Claim:
    key = key or f"{pool_id}:{person_id}"
    return await commands.join_waiting(pool_id=pool_id, person_id=person_id, key=key, actor=SYSTEM)


async def counted(pool_id: int) -> dict[str, int]:
    [row] = await database.rows("SELECT capacity, taken, bulk, waiters FROM pool WHERE id = %s", pool_id)
    return row


async def states(pool_id: int) -> dict[int, str]:
    """The latest claim of each person."""
    found = await database.rows("SELECT person_id, state FROM place_claim WHERE pool_id = %s ORDER BY id", pool_id)
    return {row["person_id"]: row["state"] for row in found}


async def broken() -> list[str]:
    """What the doctor would say of pools."""
    return [
        name
        for name, sql in doctor._INVARIANTS.items()
        if ("pool" in sql or "place_claim" in sql) and await doctor._rows(name, sql)
    ]


async def answers_of(*attempts: Coroutine[Any, Any, object]) -> Counter[str]:
    """How many got what they asked for, and the codes of the others."""
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    unexpected = [one for one in answers if isinstance(one, BaseException) and not isinstance(one, AppError)]
    assert unexpected == [], unexpected
    return Counter(one.code if isinstance(one, AppError) else "ok" for one in answers)
