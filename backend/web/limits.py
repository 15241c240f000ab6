"""How often something may be done, counted over all processes in Redis.

A rule is one or more moving windows over one key (an address, the blind index of a phone …). Without
Redis, and while it does not answer, each process counts for itself: slower guessing, never no limit.
"""

import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from backend.core import clock, reference
from backend.core.errors import TooMany
from backend.core.settings import Settings

log = structlog.get_logger(__name__)

T = TypeVar("T")

SMS_PHONE = "sms_phone"
SMS_ADDRESS = "sms_address"
SIGN_IN_ACCOUNT = "sign_in_account"
SIGN_IN_ADDRESS = "sign_in_address"
MESSAGES = "messages"
VOUCHER_CODES = "voucher_codes"

_ANSWER_SECONDS = 1.0
# After a question that Redis did not answer it is left alone for so long: one slow request, not all of them.
_PAUSE_SECONDS = 5.0


class Rule(msgspec.Struct, frozen=True):
    """`windows` from the shortest to the longest; `code` names the sentence of a refusal."""

    windows: tuple[RateLimitItem, ...]
    code: str


class _Counters:
    def __init__(self, settings: Settings) -> None:
        self.rules = _rules(settings.address_limit_per_hour)
        self.here = MovingWindowRateLimiter(MemoryStorage())
        self.shared: MovingWindowRateLimiter | None = None
        self.away_until = 0.0
        self._redis: RedisStorage | None = None
        if settings.redis_url:
            self._redis = _redis(settings.redis_url)
            self.shared = MovingWindowRateLimiter(self._redis)

    async def close(self) -> None:
        if self._redis is not None:
            # The library keeps its client open for the life of the process.
            await self._redis.bridge.storage.aclose()  # type: ignore[attr-defined]


_counters: _Counters | None = None


def configure(settings: Settings) -> None:
    """Begin counting afresh with these settings. Done by the first use, unless called before."""
    global _counters  # noqa: PLW0603 - one set of counters a process
    _counters = _Counters(settings)


async def close() -> None:
    """Give the connections to Redis back when the process stops."""
    global _counters
    if _counters is not None:
        counters, _counters = _counters, None
        await counters.close()


async def hit(rule: str, key: str) -> None:
    """Count one act; TooMany, and nothing counted in the longer windows, when it is one too many."""
    for window in _rule(rule).windows:
        if not await _ask(lambda counter, window=window: counter.hit(window, key)):
            raise await _refusal(rule, window, key)


async def check(rule: str, key: str) -> None:
    """TooMany when nothing is left, without counting."""
    for window in _rule(rule).windows:
        if not await _ask(lambda counter, window=window: counter.test(window, key)):
            raise await _refusal(rule, window, key)


async def count(rule: str, key: str) -> None:
    """Count something that has happened, such as a wrong password; the next `check` refuses."""
    for window in _rule(rule).windows:
        await _ask(lambda counter, window=window: counter.hit(window, key))


async def clear(rule: str, key: str) -> None:
    """Forget what was counted under this key."""
    for window in _rule(rule).windows:
        await _ask(lambda counter, window=window: counter.clear(window, key))


def _rules(per_address: int) -> dict[str, Rule]:
    """The namespace of each window is its rule, so two rules never share a counter."""
    return {
        SMS_PHONE: Rule(
            (
                RateLimitItemPerMinute(1, namespace=SMS_PHONE),
                RateLimitItemPerHour(5, namespace=SMS_PHONE),
                RateLimitItemPerDay(10, namespace=SMS_PHONE),
            ),
            "sms_too_often",
        ),
        SMS_ADDRESS: Rule((RateLimitItemPerHour(per_address, namespace=SMS_ADDRESS),), "address_too_often"),
        SIGN_IN_ACCOUNT: Rule((RateLimitItemPerMinute(10, 15, namespace=SIGN_IN_ACCOUNT),), "sign_in_too_often"),
        MESSAGES: Rule(
            (RateLimitItemPerMinute(6, namespace=MESSAGES), RateLimitItemPerDay(60, namespace=MESSAGES)),
            "messages_too_often",
        ),
        VOUCHER_CODES: Rule((RateLimitItemPerHour(10, namespace=VOUCHER_CODES),), "codes_too_often"),
        SIGN_IN_ADDRESS: Rule((RateLimitItemPerHour(per_address, namespace=SIGN_IN_ADDRESS),), "address_too_often"),
    }


def _redis(url: str) -> RedisStorage:
    uri = f"async+redis+{url}" if url.startswith("unix:") else f"async+{url}"
    return RedisStorage(
        uri,
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="limits",
        socket_timeout=_ANSWER_SECONDS,
        socket_connect_timeout=_ANSWER_SECONDS,
    )


def _use() -> _Counters:
    if _counters is None:
        configure(reference.settings())
    assert _counters is not None
    return _counters


def _rule(name: str) -> Rule:
    return _use().rules[name]


async def _ask(question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
    counters = _use()
    if counters.shared is None or clock.monotonic() < counters.away_until:
        return await question(counters.here)
    try:
        return await question(counters.shared)
    except StorageError as exc:
        counters.away_until = clock.monotonic() + _PAUSE_SECONDS
        log.warning("limits.redis_away", error=type(exc.storage_error).__name__)
        return await question(counters.here)


async def _refusal(rule: str, window: RateLimitItem, key: str) -> TooMany:
    stats = await _ask(lambda counter: counter.get_window_stats(window, key))
    wait = max(1, math.ceil(stats.reset_time - time.time()))
    return TooMany(_rule(rule).code, retry_after=wait)
