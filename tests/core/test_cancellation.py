"""Whoever goes away at whatever step of a command: all of it or nothing, and every connection comes back.

The steps are those of the database: BEGIN, each statement, COMMIT, and after a failure ROLLBACK.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.backends.mysql.client import TransactionWrapper
from tortoise.backends.sqlite.client import SqliteTransactionContext
from tortoise.transactions import in_transaction

from backend.core import database
from backend.core.command import command, drain
from backend.core.engines import mysql, sqlite
from backend.core.errors import Conflict
from backend.core.settings import Settings
from tests.cancelling import Progress, connections_in_use, fresh_connections, settled, watched

pytestmark = pytest.mark.usefixtures("db")

ROWS = 3


async def write(name: str, *, fail: bool = False) -> None:
    for number in range(ROWS):
        await database.insert("sequence", {"name": f"{name}-{number}", "next": 1})
    if fail:
        raise Conflict("not_found")


write_all = command(write)


async def written(name: str) -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM sequence WHERE name LIKE %s", f"{name}-%"))


async def cancelled_at(step: int, call: Callable[[], Awaitable[None]]) -> tuple[Progress, BaseException | None]:
    """Run `call` in a task that is cancelled at this statement; how it ended."""
    task = asyncio.ensure_future(call())
    progress = Progress(step, task.cancel)
    with watched(progress):
        [ended] = await asyncio.gather(task, return_exceptions=True)
        await drain()
    return progress, ended


async def steps_of(call: Callable[[], Awaitable[None]]) -> Progress:
    """The statements of an undisturbed run, on a connection that is already there."""
    progress = Progress()
    with watched(progress), contextlib.suppress(Conflict):
        await call()
    return progress


async def test_cancelled_at_every_step_it_is_done_whole() -> None:
    steps = await steps_of(lambda: write_all("whole"))
    sent = [sql.split()[0] for sql in steps.sent]
    assert (sent[0], sent.count("INSERT"), sent[-1]) == ("BEGIN", ROWS, "COMMIT")
    for step in range(len(sent)):
        progress, ended = await cancelled_at(step, lambda name=f"s{step}": write_all(name))
        assert isinstance(ended, asyncio.CancelledError), step
        assert progress.sent[-1] == "COMMIT"
        assert (await written(f"s{step}"), connections_in_use()) == (ROWS, 0), step


async def test_cancelled_at_every_step_of_a_failure_it_leaves_nothing() -> None:
    steps = await steps_of(lambda: write_all("failing", fail=True))
    assert steps.sent[-1] == "ROLLBACK"
    for step in range(len(steps.sent)):
        progress, ended = await cancelled_at(step, lambda name=f"f{step}": write_all(name, fail=True))
        assert isinstance(ended, asyncio.CancelledError), step
        assert progress.sent[-1] == "ROLLBACK"
        assert (await written(f"f{step}"), connections_in_use()) == (0, 0), step


async def test_cancelled_before_it_begins_it_may_not_run_at_all() -> None:
    for turns in range(5):
        task = asyncio.create_task(write_all(f"t{turns}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await drain()
        assert await written(f"t{turns}") in (0, ROWS)
        assert connections_in_use() == 0
    assert (await written("t0"), await written("t4")) == (0, ROWS)


async def test_control_a_bare_transaction_leaks_when_it_is_cancelled(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tortoise's own transaction in the caller's task, cancelled at the same steps."""
    monkeypatch.setattr(
        sqlite.UnionSqliteClient,
        "_in_transaction",
        lambda self: SqliteTransactionContext(sqlite.ImmediateTransactionWrapper(self), self._lock),
    )
    monkeypatch.setattr(
        mysql.UnionMySQLClient,
        "_in_transaction",
        lambda self: TransactionContextPooled(TransactionWrapper(self), self._pool_init_lock),
    )

    async def bare(name: str) -> None:
        async with in_transaction():
            await write(name)

    steps = await steps_of(lambda: bare("bare"))
    left = []
    for step in range(len(steps.sent)):
        async with fresh_connections(settings.database):
            await cancelled_at(step, lambda name=f"b{step}": bare(name))
            await settled()
            left.append(connections_in_use())
    assert 1 in left
