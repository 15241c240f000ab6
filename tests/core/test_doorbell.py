"""The doorbell over a real Redis: rings wake, rings coalesce, an absent Redis costs nothing but the ring."""

from collections.abc import AsyncIterator, Iterator

import pytest
from arq.connections import ArqRedis

from backend.core import doorbell, queue
from tests.servers import Redis, private_redis


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture
async def pool(redis: Redis) -> AsyncIterator[ArqRedis]:
    """The worker's side of the door."""
    opened = await doorbell.open_pool(redis.url)
    await opened.flushall()
    await doorbell.connect_redis(redis.url)
    yield opened
    await doorbell.disconnect()
    await opened.aclose(close_connection_pool=True)


async def ring() -> None:
    """As a commit does, and wait until the ring has arrived or was lost."""
    queue.ring()
    assert queue._ringing is not None
    await queue._ringing


async def tasks(pool: ArqRedis) -> list[str]:
    return [job.function for job in await pool.queued_jobs(queue_name=doorbell.QUEUE)]


async def test_a_ring_is_a_task_for_the_worker(pool: ArqRedis) -> None:
    await ring()
    assert await tasks(pool) == ["drain_outbox"]


async def test_rings_before_the_door_is_answered_are_one(pool: ArqRedis) -> None:
    for _ in range(5):
        await ring()
    assert await tasks(pool) == ["drain_outbox"]


async def test_a_ring_after_the_answer_counts_again(pool: ArqRedis) -> None:
    await ring()
    await doorbell.heard(pool)
    await ring()
    assert await tasks(pool) == ["drain_outbox", "drain_outbox"]


async def test_a_bell_that_nobody_answers_falls_silent_by_itself(pool: ArqRedis) -> None:
    await ring()
    assert 0 < await pool.pttl("union:bell") <= 10_000


async def test_without_redis_a_ring_is_lost_and_the_next_arrives(pool: ArqRedis, redis: Redis) -> None:
    await ring()
    redis.kill9()
    await ring()
    redis.start()
    await pool.flushall()
    await ring()
    assert await tasks(pool) == ["drain_outbox"]


async def test_starting_without_redis_is_no_error(redis: Redis) -> None:
    redis.kill9()
    await doorbell.connect_redis(redis.url)
    await ring()
    redis.start()
    await ring()
    opened = await doorbell.open_pool(redis.url)
    assert "drain_outbox" in await tasks(opened)
    await opened.aclose(close_connection_pool=True)
    await doorbell.disconnect()


async def test_a_ring_after_the_end_is_silent() -> None:
    await doorbell.disconnect()
    queue.ring()
    await doorbell.disconnect()


def test_what_is_stored_is_json() -> None:
    assert doorbell.encode({"t": 1, "f": "drain_outbox", "a": (), "e": ValueError("x")}) == (
        b'{"t":1,"f":"drain_outbox","a":[],"e":"ValueError(\'x\')"}'
    )
    assert doorbell.decode(b'{"a":[]}') == {"a": []}
