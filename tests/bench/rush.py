"""`python -m tests.bench.rush`: two hundred clients on two thousand places, ours and a raw claim in turn.

Both run in this process, on one core, over twenty connections; MariaDB is on the other core. The raw claim writes
the rows that ours writes, in the order that holds the pool's row for the shortest time, and knows neither people
nor pauses, waiting lists, retries or cancelled requests. Then everybody comes again and is told that nothing is left.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import aiomysql
import uvloop

from backend import startup
from backend.allocation import commands
from backend.allocation.commands import SoldOut
from backend.allocation.schemas import NewPool
from backend.core import database, ids, schema
from backend.core.actor import SYSTEM
from backend.core.engines.mysql import INIT_COMMAND
from backend.core.settings import Settings
from tests.bench import report
from tests.bench.load import LOAD_CORE, SERVER_CORE, pin
from tests.servers import private_mariadb

CLIENTS, PLACES, TOO_LATE, CONNECTIONS, ROUNDS = 200, 2_000, 20_000, 20, 7
WON, TOLD = 0.7, 5.0

# Whether this person got a place.
Attempt = Callable[[int, int], Awaitable[bool]]

_CLAIM = (
    "INSERT INTO place_claim (id, pool_id, person_id, `key`, nth, state, created_at, changed_at)"
    " VALUES (%s, %s, %s, %s, 1, 'held', %s, %s)"
)
_AUDIT = (
    "INSERT INTO audit (id, at, actor_kind, actor_id, action, object_kind, object_id, detail)"
    " VALUES (%s, %s, 'system', 0, 'place.claimed', 'place_claim', %s, %s)"
)
_TAKE = "UPDATE pool SET taken = taken + 1 WHERE id = %s AND taken < capacity"


class Measured(NamedTuple):
    """Answers a second; how long a winner waited for theirs."""

    won: float
    told: float
    p50_ms: float
    p99_ms: float


async def ours(pool_id: int, person: int) -> bool:
    try:
        await commands.claim(pool_id=pool_id, person_id=person, key=f"{pool_id}:{person}", actor=SYSTEM)
    except SoldOut:
        return False
    return True


def raw(pool: aiomysql.Pool) -> Attempt:
    async def attempt(pool_id: int, person: int) -> bool:
        now, claim_id = datetime.now(UTC).replace(tzinfo=None), ids.new_id()
        detail = f'{{"person":{person},"pool":{pool_id}}}'
        async with pool.acquire() as connection, connection.cursor() as cursor:
            await connection.begin()
            await cursor.execute(_CLAIM, (claim_id, pool_id, person, f"{pool_id}:{person}", now, now))
            await cursor.execute(_AUDIT, (ids.new_id(), now, claim_id, detail))
            if await cursor.execute(_TAKE, (pool_id,)):
                await connection.commit()
                return True
            await connection.rollback()
            return False

    return attempt


async def measure(attempt: Attempt) -> Measured:
    """Everybody comes until all is gone, then as many again as are too late."""
    new = NewPool(key=f"bench:{ids.new_id()}", kind="bench", capacity=PLACES)
    pool_id = await commands.open_pool(new, SYSTEM)
    waited, seconds = await _come(attempt, pool_id, 0, PLACES + CLIENTS)
    await _come(attempt, pool_id, 1_000_000, CLIENTS)  # whoever was on the way when the last place went
    _, late = await _come(attempt, pool_id, 2_000_000, TOO_LATE)
    rows = await database.scalar("SELECT COUNT(*) FROM place_claim WHERE pool_id = %s", pool_id)
    assert (len(waited), rows) == (PLACES, PLACES)
    cuts = quantiles(waited, n=100)
    return Measured(PLACES / seconds, TOO_LATE / late, cuts[49] * 1_000, cuts[98] * 1_000)


async def _come(attempt: Attempt, pool_id: int, first: int, count: int) -> tuple[list[float], float]:
    """How long each winner waited; the seconds until the last of them, or of all where nobody won, was answered."""
    people = iter(range(first, first + count))
    waited: list[float] = []
    begin = last = time.perf_counter()

    async def client() -> None:
        nonlocal last
        for person in people:
            asked = time.perf_counter()
            if await attempt(pool_id, person):
                last = time.perf_counter()
                waited.append(last - asked)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return waited, (last if waited else time.perf_counter()) - begin


async def compare(settings: Settings, rounds: int) -> tuple[list[Measured], list[Measured]]:
    await schema.migrate(settings.database)
    await startup.start(settings)
    url = urlsplit(settings.database)
    async with aiomysql.create_pool(
        host=url.hostname,
        port=url.port,
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        db=url.path.lstrip("/"),
        minsize=CONNECTIONS,
        maxsize=CONNECTIONS,
        autocommit=True,
        charset="utf8mb4",
        init_command=INIT_COMMAND,
    ) as pool:
        mine, theirs = [], []
        for number in range(rounds + 1):
            both = await measure(ours), await measure(raw(pool))
            if number:  # the first round only warms both up
                mine.append(both[0])
                theirs.append(both[1])
    await startup.stop()
    return mine, theirs


def table(mine: Sequence[Measured], theirs: Sequence[Measured]) -> str:
    won = median(one.won / other.won for one, other in zip(mine, theirs, strict=True))
    told = median(one.told / one.won for one in mine)
    lines = [
        f"{report.circumstances()}. {CLIENTS} clients on {PLACES:,} places, {TOO_LATE:,} who come too late, medians of"
        f" {len(mine)} interleaved rounds.",
        "",
        "| | ours | raw claim | ratio | target |",
        "| --- | ---: | ---: | ---: | ---: |",
        f"| wins a second (p50 / p99 ms) | {_won(mine)} | {_won(theirs)} | {won:.2f} of the raw claim | ≥ {WON:g} |",
        f"| sold-out answers a second | {median(one.told for one in mine):,.0f} |"
        f" {median(one.told for one in theirs):,.0f} | {told:.1f} × our wins | ≥ {TOLD:g} |",
    ]
    return "\n".join(lines) + "\n"


def _won(measured: Sequence[Measured]) -> str:
    p50, p99 = median(one.p50_ms for one in measured), median(one.p99_ms for one in measured)
    return f"{median(one.won for one in measured):,.0f} ({p50:.0f} / {p99:.0f})"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rush")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="union-rush-") as name, private_mariadb(flush=1, buffer_mb=512) as mariadb:
        pin(mariadb.pid, LOAD_CORE)
        pin(os.getpid(), SERVER_CORE)
        url = mariadb.url_of("union_test", maxsize=CONNECTIONS, minsize=CONNECTIONS)
        settings = Settings(environment="test", data_dir=Path(name), database_url=url)
        mine, theirs = uvloop.run(compare(settings, options.rounds))
    text = table(mine, theirs)
    sys.stdout.write(text)
    if options.write:
        report.write(text, "rush")
    return 0


if __name__ == "__main__":
    sys.exit(main())
