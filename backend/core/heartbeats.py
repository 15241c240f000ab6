"""Signs of life: workers note the time every ten seconds, and whoever asks learns how long ago that was."""

from datetime import timedelta

from backend.core import clock, database
from backend.core.command import command
from backend.core.database import aware

WORKER = "worker"
# Six signs missed: the worker is not there, or stuck.
SILENT = timedelta(seconds=60)


@command
async def note(name: str) -> None:
    now = clock.now()
    if not await database.insert_if_absent("heartbeat", {"name": name, "at": now}, key="name"):
        await database.execute("UPDATE heartbeat SET at = %s WHERE name = %s", now, name)


async def age(name: str) -> timedelta | None:
    """Since the last sign of `name`; None when there never was one."""
    at = await database.scalar("SELECT at FROM heartbeat WHERE name = %s", name)
    return None if at is None else max(clock.now() - aware(at), timedelta())
