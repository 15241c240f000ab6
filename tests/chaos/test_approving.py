"""Worker and database die while many approve at once: an approved case has exactly one instruction to pay.

Run by itself: `UNION_TEST_ENGINE=mariadb pytest tests/chaos/test_approving.py`.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from backend.core.processes import Child, Tree
from backend.core.settings import CONFIG_DIR, ROOT
from tests.casework.samples import folder
from tests.chaos.approver import FLOW
from tests.chaos.test_database import scalar, wait_for
from tests.chaos.writing import environment
from tests.conftest import ENGINE
from tests.scale import sized
from tests.servers import MariaDB, private_mariadb, private_redis

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(sized(300, 3_600)),
    pytest.mark.skipif(ENGINE == "sqlite", reason="SQLite has no server that could die"),
]

CASES = sized(60, 1_500)
KILLS = sized(2, 20)
WRITERS = 8


@pytest.fixture
def server() -> Iterator[MariaDB]:
    """Every commit is on the disk before it is acknowledged, as in production."""
    with private_mariadb(flush=1) as made:
        yield made


def configured(base: Path) -> Path:
    """The configuration that ships, but for its services: one that grants an amount by one approval."""
    config = base / "config"
    shutil.copytree(CONFIG_DIR, config)
    shutil.rmtree(config / "catalogue")
    shutil.copytree(folder(base / "sample", sample_grant=FLOW) / "catalogue", config / "catalogue")
    return config


def set_up(env: dict[str, str], cases: int) -> None:
    for line in (["backend.cli", "migrate"], ["tests.chaos.approver", "prepare", str(cases)]):
        subprocess.run([sys.executable, "-m", *line], cwd=ROOT, env=env, check=True, stdin=subprocess.DEVNULL)


class Approving:
    """The approver as a process: the numbers whose approval was acknowledged, and the other answers."""

    def __init__(self, env: dict[str, str], *words: str) -> None:
        line = [sys.executable, "-m", "tests.chaos.approver", "work", str(WRITERS), *words]
        self.process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        self.acknowledged: list[str] = []
        self.together: list[str] = []
        self.failed: list[str] = []

    def read(self) -> None:
        """Until it ends; in a thread."""
        assert self.process.stdout is not None
        kinds = {"ok": self.acknowledged, "batch": self.together, "failed": self.failed}
        with self.process.stdout:
            for line in self.process.stdout:
                kind, _, rest = line.rstrip("\n").partition(" ")
                if kind in kinds:
                    kinds[kind].extend([rest] if kind == "failed" else rest.split())
        self.process.wait(60)


def kill9(child: Child) -> None:
    if child.alive:
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def instructions(server: MariaDB) -> dict[str, int]:
    """Of every approved case."""
    found = server.execute(
        "SELECT c.number, COUNT(d.id) FROM case_file c LEFT JOIN payment_due d ON d.case_id = c.id"
        " WHERE c.status = 'approved' GROUP BY c.number"
    )
    return {str(number): int(str(count)) for number, count in found}


def worker_line() -> list[str]:
    return [sys.executable, "-m", "workers"]


async def test_killed_worker_and_database_leave_one_instruction_each(server: MariaDB, tmp_path: Path) -> None:
    with private_redis() as redis:
        env = environment(tmp_path, server.url, redis.url) | {"UNION_CONFIG_DIR": str(configured(tmp_path))}
        set_up(env, CASES)
        tree = Tree(log_dir=tmp_path / "logs", cwd=ROOT, say=print)
        worker = tree.start("worker", worker_line(), env=env, grace=20)
        approving = Approving(env)
        reading = asyncio.create_task(asyncio.to_thread(approving.read))
        try:
            for kill in range(1, KILLS + 1):
                wanted = CASES // 3 * kill // KILLS
                await wait_for(lambda least=wanted: has_approved(server, least), tree, seconds=120, what="approvals")
                kill9(worker)
                server.kill9()
                server.start()
            await wait_for(reading.done, tree, seconds=300, what="the end of the approvals")
            assert approving.process.returncode == 0, approving.failed
            # What only time brings about: the end of what the dead workers had claimed.
            server.execute("UPDATE outbox SET next_at = next_at - INTERVAL 1 MINUTE WHERE lease <> ''")
            await wait_for(lambda: is_over(server), tree, seconds=300, what="what the worker does")
        finally:
            tree.stop("worker")
            approving.process.kill()
            await reading
        told = instructions(server)
        assert (len(told), set(told.values())) == (CASES, {1})
        assert approving.acknowledged and set(approving.acknowledged) <= set(told)
        assert approving.together and set(approving.together) <= set(told)
        assert scalar(server, "SELECT COUNT(*) FROM payment_due") == CASES
        assert scalar(server, "SELECT SUM(amount_fen) FROM payment_due") == sum(
            (100 + number) * 100 for number in range(1, CASES + 1)
        )
        await asyncio.to_thread(examine, env)


def has_approved(server: MariaDB, least: int) -> bool:
    return scalar(server, "SELECT COUNT(*) FROM case_file WHERE status = 'approved'") >= least


def examine(env: dict[str, str]) -> None:
    doctor = [sys.executable, "-m", "backend.cli", "doctor"]
    said = subprocess.run(doctor, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout[-3000:]


def is_over(server: MariaDB) -> bool:
    return not scalar(server, "SELECT COUNT(*) FROM outbox WHERE state <> 'done'") and not scalar(
        server, "SELECT COUNT(*) FROM batch WHERE state IN ('pending', 'running')"
    )


async def test_control_without_its_guards_a_case_has_several_instructions(server: MariaDB, tmp_path: Path) -> None:
    """The same approvals, with neither a condition on the case nor the key of an amount."""
    cases = 10
    env = environment(tmp_path, server.url) | {"UNION_CONFIG_DIR": str(configured(tmp_path))}
    set_up(env, cases)
    for (key,) in server.execute(
        "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_name = 'payment_due'"
        " AND column_name = 'key' AND non_unique = 0"
    ):
        server.execute(f"ALTER TABLE payment_due DROP INDEX `{key}`")
    approving = Approving(env, "unguarded")
    began = monotonic()
    await asyncio.to_thread(approving.read)
    assert approving.process.returncode == 0, approving.failed
    assert monotonic() - began < 120
    assert max(instructions(server).values()) > 1
