"""The doorbell: tells the worker that the outbox has something. It carries nothing and may be lost."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)

_ring: Callable[[], Awaitable[object]] | None = None
_ringing: asyncio.Task[None] | None = None


def connect(ring_bell: Callable[[], Awaitable[object]] | None) -> None:
    """Hand over how to wake the worker; None in processes that are not connected to Redis."""
    global _ring  # noqa: PLW0603 - one doorbell a process
    _ring = ring_bell


def ring() -> None:
    """Wake the worker soon. Several rings while one is on its way are one ring."""
    global _ringing  # noqa: PLW0603 - one doorbell a process
    if _ring is None or (_ringing is not None and not _ringing.done()):
        return
    _ringing = asyncio.create_task(_ring_once(_ring), name="doorbell")


async def _ring_once(ring_bell: Callable[[], Awaitable[object]]) -> None:
    try:
        async with asyncio.timeout(3):
            await ring_bell()
    except Exception as exc:
        # The sweep finds the row within seconds; a lost ring costs only that delay.
        log.warning("doorbell.lost", error=type(exc).__name__)
