"""The whole application on the test database, spoken to in the loop of the tests."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from backend import startup
from backend.app import create_app
from backend.casework import catalogue
from backend.core import audit, clock, database, reference
from backend.core.settings import Settings
from backend.home import doctor
from backend.identity import passwords
from tests.conftest import empty_tables
from workers import delivery, tasks

MORNING = "2026-03-10T09:00:00+08:00"  # a Tuesday in a month without holidays


@contextmanager
def frozen(moment: str = MORNING) -> Iterator[None]:
    clock.freeze(datetime.fromisoformat(moment))
    try:
        yield
    finally:
        clock.unfreeze()


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Passwords that cost nothing to hash: a world has dozens of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        passwords._stand_in.cache_clear()
        yield
    passwords._stand_in.cache_clear()


@pytest.fixture(scope="module")
async def app(_schema: None, settings: Settings) -> AsyncIterator[Litestar]:
    """Started on empty tables that are this module's until it ends. It is nine o'clock, and a demo: people read
    their codes in its outbox.

    Its lifespan is run from here, because httpx does not: what a test before has loaded or connected makes
    room for what the product loads, and comes back afterwards.
    """
    await empty_tables()
    await database.disconnect()
    before = catalogue._current
    await startup.start(settings)
    with frozen(), cheap_hashes():
        yield create_app(msgspec.structs.replace(settings, environment="demo"))
    await startup.stop()
    reference.load(settings)
    catalogue._current = before
    await database.connect(settings.database)


def browser(app: Litestar, *, base_url: str = "http://testserver") -> httpx.AsyncClient:
    """Keeps cookies, says where its requests come from, and follows no redirect by itself."""
    transport = httpx.ASGITransport(cast(Any, app))
    return httpx.AsyncClient(transport=transport, base_url=base_url, event_hooks={"request": [say_origin]})


async def say_origin(request: httpx.Request) -> None:
    """As browsers do with every unsafe request, unless the test says something itself."""
    said = any(name in request.headers for name in ("origin", "referer", "sec-fetch-site", "authorization"))
    if request.method not in ("GET", "HEAD", "OPTIONS") and not said:
        request.headers["origin"] = f"{request.url.scheme}://{request.url.netloc.decode()}"


async def wrong() -> list[doctor.Finding]:
    """What the doctor finds once everything that follows has followed and the audit log is sealed."""
    await drain()
    now = clock.now()
    try:
        clock.advance(minutes=1)
        await audit.seal_all(reference.settings().audit_anchor)
    finally:
        clock.freeze(now)
    return await doctor.examine()


async def drain() -> None:
    """Let what follows from events happen, by the workers' own functions; nothing may have failed."""
    while await tasks.react_next():
        pass
    failed = await database.rows("SELECT topic, state, last_error FROM outbox WHERE last_error <> ''")
    assert failed == []
    while await delivery.send_batch():
        pass
