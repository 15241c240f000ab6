"""A rush on one pool over four processes: exactly what there is, whoever asks where."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from backend.core import database
from backend.core.settings import ROOT, Settings
from tests.allocation.samples import broken, counted, pool_of
from tests.chaos.writing import environment
from tests.scale import sized

pytestmark = pytest.mark.slow

PROCESSES = 4
CLIENTS, PLACES = sized(800, 5_000), sized(160, 1_000)


def rush(settings: Settings, data: Path, pool_id: int, *, clients: int, **more: str) -> Counter[str]:
    """All processes are ready before the first begins; what everybody was told."""
    each = clients // PROCESSES
    env = environment(data, settings.database) | more
    line = [sys.executable, "-m", "tests.allocation.claimant", str(pool_id)]
    started = [
        subprocess.Popen(
            [*line, str(number * each), str(each)], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    told: Counter[str] = Counter()
    for process in started:
        assert process.stdout is not None
        while (said := process.stdout.readline()) not in (b"ready\n", b""):
            pass
        assert said
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in started:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        told.update(json.loads(said.splitlines()[-1]))
    return told


async def rows(pool_id: int) -> tuple[int, int]:
    """Claims, and the people who have them."""
    [row] = await database.rows(
        "SELECT COUNT(*) AS claims, COUNT(DISTINCT person_id) AS people FROM place_claim WHERE pool_id = %s", pool_id
    )
    return row["claims"], row["people"]


@pytest.mark.race(control="test_control_without_its_condition_four_processes_give_out_too_much")
async def test_four_processes_give_out_what_there_is(db: None, settings: Settings, tmp_path: Path) -> None:
    pool_id = await pool_of(PLACES)
    told = rush(settings, tmp_path, pool_id, clients=CLIENTS)
    assert told == {"ok": PLACES, "sold_out": CLIENTS - PLACES}
    assert await rows(pool_id) == (PLACES, PLACES)
    assert await counted(pool_id) == {"capacity": PLACES, "taken": PLACES, "bulk": 0, "waiters": 0}
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_four_processes_give_out_too_much(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    pool_id = await pool_of(10)
    assert rush(settings, tmp_path, pool_id, clients=80, UNGUARDED="1")["ok"] > 10
    assert (await rows(pool_id))[0] > 10
