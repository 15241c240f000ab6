"""A rush through HTTP on two web processes: real connections, exactly as many vouchers as there are, one each."""

import asyncio
import os
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.core import clock, database, ids
from backend.core.processes import end, spawn
from backend.core.settings import ROOT, Settings
from backend.identity.rules import token_hash
from backend.vouchers import queries
from tests.scale import sized
from tests.servers import free_port, private_redis, until
from tests.vouchers.world import County, broken, build, opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(sized(300, 1_800))]

CLIENTS, VOUCHERS = sized(300, 5_000), sized(100, 1_500)
# So many share a pool of connections, which takes ever longer to choose from; all pools are open at once.
IN_A_POOL = 50
MOST_TRIES = 20
_SESSION = (
    "INSERT INTO session_row (id, account_id, token_hash, label, created_at, seen_at, idle_until, expires_at)"
    " VALUES (%s, %s, %s, '', %s, %s, %s, %s)"
)


@pytest.fixture
async def today(db: None, services: None) -> AsyncIterator[County]:
    """By the clock on the wall, as the web processes see it."""
    yield await build()


@pytest.fixture
def address(settings: Settings, tmp_path: Path) -> Iterator[str]:
    """Two web processes behind one port."""
    port = free_port()
    with private_redis() as redis, (tmp_path / "web.log").open("wb") as log:
        env = {
            **os.environ,
            "UNION_ENVIRONMENT": "test",
            "UNION_DATA_DIR": str(settings.data_dir),
            "UNION_DATABASE_URL": settings.database,
            "UNION_REDIS_URL": redis.url,
            "UNION_PORT": str(port),
            "UNION_WEB_PROCESSES": "2",
        }
        process = spawn([sys.executable, "-m", "backend.cli", "serve"], env=env, cwd=ROOT, output=log)
        made = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _answers(made), seconds=60, what="the web processes")
            yield made
        finally:
            end(process, grace=10)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/livez", timeout=5).is_success
    except httpx.TransportError:
        return False


async def tokens_of(county: County) -> list[str]:
    """A member with a session for each client."""
    now, later = clock.now(), clock.now() + timedelta(days=1)
    tokens = [secrets.token_urlsafe() for _ in range(CLIENTS)]
    people = [await county.member() for _ in tokens]
    rows = [
        [ids.new_id(), one.account_id, token_hash(token), now, now, later, later]
        for one, token in zip(people, tokens, strict=True)
    ]
    await database.execute_many(_SESSION, rows)
    return tokens


async def rush(address: str, campaign: str, tokens: list[str]) -> Counter[str]:
    pools = [tokens[start : start + IN_A_POOL] for start in range(0, len(tokens), IN_A_POOL)]
    told: Counter[str] = Counter()
    for some in await asyncio.gather(*(come(address, campaign, pool) for pool in pools)):
        told += some
    return told


async def come(address: str, campaign: str, tokens: list[str]) -> Counter[str]:
    """Each over a connection of its own."""
    limits = httpx.Limits(max_connections=IN_A_POOL, max_keepalive_connections=IN_A_POOL)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=httpx.Timeout(120)) as http:

        async def claim(token: str) -> str:
            """Whoever is told to come again, or is cut off, comes again with the same claim."""
            headers = {"authorization": f"Bearer {token}", "idempotency-key": secrets.token_urlsafe()}
            for _ in range(MOST_TRIES):
                try:
                    answer = await http.post(f"/api/v1/voucher-campaigns/{campaign}/claims", headers=headers)
                except httpx.TransportError:
                    continue  # cut off, as an idle connection is after some seconds
                if "retry-after" not in answer.headers:
                    return "taken" if answer.status_code == 201 else answer.json()["code"]
                await asyncio.sleep(float(answer.headers["retry-after"]))
            return "given_up"

        return Counter(await asyncio.gather(*(claim(token) for token in tokens)))


async def test_a_rush_through_two_web_processes(today: County, address: str) -> None:
    now = clock.now()
    ends = {"closes_at": now + timedelta(days=1), "valid_until": clock.today() + timedelta(days=9)}
    campaign = await opened(today, total=VOUCHERS, opens_at=now, **ends)
    tokens = await tokens_of(today)
    assert await rush(address, campaign, tokens) == {"taken": VOUCHERS, "sold_out": CLIENTS - VOUCHERS}
    assert await rush(address, campaign, tokens) == {"already_claimed": VOUCHERS, "sold_out": CLIENTS - VOUCHERS}
    assert await database.scalar("SELECT COUNT(DISTINCT member_id) FROM voucher") == VOUCHERS
    shown = await queries.desk_campaign(campaign, today.welfare)
    assert (shown.issued, shown.total) == (VOUCHERS, VOUCHERS)
    assert await broken() == []
