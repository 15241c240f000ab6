"""`@command`: one command is one transaction, run to its end in a task of its own.

Our own code, not a library's: a cancelled `in_transaction()` of Tortoise leaks its connection for ever,
and a cancelled rollback replaces CancelledError (docs/decisions/0002-one-command-one-transaction.md has the evidence).
"""

import asyncio
import functools
import itertools
import random
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

import structlog
from tortoise.transactions import in_transaction

from backend.core import clock, database, metrics
from backend.core.errors import AppError, Unavailable, is_connection_loss, is_retryable

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger(__name__)

# Whoever waits for an answer is told to try again rather than left waiting; a busy moment passes sooner.
RETRY_SECONDS = 10.0
LONGEST_PAUSE = 0.5
# The audit sealer leaves rows younger than 30 s alone, so no unit may commit later than this.
UNIT_LIMIT_SECONDS = 20.0


class Unit:
    """The running transaction: its task, what to do after commit, and whether a part of it failed."""

    def __init__(self, owner: asyncio.Task[Any]) -> None:
        self.owner = owner
        self.started = clock.monotonic()
        self.after_commit: list[Callable[[], None]] = []
        self.failed: BaseException | None = None


_current: ContextVar[Unit | None] = ContextVar("unit", default=None)
_running: set[asyncio.Task[Any]] = set()


def command(function: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Run `function` in one transaction, retried whole on deadlock or busy; join an outer command.

    The function must have no effect outside the database: what follows a commit goes through
    `after_commit` or the outbox.
    """

    @functools.wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        unit = _current.get()
        if unit is None:
            return await _in_own_task(functools.partial(function, *args, **kwargs), function.__qualname__)
        if asyncio.current_task() is not unit.owner:
            raise RuntimeError(f"{function.__qualname__}: a task started inside a command must not join it")
        try:
            return await function(*args, **kwargs)
        except BaseException as exc:
            unit.failed = exc
            raise

    return run


def after_commit(action: Callable[[], None]) -> None:
    """Call `action` once the running command is committed; it must be quick and must not raise."""
    unit = _current.get()
    if unit is None:
        raise RuntimeError("after_commit outside a command")
    unit.after_commit.append(action)


def in_command() -> bool:
    return _current.get() is not None


async def drain(timeout: float = 20.0) -> None:
    """Let running commands end. Called when the process stops."""
    if _running:
        await asyncio.wait(set(_running), timeout=timeout)


async def _in_own_task(call: Callable[[], Coroutine[Any, Any, R]], name: str) -> R:
    task = asyncio.create_task(_attempts(call, name), name=f"command {name}")
    _running.add(task)
    task.add_done_callback(_finished)
    return await asyncio.shield(task)


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        # Read it, or a command whose caller went away would warn that its error was never retrieved.
        task.exception()


async def _attempts(call: Callable[[], Coroutine[Any, Any, R]], name: str) -> R:
    give_up = clock.monotonic() + RETRY_SECONDS
    for attempt in itertools.count(1):
        try:
            return await _once(call)
        except AppError:
            raise
        except Exception as exc:
            if is_retryable(exc) and clock.monotonic() < give_up:
                metrics.command_retries.labels(name).inc()
                await asyncio.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.005 * 2**attempt)))
                continue
            if is_retryable(exc) or is_connection_loss(exc):
                log.warning("command.unavailable", command=name, attempts=attempt, error=type(exc).__name__)
                raise Unavailable() from exc
            raise
    raise AssertionError("unreachable")


async def _once(call: Callable[[], Coroutine[Any, Any, R]]) -> R:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a command needs a running task")
    unit = Unit(task)
    token = _current.set(unit)
    try:
        async with in_transaction() as client:
            database.transaction.set(client)
            result = await call()
            if unit.failed is not None:
                raise RuntimeError("a joined command failed and was swallowed") from unit.failed
            if clock.monotonic() - unit.started > UNIT_LIMIT_SECONDS:
                raise Unavailable()
    finally:
        database.transaction.set(None)
        _current.reset(token)
    for action in unit.after_commit:
        action()
    return result
