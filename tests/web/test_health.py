"""Signs of life: ready, degraded and unavailable are told apart, and the counters are not for strangers."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Any, cast

import httpx
import msgspec
import pytest
from litestar import Litestar

from backend.app import create_app
from backend.core import clock, database, doorbell, heartbeats, metrics, reference
from backend.core.settings import Settings
from tests.conftest import ENGINE
from tests.servers import MariaDB, Redis, private_mariadb, private_redis

TOKEN = "a-token-for-the-scraper"
Freeze = Callable[[str], datetime]


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture
async def ringing(redis: Redis) -> AsyncIterator[Redis]:
    if not redis.answers():
        redis.start()
    await doorbell.connect_redis(redis.url)
    yield redis
    await doorbell.disconnect()


@pytest.fixture
def app(db: None, settings: Settings) -> Iterator[Litestar]:
    strict = msgspec.structs.replace(settings, allowed_hosts=("union.example",), metrics_token=TOKEN)
    yield create_app(strict)
    reference.load(settings)


def caller(app: Litestar, peer: str = "127.0.0.1", name: str = "127.0.0.1:8000") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(cast(Any, app), client=(peer, 40_000))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{name}")


async def health(app: Litestar) -> tuple[int, dict[str, Any]]:
    async with caller(app) as client:
        answer = await client.get("/readyz")
    return answer.status_code, answer.json()


WELL = {
    "status": "ready",
    "database": "ok",
    "schema": "ok",
    "redis": "ok",
    "worker": "ok",
    "worker_silent_seconds": 7,
}


async def test_ready(app: Litestar, ringing: Redis, freeze: Freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await heartbeats.note(heartbeats.WORKER)
    clock.advance(seconds=7)
    assert await health(app) == (200, WELL)


async def test_a_silent_worker_degrades(app: Litestar, ringing: Redis, freeze: Freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    unseen = WELL | {"status": "degraded", "worker": "not seen yet", "worker_silent_seconds": None}
    assert await health(app) == (200, unseen)
    await heartbeats.note(heartbeats.WORKER)
    clock.advance(seconds=60)
    assert await health(app) == (200, WELL | {"worker_silent_seconds": 60})
    clock.advance(seconds=1)
    silent = WELL | {"status": "degraded", "worker": "silent", "worker_silent_seconds": 61}
    assert await health(app) == (200, silent)


async def test_without_redis_it_serves_degraded(app: Litestar, freeze: Freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await heartbeats.note(heartbeats.WORKER)
    none = WELL | {"status": "degraded", "redis": "none", "worker_silent_seconds": 0}
    assert await health(app) == (200, none)


async def test_a_redis_that_went_away_degrades(app: Litestar, ringing: Redis, freeze: Freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await heartbeats.note(heartbeats.WORKER)
    ringing.kill9()
    away = WELL | {"status": "degraded", "redis": "away", "worker_silent_seconds": 0}
    assert await health(app) == (200, away)
    ringing.start()
    assert await health(app) == (200, WELL | {"worker_silent_seconds": 0})


async def test_a_redis_that_takes_no_writes_degrades(app: Litestar, ringing: Redis, freeze: Freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    await heartbeats.note(heartbeats.WORKER)
    pool = await doorbell.open_pool(ringing.url)
    await pool.config_set("maxmemory", "1")
    try:
        full = WELL | {"status": "degraded", "redis": "away", "worker_silent_seconds": 0}
        assert await health(app) == (200, full)
    finally:
        await pool.config_set("maxmemory", "0")
        await pool.aclose(close_connection_pool=True)


async def test_a_schema_that_is_behind_is_unavailable(app: Litestar) -> None:
    names = [row["name"] for row in await database.rows("SELECT name FROM tortoise_migrations WHERE app = 'union'")]
    newest = max(names)
    await database.execute("UPDATE tortoise_migrations SET name = %s WHERE name = %s", "away", newest)
    try:
        status, told = await health(app)
    finally:
        await database.execute("UPDATE tortoise_migrations SET name = %s WHERE name = %s", newest, "away")
    assert (status, told["status"], told["database"], told["schema"]) == (503, "unavailable", "ok", "behind")


@pytest.mark.slow
@pytest.mark.skipif(ENGINE != "mariadb", reason="SQLite is a file: it does not go away")
@pytest.mark.parametrize("fault", ["killed", "hanging"])
async def test_a_database_that_does_not_answer_is_unavailable_within_five_seconds(
    app: Litestar, settings: Settings, fault: str
) -> None:
    with private_mariadb() as server:
        await database.disconnect()
        await database.connect(server.url)
        try:
            await _break_and_mend(app, server, fault)
        finally:
            await database.disconnect()
            await database.connect(settings.database)


async def _break_and_mend(app: Litestar, server: MariaDB, fault: str) -> None:
    assert (await health(app))[1]["schema"] == "behind"  # it is empty
    if fault == "killed":
        server.kill9()
    else:
        server.pause()
    began = clock.monotonic()
    status, told = await health(app)
    assert clock.monotonic() - began < 5
    assert (status, told["status"], told["database"]) == (503, "unavailable", "away")


async def test_nothing_is_told_but_words_and_a_number(app: Litestar, settings: Settings) -> None:
    async with caller(app, peer="203.0.113.9") as client:
        text = (await client.get("/readyz")).text
    assert set(msgspec.json.decode(text)) == set(WELL)
    for secret in (settings.database, str(settings.data_dir), "127.0.0.1", TOKEN):
        assert secret not in text


async def test_probes_need_not_know_the_public_name(app: Litestar) -> None:
    async with caller(app) as client:
        assert (await client.get("/livez")).json() == {"status": "alive"}
        assert (await client.get("/")).status_code == 400


PROXIED = ({"x-forwarded-for": "127.0.0.1"}, {"x-real-ip": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}, {"via": "1.1"})


@pytest.mark.parametrize(
    ("peer", "name", "headers", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", {}, 200),
        ("::1", "[::1]:8000", {}, 200),
        ("127.0.0.1", "localhost", {}, 200),
        ("127.0.0.1", "union.example", {}, 404),
        ("203.0.113.9", "127.0.0.1", {}, 404),
        ("10.0.0.5", "union.example", {}, 404),
        *(("127.0.0.1", "127.0.0.1", header, 404) for header in PROXIED),
        ("203.0.113.9", "union.example", {"authorization": f"Bearer {TOKEN}"}, 200),
        ("203.0.113.9", "union.example", {"authorization": "Bearer another-token-of-nobody"}, 404),
        ("203.0.113.9", "union.example", {"authorization": "Bearer "}, 404),
        ("203.0.113.9", "union.example", {"authorization": "Bearer \u00ff"}, 404),
    ],
)
async def test_the_counters_are_for_this_machine_or_who_knows_the_token(
    app: Litestar, peer: str, name: str, headers: dict[str, str], status: int
) -> None:
    async with caller(app, peer, name) as client:
        sent = {key.encode(): value.encode("latin-1") for key, value in headers.items()}
        answer = await client.get("/metrics", headers=sent)
    assert answer.status_code == status
    assert ("union_outbox_waiting" in answer.text) is (status == 200)


async def test_without_a_token_an_empty_one_opens_nothing(app: Litestar, settings: Settings) -> None:
    reference.load(settings)
    async with caller(app, "203.0.113.9", "union.example") as client:
        answer = await client.get("/metrics", headers={"authorization": "Bearer "})
    assert answer.status_code == 404


async def test_what_is_measured_at_the_moment(app: Litestar, freeze: Freeze) -> None:
    freeze("2026-03-10T09:00:00+08:00")
    async with caller(app) as client:
        assert "union_worker_silent_seconds" not in (await client.get("/metrics")).text
        await heartbeats.note(heartbeats.WORKER)
        clock.advance(seconds=30)
        lines = (await client.get("/metrics")).text.splitlines()
    assert "union_outbox_waiting 0.0" in lines
    assert "union_worker_silent_seconds 30.0" in lines
    assert metrics.render({}).decode().count("# TYPE union_outbox_waiting") == 0
