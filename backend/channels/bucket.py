"""How fast messages may be handed to a provider: a token bucket, shared by all processes through Redis.

Without Redis, and while it does not answer, each process has a bucket of its own: then a provider may be asked too
fast, refuses, and the message is tried again later. None is lost either way, for tokens are taken before a message is.
"""

from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.channels.plan import Rate
from backend.core import clock

log = structlog.get_logger(__name__)

_ANSWER_SECONDS = 1.0
# After a question that Redis did not answer it is left alone for so long.
_PAUSE_SECONDS = 5.0
_KEEP_MS = 600_000

# In one go, by the clock of Redis: fill up for the time that went by, then give out as many as there are. `forced` are
# given out in any case, on credit; a negative number is brought back.
_TAKE = """
local per_second, at_once = tonumber(ARGV[1]), tonumber(ARGV[2])
local wanted, forced = tonumber(ARGV[3]), ARGV[4] == '1'
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(held[1] or at_once), tonumber(held[2] or now)
tokens = math.min(at_once, tokens + math.max(0, now - at) * per_second)
local given = wanted
if not forced then given = math.max(0, math.min(wanted, math.floor(tokens))) end
redis.call('HSET', KEYS[1], 'tokens', tostring(math.min(at_once, tokens - given)), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return given
"""


class Bucket:
    """`name` is the provider's: processes with the same name share it."""

    def __init__(self, name: str, rate: Rate, redis_url: str) -> None:
        self._key = f"union:bucket:{name}"
        self._rate = rate
        self._redis = (
            Redis.from_url(redis_url, socket_timeout=_ANSWER_SECONDS, socket_connect_timeout=_ANSWER_SECONDS)
            if redis_url
            else None
        )
        self._away_until = 0.0
        self._tokens, self._at = float(rate.at_once), clock.monotonic()

    @property
    def pause(self) -> float:
        """Seconds in which the next token comes."""
        return 1 / self._rate.per_second

    async def take(self, wanted: int) -> int:
        """Up to `wanted`, none when none is there."""
        return await self._ask(wanted, forced=False)

    async def spend(self) -> None:
        """One, on credit where none is there: for what cannot wait."""
        await self._ask(1, forced=True)

    async def bring_back(self, unused: int) -> None:
        if unused > 0:
            await self._ask(-unused, forced=True)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def _ask(self, wanted: int, *, forced: bool) -> int:
        if self._redis is None or clock.monotonic() < self._away_until:
            return self._take_here(wanted, forced=forced)
        arguments = (self._rate.per_second, self._rate.at_once, wanted, int(forced), _KEEP_MS)
        try:
            given: Any = await self._redis.execute_command("EVAL", _TAKE, 1, self._key, *arguments)
            return int(given)
        except (RedisError, OSError) as exc:
            self._away_until = clock.monotonic() + _PAUSE_SECONDS
            log.warning("bucket.redis_away", error=type(exc).__name__)
            return self._take_here(wanted, forced=forced)

    def _take_here(self, wanted: int, *, forced: bool) -> int:
        now = clock.monotonic()
        tokens = min(self._rate.at_once, self._tokens + max(0.0, now - self._at) * self._rate.per_second)
        given = wanted if forced else max(0, min(wanted, int(tokens)))
        self._tokens, self._at = min(self._rate.at_once, tokens - given), now
        return given
