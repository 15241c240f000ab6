"""Whoever pays is killed in the middle of it, again and again: every amount is paid once, and the books are right.

Run by itself: `pytest tests/chaos/test_paying.py`, with UNION_TEST_ENGINE=mariadb for the other engine.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import open_catalogue
from backend.core import database, ids
from backend.core.settings import CONFIG_DIR, ROOT, Settings
from tests.chaos.writing import environment
from tests.payments.runs import Office, open_office
from tests.payments.samples import balances
from tests.scale import sized
from tests.vouchers.world import broken, build

pytestmark = [pytest.mark.slow, pytest.mark.timeout(sized(300, 3_600))]

DUES = sized(200, 3_000)
KILLS = sized(4, 50)
STEPS = 4  # of a run: made, checked, given to the bank, booked


@pytest.fixture
async def office(db: None, kernel: None, monkeypatch: pytest.MonkeyPatch, freeze: Callable[[str], datetime]) -> Office:
    freeze("2026-03-10T09:00:00+08:00")
    monkeypatch.setattr(catalogue, "_current", open_catalogue(CONFIG_DIR, bindings.BINDINGS))
    judging.configure(bindings.EXPLANATIONS)
    return await open_office(await build(), budget_fen=DUES * 100_00)


def payer(office: Office, settings: Settings) -> "subprocess.Popen[str]":
    people = [str(office.county.treasurer.account_id), str(office.second.account_id)]
    line = [sys.executable, "-m", "tests.chaos.payer", *people, ids.public(office.county.union.id)]
    env = environment(settings.data_dir, settings.database)
    return subprocess.Popen(line, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)


def steps_before_kill(process: "subprocess.Popen[str]", count: int) -> int:
    """Lets it do so many steps, and a part of the next one."""
    assert process.stdout is not None
    done = sum(1 for _, _ in zip(range(count), process.stdout, strict=False))
    with process.stdout:
        try:
            process.wait(random.uniform(0, 0.05))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return done


async def test_killed_payers_pay_everybody_once(office: Office, settings: Settings) -> None:
    await office.dues(DUES)
    killed = 0
    for _ in range(KILLS):
        process = payer(office, settings)
        await asyncio.to_thread(steps_before_kill, process, random.randint(1, 2 * STEPS))
        killed += process.returncode != 0
        assert await broken() == []
    assert killed >= KILLS // 2
    last = payer(office, settings)
    await asyncio.to_thread(last.communicate)
    assert last.returncode == 0
    assert await database.scalar("SELECT COUNT(*) FROM payment_due WHERE state = 'paid'") == DUES
    assert await database.scalar("SELECT COUNT(*) FROM pay_item WHERE state = 'paid'") == DUES
    sums = await balances()
    assert (sums["paid"], sums.get("payable"), sums.get("held"), await office.left()) == (DUES * 100_00, None, None, 0)
    assert await broken() == []
