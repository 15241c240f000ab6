"""How fast a provider is called: no faster than the plan says over all processes, and nothing is lost without Redis."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from backend.channels import sms
from backend.channels.bucket import Bucket
from backend.channels.plan import Rate, read_plan
from backend.core import database
from backend.core.settings import CONFIG_DIR, Settings, SettingsError
from backend.notifications import commands, templates
from backend.notifications.enums import Audience, Notice
from tests.fakes.sms import APP_ID, KEY_ID, SECRET, SIGN_NAME, Gateway, sms_gateway
from tests.notifications.samples import CASE, recipient
from tests.servers import Redis, private_redis
from workers import delivery

PLAN = """
price_per_thousand_fen: 4500
rates:
  aliyun: {per_second: 20, at_once: 5}
  tencent: {per_second: 20, at_once: 5}
texts:
  case.approved:
    - {code: "1", params: [service, number]}
"""


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with private_redis() as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with sms_gateway() as served:
        yield served


@pytest.fixture(params=["aliyun", "tencent"])
def contract(
    request: pytest.FixtureRequest, settings: Settings, gateway: Gateway, redis: Redis, tmp_path: Path
) -> Settings:
    (tmp_path / "sms.yaml").write_text(PLAN, "utf-8")
    return msgspec.structs.replace(
        settings,
        config_dir=tmp_path,
        sms_provider=request.param,
        sms_key_id=KEY_ID,
        sms_secret=SECRET,
        sms_sign_name=SIGN_NAME,
        sms_app_id=APP_ID,
        sms_endpoint=gateway.address,
        redis_url=redis.url,
    )


@pytest.fixture
async def provider(contract: Settings, settings: Settings, db: None) -> AsyncIterator[None]:
    templates.load(CONFIG_DIR)
    sms.configure(contract)
    yield
    await sms.close()
    sms.configure(settings)


async def tell(count: int) -> None:
    for number in range(count):
        to = [recipient(11, f"154000000{number:02d}")]
        await commands.notify(Notice.CASE_APPROVED, Audience.APPLICANT, recipients=to, values=CASE, key=str(number))


async def send_all() -> float:
    """Seconds until nothing is due."""
    began = time.monotonic()
    while await delivery.send_batch():
        pass
    return time.monotonic() - began


@pytest.mark.usefixtures("provider", "morning")
async def test_a_provider_is_called_no_faster_than_the_plan_says(gateway: Gateway) -> None:
    await tell(25)
    assert await send_all() >= (25 - 5 - 1) / 20
    assert len({one["phone"] for one in gateway.taken}) == len(gateway.taken) == 25
    assert await database.scalar("SELECT MAX(attempts) FROM delivery") == 1


@pytest.mark.usefixtures("provider", "morning")
async def test_losing_redis_loses_no_message(gateway: Gateway, contract: Settings) -> None:
    await sms.close()
    with private_redis() as short_lived:
        sms.configure(msgspec.structs.replace(contract, redis_url=short_lived.url))
        await tell(15)
        assert await delivery.send_batch() is True
    await send_all()
    assert len({one["phone"] for one in gateway.taken}) == len(gateway.taken) == 15
    assert await database.scalar("SELECT COUNT(*) FROM delivery WHERE state = %s", "sent") == 15


@pytest.fixture
def morning(freeze: object) -> None:
    freeze("2026-03-10T09:00:00+08:00")  # type: ignore[operator]


@pytest.mark.parametrize("shared", [True, False])
async def test_tokens_come_back_with_time_and_are_never_more_than_at_once(redis: Redis, shared: bool) -> None:
    rate = Rate(per_second=5, at_once=10)
    bucket = Bucket(f"alone {shared}", rate, redis.url if shared else "")
    assert [await bucket.take(7), await bucket.take(7), await bucket.take(7)] == [7, 3, 0]
    await asyncio.sleep(0.5)
    assert await bucket.take(10) >= 2
    await bucket.bring_back(50)
    assert await bucket.take(50) == 10
    for _ in range(3):
        await bucket.spend()  # on credit
    assert await bucket.take(1) == 0
    await asyncio.sleep(1)
    assert await bucket.take(1) == 1
    await bucket.close()


@pytest.mark.race(control="test_processes_without_redis_each_have_their_own")
async def test_processes_share_one_bucket(redis: Redis) -> None:
    assert await _taken_by_several("shared", redis.url) <= 51


@pytest.mark.race(is_control=True)
async def test_processes_without_redis_each_have_their_own(redis: Redis) -> None:
    assert await _taken_by_several("apart", "") == 200


async def _taken_by_several(name: str, url: str) -> int:
    buckets = [Bucket(name, Rate(per_second=1, at_once=50), url) for _ in range(4)]
    taken = await asyncio.gather(*(bucket.take(5) for bucket in buckets for _ in range(10)))
    for bucket in buckets:
        await bucket.close()
    return sum(taken)


def test_a_plan_that_would_send_nothing_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "sms.yaml").write_text(PLAN.replace("per_second: 20", "per_second: 0"), "utf-8")
    with pytest.raises(SettingsError, match=r"sms\.yaml: rates begin with 1.*aliyun, tencent"):
        read_plan(tmp_path)
    (tmp_path / "sms.yaml").write_text(PLAN.replace("at_once", "burst"), "utf-8")
    with pytest.raises(SettingsError, match=r"sms\.yaml"):
        read_plan(tmp_path)
