"""Cancelling by progress: every time a statement is on its way to the database, and none is answered yet."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import aiomysql
import aiosqlite
import pytest

from backend.core import database


class Progress:
    """The statements that were sent, in order; at number `stop_at` (from 0) `stop` is called once."""

    def __init__(self, stop_at: int = -1, stop: Callable[[], Any] = lambda: None) -> None:
        self.sent: list[str] = []
        self._stop_at = stop_at
        self._stop = stop

    def note(self, sql: str) -> None:
        self.sent.append(sql)
        if len(self.sent) - 1 == self._stop_at:
            # After this turn of the loop the sender waits for the answer.
            asyncio.get_running_loop().call_soon(self._stop)

    @property
    def began(self) -> int:
        """The first statement of the transaction."""
        return next(place for place, sql in enumerate(self.sent) if sql.startswith("BEGIN"))


@contextlib.contextmanager
def watched(progress: Progress) -> Iterator[None]:
    """Below Tortoise and our own clients, where the driver hands a statement over."""
    with pytest.MonkeyPatch.context() as patch:
        if database.is_sqlite():
            _watch_sqlite(patch, progress)
        else:
            _watch_mysql(patch, progress)
        yield


def _watch_sqlite(patch: pytest.MonkeyPatch, progress: Progress) -> None:
    execute = aiosqlite.Connection._execute

    async def noted(self: Any, call: Any, *args: Any, **options: Any) -> Any:
        name = getattr(call, "__name__", "")
        progress.note(name.upper() if name in ("commit", "rollback") else " ".join(map(str, args[:1])))
        return await execute(self, call, *args, **options)

    patch.setattr(aiosqlite.Connection, "_execute", noted)


def _watch_mysql(patch: pytest.MonkeyPatch, progress: Progress) -> None:
    execute = aiomysql.Connection._execute_command

    async def noted(self: Any, kind: int, sql: Any) -> None:
        await execute(self, kind, sql)
        progress.note(sql.decode("utf-8", "replace") if isinstance(sql, bytes) else str(sql))

    patch.setattr(aiomysql.Connection, "_execute_command", noted)


def connections_in_use() -> int:
    """Connections that somebody holds; SQLite has one, behind a lock."""
    client: Any = database.connection()
    return int(client._lock.locked()) if database.is_sqlite() else len(client._pool._used)


async def settled() -> None:
    """What was cancelled has ended, as far as it ever will."""
    for _ in range(100):
        await asyncio.sleep(0.001)
        if not connections_in_use():
            return


@contextlib.asynccontextmanager
async def fresh_connections(url: str) -> AsyncIterator[None]:
    """Afterwards whatever leaked is gone with its pool."""
    try:
        yield
    finally:
        client: Any = database.connection()
        if database.is_sqlite():
            client._lock = asyncio.Lock()
            await client._connection.rollback()
        else:
            client._pool.terminate()
        await database.disconnect()
        await database.connect(url)
        await database.scalar("SELECT 1")
