"""Real worker processes over a real Redis, killed, stopped and robbed of their queue: no notice is lost or doubled.

Run by itself: `pytest tests/chaos/test_worker.py`, with UNION_TEST_ENGINE=mariadb for the other engine.
"""

import random
import signal
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from time import monotonic

import pytest

from backend.core import clock, crypto, database, doorbell, ids, outbox
from backend.core.command import command
from backend.core.settings import CONFIG_DIR, Settings
from backend.identity.models import Account
from backend.membership.events import MemberAdmitted
from backend.membership.models import Member
from backend.notifications import commands as notifications
from backend.notifications import templates
from backend.notifications.enums import Audience, Notice
from backend.unions.models import Union
from tests.notifications.samples import CASE, recipient
from tests.scale import sized
from tests.servers import Redis, private_redis
from tests.worker_processes import Workers, worker_processes

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("people"), pytest.mark.timeout(sized(300, 3_600))]

PEOPLE = sized(400, 5_000)
KILLS = sized(10, 50)
SENDING_KILLS = sized(3, 30)
TERMS = sized(3, 20)
REDIS_AWAY_SECONDS = sized(3, 60)


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def workers(redis: Redis, settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    if not redis.answers():
        redis.start()
    with worker_processes(settings, redis, tmp_path) as made:
        yield made


@pytest.fixture
async def bell(redis: Redis) -> AsyncIterator[None]:
    """Commits of this process ring, as those of the web side do."""
    await doorbell.connect_redis(redis.url)
    yield
    await doorbell.disconnect()


@pytest.fixture
async def people(db: None) -> list[int]:
    """Members with accounts, newly admitted; the events are not sent yet."""
    now, today = clock.now(), date(2026, 3, 10)
    union = await Union.create(
        id=ids.new_id(),
        name="高桥街道快递行业工会联合会",
        kind="federation",
        level="unit",
        path="/a/",
        division="990121001",
        created_at=now,
    )
    members = [
        Member(
            id=ids.new_id(),
            member_no=f"99{number:08d}",
            name="王小测",
            id_no_index=crypto.blind_index("id_no", str(number)),
            id_no_sealed="",
            gender="m",
            birth_year=1990,
            birth_month=3,
            status="active",
            status_since=today,
            union_id=union.id,
            joined_on=today,
            created_at=now,
        )
        for number in range(PEOPLE)
    ]
    accounts = [
        Account(id=ids.new_id(), kind="person", phone_index=str(number), member_id=member.id, created_at=now)
        for number, member in enumerate(members)
    ]
    await Member.bulk_create(members)
    await Account.bulk_create(accounts)
    return [member.id for member in members]


@command
async def admit(member_ids: list[int]) -> None:
    for member_id in member_ids:
        await outbox.emit(MemberAdmitted(member_id), key=f"{member_id}:1")


async def told() -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM notification"))


async def open_events() -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM outbox WHERE state <> %s", "done"))


async def progress() -> str:
    states = await database.rows("SELECT state, COUNT(*) AS n, MAX(attempts) AS tries FROM outbox GROUP BY state")
    return f"{await told()} told, outbox {states}"


def at_least(count: int) -> Callable[[], Awaitable[bool]]:
    async def reached() -> bool:
        return await told() >= count

    return reached


async def all_done() -> bool:
    return await open_events() == 0


async def is_alive() -> bool:
    return await database.scalar("SELECT COUNT(*) FROM heartbeat") > 0


async def assert_each_told_once() -> None:
    assert await told() == PEOPLE
    assert await database.scalar("SELECT COUNT(DISTINCT account_id) FROM notification") == PEOPLE
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE state = %s", "done") == PEOPLE


@pytest.mark.usefixtures("bell")
async def test_a_notice_is_in_the_inbox_within_half_a_second(people: list[int], workers: Workers) -> None:
    workers.start()
    await workers.until(is_alive, seconds=30, what="the worker to start")
    delays = []
    for number, member_id in enumerate(people[:20]):
        await admit([member_id])
        committed = monotonic()
        await workers.until(at_least(number + 1), seconds=10, what="one notice")
        delays.append(monotonic() - committed)
    print(f"commit to inbox: median {statistics.median(delays) * 1000:.0f} ms, worst {max(delays) * 1000:.0f} ms")
    assert statistics.median(delays) < 0.5


@pytest.mark.usefixtures("bell")
async def test_kill_9_in_the_middle_loses_and_doubles_nothing(people: list[int], workers: Workers) -> None:
    chance = random.Random(20260310)
    workers.start(2)
    await workers.until(is_alive, seconds=30, what="the workers to start")
    kills = 0
    share = PEOPLE // KILLS
    for start in range(0, PEOPLE, share):
        await admit(people[start : start + share])
        await workers.until(at_least(start + chance.randrange(5, 30)), seconds=90, what="some notices")
        await workers.kill9(chance.choice([child for child in workers.children if child.alive] or workers.children))
        kills += 1
    await workers.until(all_done, seconds=sized(120, 600), what="everything")
    assert kills == KILLS
    await assert_each_told_once()


async def sent() -> int:
    return int(await database.scalar("SELECT COUNT(*) FROM console_message"))


async def test_kill_9_while_sending_loses_no_message_and_shows_none_twice(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates.load(CONFIG_DIR)
    monkeypatch.setattr(templates, "_quiet_hours", None)
    phones = [f"154{number:08d}" for number in range(PEOPLE)]
    await notifications.notify(
        Notice.CASE_APPROVED,
        Audience.APPLICANT,
        recipients=[recipient(None, phone) for phone in phones],
        values=CASE,
        key="7",
    )
    workers.start()
    for kill in range(1, SENDING_KILLS + 1):

        async def some_went(count: int = PEOPLE * kill // (SENDING_KILLS + 1)) -> bool:
            return await sent() >= count

        await workers.until(some_went, seconds=90, what="some messages")
        await workers.kill9(workers.children[0])

    async def all_sent() -> bool:
        return await database.scalar("SELECT COUNT(*) FROM delivery WHERE state <> %s", "sent") == 0

    await workers.until(all_sent, seconds=sized(150, 900), what="every message")
    assert await sent() == PEOPLE
    assert await database.scalar("SELECT COUNT(DISTINCT recipient_index) FROM console_message") == PEOPLE


async def test_sigterm_lets_running_work_end_and_the_next_worker_goes_on(people: list[int], workers: Workers) -> None:
    """Again and again: nothing is left half done, nothing is tried twice."""
    await admit(people)
    workers.start()
    [child] = workers.children
    for term in range(TERMS):
        await workers.until(at_least(PEOPLE * term // (TERMS + 1) + 20), seconds=60, what="some notices")
        child.process.send_signal(signal.SIGTERM)
        asked = monotonic()
        assert child.process.wait(20) == 0
        assert monotonic() - asked < 8
        assert await told() < PEOPLE
        assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE lease <> %s", "") == 0
    await workers.until(all_done, seconds=120, what="the rest")
    await assert_each_told_once()
    assert await database.scalar("SELECT MAX(attempts) FROM outbox") == 1


@pytest.mark.usefixtures("bell")
async def test_a_flushed_redis_costs_only_time(people: list[int], workers: Workers, redis: Redis) -> None:
    workers.start()
    await workers.until(is_alive, seconds=30, what="the worker to start")
    [child] = workers.children
    process = child.process
    pool = await doorbell.open_pool(redis.url)
    share = PEOPLE // 4
    for start in range(0, PEOPLE, share):
        await admit(people[start : start + share])
        await pool.flushall()
        await workers.until(at_least(start + share), seconds=sized(40, 240), what="the sweep")
    await pool.aclose(close_connection_pool=True)
    await workers.until(all_done, seconds=40, what="everything")
    await assert_each_told_once()
    assert child.process is process
    assert child.alive


@pytest.mark.usefixtures("bell")
async def test_a_redis_that_is_away_for_a_while_costs_only_time(
    people: list[int], workers: Workers, redis: Redis
) -> None:
    workers.start()
    await workers.until(is_alive, seconds=30, what="the worker to start")
    [child] = workers.children
    await admit(people[: PEOPLE // 2])
    redis.kill9()
    back = monotonic() + REDIS_AWAY_SECONDS
    await admit(people[PEOPLE // 2 :])

    async def restarted_without_redis() -> bool:
        return monotonic() > back and child.deaths >= 1 and child.alive

    await workers.until(
        restarted_without_redis, seconds=REDIS_AWAY_SECONDS + 30, what="the worker to end and to be started again"
    )
    assert await told() < PEOPLE
    redis.start()
    await workers.until(all_done, seconds=sized(60, 300), what="everything")
    await assert_each_told_once()
    # One that starts waits a minute for Redis before it gives up.
    assert child.deaths <= sized(1, 2)
    assert await database.scalar("SELECT MAX(attempts) FROM outbox") == 1
