"""Deletes what the kernel's own tables no longer need. Each pass is short; a schedule calls it again."""

from datetime import timedelta

from backend.core import clock, database
from backend.core.command import command

CHUNK = 1_000
KEEP_ANSWERS = timedelta(hours=72)
KEEP_TICKS = timedelta(days=2)
# An event's key stops the same event from happening twice for as long as its row is there.
KEEP_DONE_EVENTS = timedelta(days=30)


async def forget_old() -> int:
    """Answers kept for repeated requests, ticks of the schedule and events long done; the rows deleted."""
    now = clock.now()
    passes = (
        ("idempotent_answer", "created_at < %s", (now - KEEP_ANSWERS,)),
        ("cron_tick", "at < %s", (now - KEEP_TICKS,)),
        ("outbox", "state = %s AND next_at < %s", ("done", now - KEEP_DONE_EVENTS)),
    )
    total = 0
    for table, condition, values in passes:
        while deleted := await _delete_chunk(table, condition, values):
            total += deleted
    return total


@command
async def _delete_chunk(table: str, condition: str, values: tuple[object, ...]) -> int:
    # MariaDB takes no LIMIT in a plain subquery, SQLite none in a DELETE; this both understand.
    return await database.execute(
        f"DELETE FROM {table} WHERE id IN"  # noqa: S608 - names from code only
        f" (SELECT id FROM (SELECT id FROM {table} WHERE {condition} LIMIT %s) AS old)",
        *values,
        CHUNK,
    )
