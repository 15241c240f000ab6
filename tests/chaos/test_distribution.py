"""Vouchers handed out by real worker processes that are killed in the middle of it: one each, and all are told.

Run by itself: `pytest tests/chaos/test_distribution.py`, with UNION_TEST_ENGINE=mariadb for the other engine.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import open_catalogue
from backend.core import clock, database, doorbell, ids
from backend.core.command import command
from backend.core.settings import CONFIG_DIR, Settings
from backend.payments import queries as money
from backend.vouchers import commands, queries
from backend.vouchers.commands.distribution import PART
from backend.vouchers.enums import CampaignMode
from tests.scale import sized
from tests.servers import Redis, private_redis
from tests.vouchers.world import County, broken, build, opened
from tests.worker_processes import Workers, worker_processes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(sized(300, 3_600))]

MEMBERS = sized(5_000, 156_000)
ENROLLED_AT_ONCE = 1_000
WORKERS = 5
ROUNDS = sized(2, 10)  # in each of them all workers are killed: ten kills, fifty at full size
FACE_FEN = 10_00
_MEMBER = (
    "INSERT INTO member (id, member_no, name, initials, id_no_index, id_no_sealed, phone_sealed, gender, birth_year,"
    " birth_month, household_province, status, status_since, union_id, division, employ_form, newform_group, employer,"
    " joined_on, version, created_at) VALUES (%s, %s, '王小测', 'wxc', %s, '', '', 'f', 1990, 3, '44', 'active', %s,"
    " %s, '990121001', '', '', '', %s, 1, %s)"
)
_ACCOUNT = (
    "INSERT INTO account (id, kind, state, phone_sealed, display, password_hash, must_change_password, totp_sealed,"
    " totp_last_step, sign_ins, member_id, created_at) VALUES (%s, 'person', 'active', '', '', '', 0, '', 0, 0, %s, %s)"
)


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def workers(redis: Redis, settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    with worker_processes(settings, redis, tmp_path) as made:
        yield made


@pytest.fixture
async def county(db: None, kernel: None, monkeypatch: pytest.MonkeyPatch) -> County:
    """Today, for the workers have a clock of their own."""
    monkeypatch.setattr(catalogue, "_current", open_catalogue(CONFIG_DIR, bindings.BINDINGS))
    judging.configure(bindings.EXPLANATIONS)
    made = await build(2 * MEMBERS * FACE_FEN)
    for start in range(0, MEMBERS, ENROLLED_AT_ONCE):
        await _enrol(made.unit.id, range(start, min(start + ENROLLED_AT_ONCE, MEMBERS)))
    return made


@command
async def _enrol(union_id: int, numbers: range) -> None:
    """Members with accounts, so that each of them has an inbox."""
    now, day = clock.now(), date(2026, 3, 10)
    people = [(ids.new_id(), ids.new_id(), number) for number in numbers]
    roll: list[list[Any]] = [
        [member_id, f"99{number:08d}", str(number), day, union_id, day, now] for member_id, _, number in people
    ]
    await database.execute_many(_MEMBER, roll)
    await database.execute_many(_ACCOUNT, [[account_id, member_id, now] for member_id, account_id, _ in people])


async def test_killed_workers_hand_out_one_voucher_each_and_tell_everybody(
    county: County, workers: Workers, redis: Redis
) -> None:
    await doorbell.connect_redis(redis.url)
    now = clock.now()
    campaign = await opened(
        county,
        mode=CampaignMode.TARGETED,
        total=MEMBERS,
        face_value_fen=FACE_FEN,
        opens_at=now,
        closes_at=now + timedelta(days=10),
        valid_until=clock.today() + timedelta(days=20),
    )
    workers.start(WORKERS)
    await commands.distribute(campaign=campaign, actor=county.welfare)

    for number in range(ROUNDS):
        goal = MEMBERS * (number + 1) // (ROUNDS + 2)

        async def reached(goal: int = goal) -> bool:
            return int(await database.scalar("SELECT done FROM voucher_distribution")) >= goal

        # A lease of the one that was killed has to end first.
        await workers.until(reached, seconds=90, what=f"{goal} vouchers")
        for child in random.sample(workers.children, WORKERS):
            await workers.kill9(child)

    async def ended() -> bool:
        state = await database.scalar("SELECT state FROM voucher_distribution")
        waiting = await database.scalar("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")
        return state == "done" and not waiting

    await workers.until(ended, seconds=sized(180, 1_800), what="the distribution and its notices")
    await doorbell.disconnect()

    shown = await queries.desk_campaign(campaign, county.welfare)
    assert (shown.eligible, shown.unknown, shown.issued) == (MEMBERS, 0, MEMBERS)
    assert await database.scalar("SELECT COUNT(DISTINCT member_id) FROM voucher") == MEMBERS
    told = await database.rows(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT account_id) AS people FROM notification WHERE event = 'voucher.issued'"
    )
    assert told == [{"n": MEMBERS, "people": MEMBERS}]
    budget = await money.budget_row(ids.parse(county.budget) or 0)
    assert (budget.held_fen, budget.left_fen) == (0, MEMBERS * FACE_FEN)
    parts = -(-MEMBERS // PART)
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'vouchers.issued'") == parts
    assert await broken() == []
