"""Leases on outbox rows: claim an event, act on it, then finish it or put it off.

A claim is a conditional UPDATE that moves `next_at` to the end of the lease, so the event of a worker
that died comes up again by itself. Tries are counted when they begin: an event that kills its worker
each time ends as dead too.
"""

import secrets
from datetime import datetime, timedelta

import msgspec

from backend.core import clock, database
from backend.core.command import command

WAITING, DONE, DEAD = "waiting", "done", "dead"
LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 10
# After the first failure, the second, …; the tenth is the last.
BACKOFF = tuple(timedelta(seconds=s) for s in (1, 5, 30, 120, 600, 1800, 3600, 7200, 14400))
LONGEST_ERROR = 200
_CANDIDATES = 8


class Claimed(msgspec.Struct, frozen=True):
    """An event this process holds until its lease ends. `key` is the emitter's; `attempts` counts this try."""

    id: int
    key: str
    topic: str
    payload: str
    attempts: int
    lease: str


class _Due(msgspec.Struct):
    id: int
    key: str
    topic: str
    payload: str
    attempts: int


@command
async def claim(*, lease: timedelta = LEASE) -> Claimed | None:
    """The event that has been due longest, now ours for `lease`; None when none is due."""
    now = clock.now()
    while candidates := await _due(now):
        for row in candidates:
            if row.attempts >= MAX_ATTEMPTS:
                await _bury(row, now)
            elif claimed := await _take(row, now, now + lease):
                return claimed
    return None


@command
async def renew(claimed: Claimed, *, lease: timedelta = LEASE) -> bool:
    """Hold it for `lease` from now. False when somebody else has it or it is settled."""
    changed = await database.execute(
        "UPDATE outbox SET next_at = %s WHERE id = %s AND lease = %s", clock.now() + lease, claimed.id, claimed.lease
    )
    return changed > 0


@command
async def finish(claimed: Claimed) -> bool:
    """Everything that follows from the event is done. False when the lease had passed to somebody else."""
    changed = await database.execute(
        "UPDATE outbox SET state = %s, lease = '', last_error = '' WHERE id = %s AND lease = %s",
        DONE,
        claimed.id,
        claimed.lease,
    )
    return changed > 0


@command
async def resume(claimed: Claimed) -> bool:
    """A part was done and there is more: due again at once, behind all others, with its tries forgotten."""
    changed = await database.execute(
        "UPDATE outbox SET attempts = 0, next_at = %s, lease = '', last_error = '' WHERE id = %s AND lease = %s",
        clock.now(),
        claimed.id,
        claimed.lease,
    )
    return changed > 0


@command
async def fail(claimed: Claimed, error: str) -> bool:
    """Put it off, longer each time; after the last try it is dead. False when the lease was lost."""
    last = claimed.attempts >= MAX_ATTEMPTS
    changed = await database.execute(
        "UPDATE outbox SET state = %s, next_at = %s, lease = '', last_error = %s WHERE id = %s AND lease = %s",
        DEAD if last else WAITING,
        clock.now() + (timedelta() if last else BACKOFF[claimed.attempts - 1]),
        error[:LONGEST_ERROR],
        claimed.id,
        claimed.lease,
    )
    return changed > 0


async def _due(now: datetime) -> list[_Due]:
    return await database.views(
        _Due,
        "SELECT id, `key`, topic, payload, attempts FROM outbox"
        " WHERE state = %s AND next_at <= %s ORDER BY next_at, id LIMIT %s",
        WAITING,
        now,
        _CANDIDATES,
    )


async def _take(row: _Due, now: datetime, until: datetime) -> Claimed | None:
    token = secrets.token_hex(16)
    guard, values = _still_due(now)
    changed = await database.execute(
        f"UPDATE outbox SET lease = %s, attempts = attempts + 1, next_at = %s WHERE id = %s{guard}",  # noqa: S608
        token,
        until,
        row.id,
        *values,
    )
    if not changed:
        return None
    return Claimed(
        id=row.id,
        key=row.key.removeprefix(f"{row.topic}:"),
        topic=row.topic,
        payload=row.payload,
        attempts=row.attempts + 1,
        lease=token,
    )


def _still_due(now: datetime) -> tuple[str, tuple[object, ...]]:
    """What makes a claim conditional; the race test shows what happens without it."""
    return " AND state = %s AND next_at <= %s", (WAITING, now)


async def _bury(row: _Due, now: datetime) -> None:
    """The process that made its last try never came back."""
    await database.execute(
        "UPDATE outbox SET state = %s, lease = '', last_error = %s"
        " WHERE id = %s AND state = %s AND attempts = %s AND next_at <= %s",
        DEAD,
        "the worker died on it",
        row.id,
        WAITING,
        row.attempts,
        now,
    )
