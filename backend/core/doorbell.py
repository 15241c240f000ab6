"""The doorbell over Redis: how a process wakes the workers. What it says is only "look at the tables"."""

import asyncio
from typing import Any

import msgspec
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

from backend.core import queue

QUEUE = "union:tasks"
DRAIN_TASK = "drain_outbox"
DELIVER_TASK = "deliver"

# Set while a wake-up waits that nobody has begun: further rings would say the same. It dies by itself, so
# that a wake-up lost together with its worker silences nobody for long.
_BELL = "union:bell"
_BELL_SECONDS = 10

# A full or read-only Redis answers questions but takes no rings, so health is asked by writing.
_PROBE = "union:probe"
_ANSWER_SECONDS = 1.0

_url: str | None = None
_pool: ArqRedis | None = None


def encode(value: Any) -> bytes:
    """Never pickle: whoever can write to Redis must not run code here."""
    return msgspec.json.encode(value, enc_hook=repr)


def decode(content: bytes) -> Any:
    return msgspec.json.decode(content)


def redis_settings(url: str, *, patience: int = 0) -> RedisSettings:
    """`patience` is for how many seconds the first connection is tried again."""
    settings = RedisSettings.from_dsn(url)
    settings.conn_timeout = 1
    settings.conn_retry_delay = 1
    settings.conn_retries = patience
    return settings


async def open_pool(url: str) -> ArqRedis:
    """A connection that speaks to the queue as the workers do; fails at once when Redis is away."""
    return await create_pool(
        redis_settings(url), job_serializer=encode, job_deserializer=decode, default_queue_name=QUEUE
    )


async def connect_redis(url: str) -> None:
    """Let `queue.ring` reach the workers. Redis may be away now: the first ring that finds it connects."""
    global _url  # noqa: PLW0603 - one doorbell a process
    _url = url
    queue.connect(_ring)


async def disconnect() -> None:
    global _url, _pool  # noqa: PLW0603 - one doorbell a process
    queue.connect(None)
    _url = None
    if _pool is not None:
        pool, _pool = _pool, None
        await pool.aclose(close_connection_pool=True)


async def answers() -> bool | None:
    """Whether Redis can be written to; None where this process has none."""
    if _url is None:
        return None
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await (await _connected()).set(_PROBE, b"1", ex=_BELL_SECONDS)
    except (RedisError, OSError, TimeoutError):
        return False
    return True


async def heard(pool: ArqRedis) -> None:
    """A worker answers the door. Called before it looks at the tables, so that a later ring counts again."""
    await pool.delete(_BELL)


async def _ring() -> None:
    pool = await _connected()
    if await pool.set(_BELL, b"1", nx=True, ex=_BELL_SECONDS):
        await pool.enqueue_job(DRAIN_TASK, _queue_name=QUEUE)


async def _connected() -> ArqRedis:
    global _pool  # noqa: PLW0603 - one doorbell a process
    if _url is None:
        raise RuntimeError("the doorbell is not connected")
    if _pool is None:
        _pool = await open_pool(_url)
    return _pool
