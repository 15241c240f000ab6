"""What providers report: known by a secret in the address, and states only move forward."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import msgspec
import pytest

from backend.channels.receipts import Receipt
from backend.core import database, ids
from backend.core.settings import Settings
from backend.notifications import commands
from backend.notifications.schemas import DeliveryResult
from tests.casework.browser import application
from tests.notifications.test_notify import tell
from tests.unguarded import without_lock, without_words

pytestmark = pytest.mark.usefixtures("db", "kernel", "morning")


@pytest.fixture
def morning(freeze: Callable[[str], datetime]) -> datetime:
    return freeze("2026-03-10T09:00:00+08:00")


@pytest.fixture
async def client(settings: Settings) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application(settings))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


async def sent(provider_id: str = "biz-1") -> str:
    """The public id of a message that the provider took."""
    await tell()
    [message] = await commands.lease_deliveries(10)
    await commands.record_deliveries([DeliveryResult(message=message, provider_id=provider_id)])
    return ids.public(message.id)


async def state() -> tuple[str, str]:
    [row] = await database.rows("SELECT state, last_error FROM delivery")
    return row["state"], row["last_error"]


def aliyun(**said: Any) -> list[dict[str, Any]]:
    """As Aliyun pushes it."""
    report = {
        "phone_number": "15400000001",
        "send_time": "2026-03-10 09:00:00",
        "report_time": "2026-03-10 09:00:05",
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": "biz-1",
        "out_id": "",
    }
    return [report | said]


def tencent(**said: Any) -> list[dict[str, Any]]:
    """As Tencent Cloud pushes it."""
    report = {
        "user_receive_time": "2026-03-10 09:00:05",
        "nationcode": "86",
        "mobile": "15400000001",
        "report_status": "SUCCESS",
        "errmsg": "DELIVRD",
        "description": "用户短信送达成功",
        "sid": "biz-1",
    }
    return [report | said]


GOOD = [("aliyun", aliyun(), {"code": 0, "msg": "成功"}), ("tencent", tencent(), {"result": 0, "errmsg": "OK"})]
BAD = [
    ("aliyun", aliyun(success=False, err_code="MOBILE_NOT_ON_SERVICE"), "MOBILE_NOT_ON_SERVICE"),
    ("tencent", tencent(report_status="FAIL", errmsg="MK:0001"), "MK:0001"),
]


def at(provider: str, settings: Settings) -> str:
    return f"/api/v1/receipts/{provider}/{settings.sms_receipt_secret}"


@pytest.mark.parametrize(("provider", "report", "thanks"), GOOD)
async def test_it_arrived(
    client: httpx.AsyncClient, settings: Settings, provider: str, report: Any, thanks: dict[str, Any]
) -> None:
    await sent()
    for _ in range(2):
        answer = await client.post(at(provider, settings), json=report)
        assert (answer.status_code, answer.json()) == (200, thanks)
    assert await state() == ("delivered", "")


@pytest.mark.parametrize(("provider", "report", "code"), BAD)
async def test_it_did_not_arrive(
    client: httpx.AsyncClient, settings: Settings, provider: str, report: Any, code: str
) -> None:
    await sent()
    assert (await client.post(at(provider, settings), json=report)).status_code == 200
    assert await state() == ("undelivered", code)


@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
async def test_whoever_does_not_know_the_address_finds_nothing(
    client: httpx.AsyncClient, settings: Settings, provider: str
) -> None:
    await sent()
    for secret in ("x", settings.sms_receipt_secret[:-1], settings.sms_receipt_secret + "1", "密"):
        report = aliyun() if provider == "aliyun" else tencent()
        assert (await client.post(f"/api/v1/receipts/{provider}/{secret}", json=report)).status_code == 404
    assert (await client.post(at(provider, settings), json={"sid": 1})).status_code in (400, 422)
    assert (await client.post(at("pigeon", settings), json=[])).status_code == 404
    assert await state() == ("sent", "")


async def test_without_a_secret_nobody_reports(settings: Settings) -> None:
    silent = msgspec.structs.replace(settings, sms_receipt_secret="")
    transport = httpx.ASGITransport(app=application(silent))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        for secret in ("", "x", "%20"):
            assert (await client.post(f"/api/v1/receipts/aliyun/{secret}", json=aliyun())).status_code in (404, 405)
    application(settings)


def receipt(*, delivered: bool = True, key: str = "", provider_id: str = "biz-1") -> Receipt:
    return Receipt(provider_id=provider_id, key=key, delivered=delivered, code="NO")


async def test_a_late_note_that_it_was_sent_does_not_take_it_back() -> None:
    await tell()
    [message] = await commands.lease_deliveries(10)
    assert await commands.record_receipts([receipt(key=ids.public(message.id))]) == 1
    await commands.record_deliveries([DeliveryResult(message=message, provider_id="biz-1")])
    assert await state() == ("delivered", "")
    await commands.record_deliveries([DeliveryResult(message=message, error="no answer")])
    assert await state() == ("delivered", "")
    assert await commands.lease_deliveries(10) == []


async def test_what_arrived_stays_arrived_and_what_failed_stays_failed() -> None:
    await sent()
    assert await commands.record_receipts([receipt(), receipt(delivered=False), receipt()]) == 1
    assert await state() == ("delivered", "")
    await database.execute("UPDATE delivery SET state = 'sent'")
    assert await commands.record_receipts([receipt(delivered=False), receipt()]) == 1
    assert await state() == ("undelivered", "NO")


async def test_a_report_of_the_first_try_says_nothing_of_the_second() -> None:
    await sent()
    await commands.record_receipts([receipt(delivered=False)])
    await database.execute("UPDATE delivery SET state = 'sending', attempts = 0, next_at = '2026-03-10 00:00:00'")
    [message] = await commands.lease_deliveries(10)
    assert await commands.record_receipts([receipt(delivered=False)]) == 0
    await commands.record_deliveries([DeliveryResult(message=message, provider_id="biz-2")])
    assert await commands.record_receipts([receipt(delivered=False)]) == 0
    assert await state() == ("sent", "")
    assert await commands.record_receipts([receipt(provider_id="biz-2")]) == 1
    assert await state() == ("delivered", "")


async def test_unknown_messages_move_nothing() -> None:
    await sent()
    strangers = [receipt(key=key) for key in ("0000000000001", "no id", "x" * 99)] + [receipt(provider_id="other")]
    assert await commands.record_receipts(strangers) == 0
    assert await state() == ("sent", "")


@pytest.mark.race(control="test_without_the_guard_the_last_report_wins")
async def test_reports_at_once_leave_one_final_state() -> None:
    assert await _moved_by_many() == 1


@pytest.mark.race(is_control=True)
async def test_without_the_guard_the_last_report_wins() -> None:
    with without_lock(), without_words(" AND state = %s", " AND '' <> %s"):
        assert await _moved_by_many() > 1


async def _moved_by_many() -> int:
    await sent()
    each = [commands.record_receipts([receipt(delivered=number % 2 == 0)]) for number in range(20)]
    return sum(await asyncio.gather(*each))
