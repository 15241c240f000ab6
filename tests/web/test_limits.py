"""Rate limits: exact over all processes, each rule with counters of its own, never off."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator

import msgspec
import pytest

from backend.core import clock
from backend.core.errors import TooMany
from backend.core.settings import ROOT, Settings
from backend.web import limits
from tests.servers import Redis, private_redis


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def counting(request: pytest.FixtureRequest, settings: Settings, redis: Redis) -> AsyncIterator[Settings]:
    """Counters on either storage, with nothing counted, and three an hour for an address."""
    url = redis.url if request.param == "redis" else ""
    chosen = msgspec.structs.replace(settings, redis_url=url, address_limit_per_hour=3)
    limits.configure(chosen)
    for rule in (limits.SMS_PHONE, limits.SMS_ADDRESS, limits.SIGN_IN_ACCOUNT, limits.SIGN_IN_ADDRESS):
        for key in ("a", "b"):
            await limits.clear(rule, key)
    yield chosen
    await limits.close()
    limits.configure(settings)


async def refused(rule: str, key: str) -> TooMany:
    with pytest.raises(TooMany) as caught:
        await limits.hit(rule, key)
    return caught.value


async def test_one_too_many_is_told_how_long_to_wait(counting: Settings) -> None:
    for _ in range(3):
        await limits.hit(limits.SMS_ADDRESS, "a")
    refusal = await refused(limits.SMS_ADDRESS, "a")
    assert (refusal.status, refusal.code) == (429, "address_too_often")
    assert 3590 <= (refusal.retry_after or 0) <= 3600
    await limits.hit(limits.SMS_ADDRESS, "b")


async def test_rules_do_not_share_counters(counting: Settings) -> None:
    for _ in range(3):
        await limits.hit(limits.SMS_ADDRESS, "a")
    await limits.hit(limits.SIGN_IN_ADDRESS, "a")
    await refused(limits.SMS_ADDRESS, "a")


async def test_the_shortest_window_refuses_without_using_up_the_longer_ones(counting: Settings) -> None:
    await limits.hit(limits.SMS_PHONE, "a")
    for _ in range(30):
        assert 1 <= ((await refused(limits.SMS_PHONE, "a")).retry_after or 0) <= 60
    hour, day = limits._rule(limits.SMS_PHONE).windows[1:]
    stats = [await limits._ask(lambda counter, w=w: counter.get_window_stats(w, "a")) for w in (hour, day)]
    assert [one.remaining for one in stats] == [4, 9]


async def test_five_an_hour_and_ten_a_day(counting: Settings) -> None:
    minute, hour, day = limits._rule(limits.SMS_PHONE).windows
    assert [(w.amount, w.get_expiry()) for w in (minute, hour, day)] == [(1, 60), (5, 3600), (10, 86400)]
    for _ in range(5):
        await limits.hit(limits.SMS_PHONE, "a")
        await limits._ask(lambda counter: counter.clear(minute, "a"))
    assert 3500 <= ((await refused(limits.SMS_PHONE, "a")).retry_after or 0) <= 3600
    for _ in range(5):
        await limits._ask(lambda counter: counter.clear(minute, "a"))
        await limits._ask(lambda counter: counter.clear(hour, "a"))
        await limits.hit(limits.SMS_PHONE, "a")
    await limits._ask(lambda counter: counter.clear(minute, "a"))
    await limits._ask(lambda counter: counter.clear(hour, "a"))
    assert 86_000 <= ((await refused(limits.SMS_PHONE, "a")).retry_after or 0) <= 86_400


async def test_checking_does_not_count_and_counting_does_not_refuse(counting: Settings) -> None:
    for _ in range(50):
        await limits.check(limits.SIGN_IN_ACCOUNT, "a")
    for _ in range(10):
        await limits.count(limits.SIGN_IN_ACCOUNT, "a")
    with pytest.raises(TooMany) as caught:
        await limits.check(limits.SIGN_IN_ACCOUNT, "a")
    assert caught.value.code == "sign_in_too_often"
    assert 880 <= (caught.value.retry_after or 0) <= 900
    await limits.count(limits.SIGN_IN_ACCOUNT, "a")
    await limits.clear(limits.SIGN_IN_ACCOUNT, "a")
    await limits.check(limits.SIGN_IN_ACCOUNT, "a")


@pytest.mark.race(control="test_control_looking_first_and_counting_then_lets_more_pass")
async def test_two_hundred_at_once_pass_three(counting: Settings) -> None:
    results = await asyncio.gather(*(limits.hit(limits.SMS_ADDRESS, "a") for _ in range(200)), return_exceptions=True)
    assert sum(result is None for result in results) == 3


@pytest.mark.race(is_control=True)
async def test_control_looking_first_and_counting_then_lets_more_pass(counting: Settings) -> None:
    async def in_two_steps() -> None:
        await limits.check(limits.SMS_ADDRESS, "a")
        await asyncio.sleep(0)
        await limits.count(limits.SMS_ADDRESS, "a")

    results = await asyncio.gather(*(in_two_steps() for _ in range(200)), return_exceptions=True)
    assert sum(result is None for result in results) > 3


_HITTER = """
import asyncio, sys
from pathlib import Path
from backend.core import errors
from backend.core.settings import CONFIG_DIR, Settings
from backend.web import limits

async def main():
    errors.load_messages(CONFIG_DIR)
    limits.configure(Settings(environment="test", data_dir=Path("."), redis_url=sys.argv[1], address_limit_per_hour=50))
    results = await asyncio.gather(*(limits.hit(limits.SMS_ADDRESS, "all") for _ in range(200)), return_exceptions=True)
    await limits.close()
    print(sum(result is None for result in results))

asyncio.run(main())
"""


async def passed_in_four_processes(redis_url: str) -> int:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", _HITTER, redis_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    return sum([int((await process.communicate())[0]) for process in processes])


@pytest.mark.race(control="test_control_processes_that_share_nothing_pass_four_times_as_many")
@pytest.mark.slow
async def test_the_limit_is_one_for_all_processes(redis: Redis) -> None:
    assert await passed_in_four_processes(redis.url) == 50


@pytest.mark.race(is_control=True)
@pytest.mark.slow
async def test_control_processes_that_share_nothing_pass_four_times_as_many() -> None:
    assert await passed_in_four_processes("") == 200


async def test_without_an_answer_from_redis_each_process_counts_for_itself(settings: Settings) -> None:
    with private_redis() as server:
        limits.configure(msgspec.structs.replace(settings, redis_url=server.url, address_limit_per_hour=3))
        try:
            for _ in range(3):
                await limits.hit(limits.SMS_ADDRESS, "a")
            server.kill9()
            for _ in range(3):
                await limits.hit(limits.SMS_ADDRESS, "a")
            await refused(limits.SMS_ADDRESS, "a")
            server.start()
            await refused(limits.SMS_ADDRESS, "a")
        finally:
            await limits.close()
            limits.configure(settings)


async def test_a_redis_that_hangs_costs_a_second_not_the_answer(settings: Settings) -> None:
    with private_redis() as server:
        limits.configure(msgspec.structs.replace(settings, redis_url=server.url, address_limit_per_hour=3))
        try:
            await limits.hit(limits.SMS_ADDRESS, "a")
            server.pause()
            async with asyncio.timeout(10):
                await limits.hit(limits.SMS_ADDRESS, "a")
            before = clock.monotonic()
            await limits.hit(limits.SMS_ADDRESS, "a")
            assert clock.monotonic() - before < 0.5  # it is not asked again for a while
        finally:
            server.resume()
            await limits.close()
            limits.configure(settings)
