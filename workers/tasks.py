"""What the queue runs. A task carries nothing: it looks into the tables and works until nothing is due.

No task runs longer than a slice; when there is more it rings again, so that a stopping worker is never
long in the middle of something and no kind of work starves another.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from backend.core import clock, doorbell, metrics, relay, scrub
from backend.core.errors import Unavailable
from workers import delivery, reactions

log = structlog.get_logger(__name__)

SLICE_SECONDS = 4.0
# With a slice before it, still inside the time a task has.
REACTION_SECONDS = 50.0

Context = dict[Any, Any]

# Several at once in a process, so that one long reaction holds up nobody; further rings wait their turn.
_draining = asyncio.Semaphore(3)
_delivering = asyncio.Semaphore(1)


_stopping = False


def finish_up() -> None:
    """This process is to end: tasks stop after the event they are at."""
    global _stopping  # noqa: PLW0603 - one state a process
    _stopping = True


async def drain_outbox(ctx: Context) -> None:
    """Act on every event that is due, the oldest first."""
    async with _draining:
        # Answered only now: while a task waits here, further rings are the same ring.
        if redis := ctx.get("redis"):
            await doorbell.heard(redis)
        finished = await _work(react_next)
    await _ring(ctx, doorbell.DELIVER_TASK)
    if not finished:
        await _ring(ctx, doorbell.DRAIN_TASK)


async def deliver(ctx: Context) -> None:
    """Send every message that is due."""
    async with _delivering:
        finished = await _work(delivery.send_batch)
    if not finished:
        await _ring(ctx, doorbell.DELIVER_TASK)


async def react_next() -> bool:
    """Claim one event and act on it. False when none was due."""
    claimed = await relay.claim()
    if claimed is None:
        return False
    try:
        finished = await _react(claimed)
    except Exception as exc:
        await _put_off(claimed, exc)
    else:
        if finished:
            await relay.finish(claimed)
            metrics.outbox_done.labels(claimed.topic).inc()
        else:
            await relay.resume(claimed)
    return True


async def _react(claimed: relay.Claimed) -> bool:
    holding = asyncio.create_task(_hold(claimed))
    try:
        async with asyncio.timeout(REACTION_SECONDS):
            return await reactions.react(claimed)
    finally:
        holding.cancel()


async def _hold(claimed: relay.Claimed) -> None:
    """Keep the lease alive while a reaction takes long."""
    held = True
    while held:
        await asyncio.sleep(relay.LEASE.total_seconds() / 3)
        try:
            held = await relay.renew(claimed)
        except Unavailable:
            log.warning("event.lease_not_renewed", topic=claimed.topic, id=claimed.id)


async def _put_off(claimed: relay.Claimed, error: Exception) -> None:
    dead = claimed.attempts >= relay.MAX_ATTEMPTS
    say = log.error if dead else log.warning
    say("event.dead" if dead else "event.failed", topic=claimed.topic, id=claimed.id, exc_info=error)
    metrics.outbox_failed.labels(claimed.topic).inc()
    await relay.fail(claimed, scrub.text(f"{type(error).__name__}: {error}"))


async def _work(step: Callable[[], Awaitable[bool]]) -> bool:
    """Repeat `step` while it finds work. False when the slice, or this process, was to end first."""
    end = clock.monotonic() + SLICE_SECONDS
    while not _stopping and clock.monotonic() <= end:
        if not await step():
            return True
    return False


async def _ring(ctx: Context, task: str) -> None:
    if redis := ctx.get("redis"):
        await redis.enqueue_job(task, _queue_name=doorbell.QUEUE)
