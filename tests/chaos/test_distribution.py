"""Vouchers handed out by real worker processes that are killed in the middle of it: one each, and all are told.

Run by itself: `pytest tests/chaos/test_distribution.py`, with UNION_TEST_ENGINE=mariadb for the other engine.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

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


class Outcome(NamedTuple):
    """What a distribution left behind, in figures that can be counted again from the rows."""

    vouchers: int
    owners: int  # different members, of all members
    told: int
    people_told: int
    moved_fen: int  # out of the budget and what was held of it, into members' hands
    parts: int  # audited


async def test_killed_workers_hand_out_what_undisturbed_ones_do(county: County, workers: Workers, redis: Redis) -> None:
    await doorbell.connect_redis(redis.url)
    workers.start(WORKERS)
    undisturbed = await _hand_out(county, workers, rounds=0)
    tortured = await _hand_out(county, workers, rounds=ROUNDS)
    await doorbell.disconnect()
    everybody = Outcome(MEMBERS, MEMBERS, MEMBERS, MEMBERS, MEMBERS * FACE_FEN, -(-MEMBERS // PART))
    assert (undisturbed, tortured) == (everybody, everybody)
    budget = await money.budget_row(ids.parse(county.budget) or 0)
    assert (budget.held_fen, budget.left_fen) == (0, 0)
    assert await broken() == []


async def _hand_out(county: County, workers: Workers, *, rounds: int) -> Outcome:
    """A campaign for everybody; in each of the rounds all workers are killed."""
    now, left_fen = clock.now(), (await money.budget_row(ids.parse(county.budget) or 0)).left_fen
    times = {"opens_at": now, "closes_at": now + timedelta(days=10), "valid_until": clock.today() + timedelta(days=20)}
    campaign = await opened(county, mode=CampaignMode.TARGETED, total=MEMBERS, face_value_fen=FACE_FEN, **times)
    await commands.distribute(campaign=campaign, actor=county.welfare)
    campaign_id = ids.parse(campaign)
    for number in range(rounds):
        goal = MEMBERS * (number + 1) // (rounds + 2)

        async def reached(goal: int = goal) -> bool:
            done = await database.scalar("SELECT done FROM voucher_distribution WHERE campaign_id = %s", campaign_id)
            return int(done) >= goal

        # A lease of the one that was killed has to end first.
        await workers.until(reached, seconds=90, what=f"{goal} vouchers")
        for child in random.sample(workers.children, WORKERS):
            await workers.kill9(child)

    async def ended() -> bool:
        state = await database.scalar("SELECT state FROM voucher_distribution WHERE campaign_id = %s", campaign_id)
        waiting = await database.scalar("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")
        return state == "done" and not waiting

    await workers.until(ended, seconds=sized(180, 1_800), what="the distribution and its notices")
    return await _outcome(county, campaign, left_fen)


async def _outcome(county: County, campaign: str, left_before_fen: int) -> Outcome:
    shown, budget = await queries.desk_campaign(campaign, county.welfare), ids.parse(county.budget) or 0
    assert (shown.eligible, shown.unknown, shown.issued) == (MEMBERS, 0, MEMBERS)
    [vouchers] = await database.rows(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT member_id) AS owners FROM voucher WHERE campaign_id = %s",
        ids.parse(campaign),
    )
    [told] = await database.rows(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT account_id) AS people FROM notification"
        " WHERE event = 'voucher.issued' AND `key` LIKE %s",
        f"voucher.issued:{ids.parse(campaign)}:%",
    )
    parts = await database.scalar(
        "SELECT COUNT(*) FROM audit a JOIN voucher_distribution d ON d.id = a.object_id"
        " WHERE a.action = 'vouchers.issued' AND d.campaign_id = %s",
        ids.parse(campaign),
    )
    moved_fen = left_before_fen - (await money.budget_row(budget)).left_fen
    return Outcome(vouchers["n"], vouchers["owners"], told["n"], told["people"], moved_fen, parts)
