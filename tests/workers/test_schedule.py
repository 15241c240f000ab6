"""What runs by the clock: the same tick once, old rows gone, a sign of life."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from arq.cron import CronJob

from backend.core import audit, clock, database, ids
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.core.settings import Settings
from tests.unguarded import without_keys
from workers import schedule

pytestmark = pytest.mark.usefixtures("db")

Freeze = Callable[[str], datetime]
MORNING = "2026-03-10T09:00:00+08:00"


def next_runs(job: CronJob, count: int) -> list[str]:
    moment = datetime(2026, 3, 10, 1, 0, 0, 1, tzinfo=UTC)
    found = []
    for _ in range(count):
        job.calculate_next(moment)
        assert job.next_run is not None
        moment = job.next_run
        found.append(f"{moment:%H:%M:%S}")
    return found


def test_the_timetable() -> None:
    table = {job.name: next_runs(job, 3) for job in schedule.CRON}
    assert table == {
        "cron:sweep": ["01:00:15", "01:00:30", "01:00:45"],
        "cron:heartbeat": ["01:00:10", "01:00:20", "01:00:30"],
        "cron:seal_audit": ["01:00:05", "01:00:15", "01:00:25"],
        "cron:check_deadlines": ["01:00:20", "01:10:20", "01:20:20"],
        "cron:count_cases": ["01:00:03", "01:00:13", "01:00:23"],
        "cron:tend_registers": ["01:17:10", "02:17:10", "03:17:10"],
        "cron:remind_policies": ["01:27:10", "02:27:10", "03:27:10"],
        "cron:end_exports": ["01:00:50", "01:10:50", "01:20:50"],
        "cron:offer_entitled": ["01:00:55", "01:10:55", "01:20:55"],
        "cron:end_campaigns": ["01:00:45", "01:10:45", "01:20:45"],
        "cron:lapse_offers": ["01:00:35", "01:01:35", "01:02:35"],
        "cron:draw_lots": ["01:00:02", "01:01:02", "01:02:02"],
        "cron:tell_mornings": ["01:00:25", "01:10:25", "01:20:25"],
        "cron:lapse_orders": ["01:00:22", "01:01:22", "01:02:22"],
        "cron:settle_workers": ["01:27:05", "02:27:05", "03:27:05"],
        "cron:remind_assessors": ["01:37:05", "02:37:05", "03:37:05"],
        "cron:forget_old": ["01:07:40", "02:07:40", "03:07:40"],
    }
    assert {job.name for job in schedule.CRON if job.run_at_startup} == {"cron:sweep", "cron:heartbeat"}


async def ten_workers_at_once() -> list[bool]:
    return sorted(await asyncio.gather(*(schedule.is_first("seal_audit", seconds=10) for _ in range(10))))


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_tick_is_run_by_several(freeze: Freeze) -> None:
    freeze(MORNING)
    async with without_keys("cron_tick"):
        assert (await ten_workers_at_once()).count(True) > 1


@pytest.mark.race(control="test_control_without_its_key_a_tick_is_run_by_several")
async def test_a_tick_is_run_by_the_first_worker_only(freeze: Freeze) -> None:
    freeze(MORNING)
    assert await ten_workers_at_once() == [False] * 9 + [True]
    clock.advance(seconds=9.9)
    assert await schedule.is_first("seal_audit", seconds=10) is False
    assert await schedule.is_first("check_deadlines", seconds=600) is True
    clock.advance(seconds=0.1)
    assert await schedule.is_first("seal_audit", seconds=10) is True


async def test_the_heartbeat_is_one_row_that_moves(freeze: Freeze) -> None:
    freeze(MORNING)
    await schedule.heartbeat({})
    clock.advance(seconds=10)
    await schedule.heartbeat({})
    [row] = await database.rows("SELECT name, at FROM heartbeat")
    assert row["name"] == "worker"
    assert str(row["at"]).startswith("2026-03-10 01:00:10")


async def test_the_audit_log_is_sealed_once_a_tick(freeze: Freeze, settings: Settings) -> None:
    freeze(MORNING)
    await command(audit.record)(SYSTEM, "test.done", object_kind="test", object_id=1)
    clock.advance(minutes=1)
    await schedule.seal_audit({})
    await schedule.seal_audit({})
    assert await database.scalar("SELECT COUNT(*) FROM audit_seal") == 1
    assert await audit.verify(settings.audit_anchor) == []


async def test_deadlines_are_checked_until_nothing_is_left(freeze: Freeze) -> None:
    freeze(MORNING)
    await schedule.check_deadlines({})
    assert await database.scalar("SELECT COUNT(*) FROM cron_tick WHERE id LIKE 'check_deadlines:%%'") == 1


async def test_old_rows_are_forgotten_and_young_ones_kept(freeze: Freeze) -> None:
    freeze(MORNING)
    await keep_one_of_each("old")
    clock.advance(days=30)
    await keep_one_of_each("young")
    clock.advance(seconds=1)
    await schedule.forget_old({})
    for table in ("idempotent_answer", "console_message"):
        assert await database.scalar(f"SELECT COUNT(*) FROM {table}") == 1, table
    assert await database.rows("SELECT `key` FROM outbox ORDER BY id") == [
        {"key": "waiting-old"},
        {"key": "dead-old"},
        {"key": "done-young"},
        {"key": "waiting-young"},
        {"key": "dead-young"},
    ]
    ticks = await database.rows("SELECT id FROM cron_tick ORDER BY id")
    assert [row["id"].split(":")[0] for row in ticks] == ["forget_old", "young"]


@command
async def keep_one_of_each(age: str) -> None:
    now = clock.now()
    answer = {"id": age, "request_hash": "", "state": "done", "status": 201, "body": "", "created_at": now}
    await database.insert("idempotent_answer", answer)
    await database.insert("cron_tick", {"id": f"{age}:1", "at": now})
    message = {"recipient_index": "x", "channel": "sms", "template": "t", "text": "t", "sent_at": now}
    await database.insert("console_message", {"id": ids.new_id(), **message})
    for state in ("done", "waiting", "dead"):
        event = {"topic": "t", "payload": "{}", "state": state, "attempts": 0, "created_at": now, "next_at": now}
        empty = {"lease": "", "last_error": ""}
        await database.insert("outbox", {"id": ids.new_id(), "key": f"{state}-{age}", **event, **empty})
