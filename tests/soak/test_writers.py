"""Fifty writers on one SQLite file in five processes: nobody is ever told that the database is locked."""

from asyncio import sleep
from pathlib import Path
from sqlite3 import connect
from time import monotonic

import pytest

from tests.chaos.writing import environment, set_up, writing
from tests.scale import sized

pytestmark = pytest.mark.slow

PROCESSES, WRITERS = 5, 10
SECONDS = sized(4, 60)


async def test_fifty_writers_wait_for_each_other(tmp_path: Path) -> None:
    file = tmp_path / "union.sqlite3"
    env = environment(tmp_path, f"sqlite:///{file}")
    set_up(env)
    with writing() as writers:
        for number in range(PROCESSES):
            writers.start(env, writers=WRITERS, first=1 + number * 100_000)
        started = monotonic()
        while len(writers.acknowledged) < PROCESSES * WRITERS or monotonic() - started < SECONDS:
            assert monotonic() - started < SECONDS + 60, "too slow"
            await sleep(0.1)
        writers.finish()
    assert writers.failed == []
    with connect(file) as database:
        [(members,)] = database.execute("SELECT COUNT(*) FROM member")
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    assert members == len(writers.acknowledged) == len(set(writers.acknowledged))
    print(f"{members / SECONDS:.0f} admissions a second")
