"""MariaDB dies at work: every acknowledged write is there afterwards, and work resumes by itself."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from backend.core.processes import Tree
from backend.core.settings import ROOT
from tests.chaos.writing import Writing, environment, set_up, writing
from tests.conftest import ENGINE
from tests.scale import sized
from tests.servers import MariaDB, private_mariadb, private_redis

pytestmark = [pytest.mark.slow, pytest.mark.skipif(ENGINE == "sqlite", reason="SQLite has no server that could die")]

KILLS = sized(2, 12)
WRITERS = 8


@pytest.fixture
def server() -> Iterator[MariaDB]:
    """Every commit is on the disk before it is acknowledged, as in production."""
    with private_mariadb(flush=1) as made:
        yield made


def scalar(server: MariaDB, sql: str) -> int:
    [[value]] = server.execute(sql)
    return int(str(value))


async def wait_for(condition: Callable[[], bool], tree: Tree, *, seconds: float, what: str) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, what
        tree.tend()
        await asyncio.sleep(0.05)


async def test_kill_9_of_mariadb_loses_no_acknowledged_write(server: MariaDB, tmp_path: Path) -> None:
    with private_redis() as redis, writing() as writers:
        env = environment(tmp_path, server.url, redis.url)
        set_up(env)
        tree = Tree(log_dir=tmp_path / "logs", cwd=ROOT, say=print)
        tree.start("worker", [sys.executable, "-m", "workers"], env=env, grace=20)
        try:
            writers.start(env, writers=WRITERS, first=1)
            for kill in range(1, KILLS + 1):
                await wait_for(
                    lambda wanted=40 * kill: len(writers.acknowledged) >= wanted, tree, seconds=90, what="writes"
                )
                server.kill9()
                server.start()
            await wait_for(
                lambda: len(writers.acknowledged) >= 40 * (KILLS + 1), tree, seconds=90, what="writes afterwards"
            )
            await asyncio.to_thread(writers.finish)
            await wait_for(
                lambda: scalar(server, "SELECT COUNT(*) FROM outbox WHERE state <> 'done'") == 0,
                tree,
                seconds=180,
                what="what follows from them",
            )
        finally:
            tree.stop("worker")
        assert_kept(server, writers)


def assert_kept(server: MariaDB, writers: Writing) -> None:
    stored = {str(row[0]) for row in server.execute("SELECT id_no_index FROM member")}
    assert [index for index in writers.acknowledged if index not in stored] == []
    assert len(set(writers.acknowledged)) == len(writers.acknowledged)
    assert set(writers.failed) == {"unavailable"}
    # A commit whose answer was lost with the connection may be there as well: one a writer and kill.
    assert len(stored) - len(writers.acknowledged) <= WRITERS * KILLS
    assert scalar(server, "SELECT COUNT(*) FROM outbox WHERE topic = 'membership.MemberAdmitted'") == len(stored)
