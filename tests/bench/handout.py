"""`python -m tests.bench.handout`: vouchers for a county's members, beside a copy of the same rows by the database.

The distribution freezes its list and hands out part by part, with ledger, audit and outbox, as one worker does. The
floor is `INSERT … SELECT` of the vouchers it wrote into an empty table with the same indexes, on the same server. Both
are measured in turn, one on each core as elsewhere.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import uvloop

from backend import startup
from backend.core import clock, database, schema
from backend.core.settings import Settings
from backend.vouchers import commands
from backend.vouchers.enums import CampaignMode
from tests.bench import report
from tests.bench.load import LOAD_CORE, SERVER_CORE, pin
from tests.servers import private_mariadb
from tests.vouchers.world import build, opened

MEMBERS, ROLL_AT_ONCE, FLOOR_ROUNDS, TIMES = 156_000, 2_000, 3, 3.0


class Measured(NamedTuple):
    """Seconds of the distribution and of the copies, and by how many megabytes the process grew."""

    handed_out: float
    copied: float
    grown_mb: float


async def hand_out() -> tuple[float, float]:
    county = await build(budget_fen=MEMBERS * 10_00)
    for _ in range(0, MEMBERS, ROLL_AT_ONCE):
        await county.roll(ROLL_AT_ONCE, household="44")
    now = clock.now()
    times = {"opens_at": now, "closes_at": now + timedelta(days=5), "valid_until": clock.today() + timedelta(days=30)}
    campaign = await opened(
        county, mode=CampaignMode.TARGETED, total=MEMBERS, face_value_fen=10_00, threshold_fen=0, **times
    )
    await commands.distribute(campaign=campaign, actor=county.welfare)
    distribution_id = await database.scalar("SELECT id FROM voucher_distribution")
    before, begin = _peak_mb(), time.perf_counter()
    while not await commands.run(distribution_id):
        pass
    taken = time.perf_counter() - begin
    assert await database.scalar("SELECT COUNT(*) FROM voucher") == MEMBERS
    return taken, _peak_mb() - before


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def copy() -> float:
    """The median of some rounds, each into a table of its own."""
    seconds = []
    for _ in range(FLOOR_ROUNDS):
        await database.execute("CREATE TABLE voucher_copy LIKE voucher")
        begin = time.perf_counter()
        await database.execute("INSERT INTO voucher_copy SELECT * FROM voucher")
        seconds.append(time.perf_counter() - begin)
        await database.execute("DROP TABLE voucher_copy")
    return statistics.median(seconds)


async def measure(settings: Settings) -> Measured:
    await schema.migrate(settings.database)
    await startup.start(settings)
    try:
        handed_out, grown = await hand_out()
        return Measured(handed_out, await copy(), grown)
    finally:
        await startup.stop()


def table(measured: Measured) -> str:
    times = measured.handed_out / measured.copied
    lines = [
        f"{report.circumstances()}. One run of the distribution, the median of {FLOOR_ROUNDS} copies.",
        "",
        "| | measured | target |",
        "| --- | ---: | ---: |",
        f"| {MEMBERS:,} vouchers handed out, with list, ledger, audit and outbox | {measured.handed_out:.1f} s | |",
        f"| the same rows by `INSERT … SELECT` | {measured.copied:.1f} s | |",
        f"| times the copy | {times:.1f} | ≤ {TIMES:g} |",
        f"| growth of the process | {measured.grown_mb:.0f} MB | ≤ 100 |",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.handout")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/performance.md as it is")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="union-handout-") as name,
        private_mariadb(flush=1, buffer_mb=512) as mariadb,
    ):
        pin(mariadb.pid, LOAD_CORE)
        pin(os.getpid(), SERVER_CORE)
        settings = Settings(environment="test", data_dir=Path(name), database_url=mariadb.url_of("union_test"))
        measured = uvloop.run(measure(settings))
    text = table(measured)
    sys.stdout.write(text)
    if options.write:
        report.write(text, "handout")
    return 0


if __name__ == "__main__":
    sys.exit(main())
