"""Sending messages: leased, sent outside any transaction, noted; late, repeated and refused ones."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import pytest

from backend.channels import sms
from backend.channels.console import forget_old
from backend.channels.contract import Outgoing
from backend.core import clock, database, ids
from backend.core.command import in_command
from backend.core.settings import Settings, SettingsError
from backend.notifications import commands
from backend.notifications.commands import deliveries
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import DeliveryResult
from tests.notifications.samples import CASE, recipient
from tests.unguarded import without_lock
from workers import delivery

pytestmark = pytest.mark.usefixtures("db", "morning")

MORNING = "2026-03-10T09:00:00+08:00"


class Gateway:
    """An SMS gateway of another firm, inside this process: takes, refuses, fails or never answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str]] = []
        self.keys: list[str] = []
        self.troubles: list[BaseException | str] = []
        self.together = asyncio.Barrier(5)

    async def send(self, message: Outgoing) -> str:
        assert not in_command()
        assert message.key is not None
        self.keys.append(message.key)
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble == "silent":
            await asyncio.Event().wait()
        if trouble == "together":
            await self.together.wait()
        if isinstance(trouble, BaseException):
            raise trouble
        self.taken.append((message.recipient, message.template, message.text))
        if trouble == "answer lost":
            raise sms.ProviderError("connection reset by 15400000001")
        return f"gateway-{len(self.taken)}"


@pytest.fixture
def morning(freeze: Callable[[str], datetime]) -> datetime:
    return freeze(MORNING)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Gateway:
    made = Gateway()
    monkeypatch.setattr(sms, "_provider", made)
    return made


@pytest.fixture
def console(settings: Settings) -> Iterator[None]:
    sms.configure(settings)
    yield


async def tell(count: int = 1) -> None:
    for number in range(count):
        await commands.notify(
            Notice.CASE_APPROVED,
            Audience.APPLICANT,
            recipients=[recipient(11, f"1540000000{number}")],
            values=CASE,
            key=str(number),
        )


async def rows() -> list[dict[str, Any]]:
    return await database.rows(
        "SELECT state, attempts, lease, provider_id, last_error, next_at, sent_at FROM delivery ORDER BY id"
    )


async def states() -> list[tuple[str, int]]:
    return [(row["state"], row["attempts"]) for row in await rows()]


async def test_nothing_to_send_is_no_work(gateway: Gateway) -> None:
    assert await delivery.send_batch() is False


async def test_a_message_is_sent_once_with_the_key_of_its_row(gateway: Gateway) -> None:
    await tell()
    assert await delivery.send_batch() is True
    assert await delivery.send_batch() is False
    [(phone, template, text)] = gateway.taken
    assert (phone, template) == ("15400000000", "case.approved")
    assert text.startswith("您的“职工医疗互助”")
    [row] = await rows()
    assert (row["state"], row["attempts"], row["lease"], row["provider_id"]) == ("sent", 1, "", "gateway-1")
    delivery_id = await database.scalar("SELECT id FROM delivery")
    assert gateway.keys == [ids.public(delivery_id)]


async def test_a_batch_goes_side_by_side(gateway: Gateway) -> None:
    """A gateway that answers only when all have arrived would never answer one who sends one after the other."""
    await tell(5)
    gateway.troubles = ["together"] * 5
    assert await delivery.send_batch() is True
    assert await states() == [("sent", 1)] * 5


async def test_a_failure_is_tried_again_later_and_later(gateway: Gateway) -> None:
    await tell()
    gateway.troubles = [sms.ProviderError("busy"), sms.ProviderError("busy")]
    await delivery.send_batch()
    assert await states() == [("sending", 1)]
    assert await delivery.send_batch() is False
    clock.advance(seconds=30)
    await delivery.send_batch()
    assert await states() == [("sending", 2)]
    clock.advance(seconds=119)
    assert await delivery.send_batch() is False
    clock.advance(seconds=1)
    assert await delivery.send_batch() is True
    assert await states() == [("sent", 3)]
    assert len(set(gateway.keys)) == 1


async def test_after_all_tries_it_is_given_up(gateway: Gateway) -> None:
    await tell()
    gateway.troubles = [sms.ProviderError("down")] * 20
    tries = 0
    while (await states())[0][0] != "technical_failure":
        tries += 1
        assert await delivery.send_batch() is True
        clock.advance(hours=36)
    [row] = await rows()
    assert (tries, row["attempts"], row["last_error"]) == (9, 9, "ProviderError: down")
    clock.advance(days=30)
    assert await delivery.send_batch() is False


async def test_retries_keep_out_of_the_quiet_hours(gateway: Gateway, freeze: Callable[[str], datetime]) -> None:
    await tell()
    freeze("2026-03-10T21:29:50+08:00")
    gateway.troubles = [sms.ProviderError("busy")]
    await delivery.send_batch()
    freeze("2026-03-11T07:59:59+08:00")
    assert await delivery.send_batch() is False
    freeze("2026-03-11T08:00:00+08:00")
    assert await delivery.send_batch() is True
    assert await states() == [("sent", 2)]


async def test_a_refused_number_is_final(gateway: Gateway) -> None:
    await tell()
    gateway.troubles = [sms.RecipientRefused("no such number 15400000000")]
    await delivery.send_batch()
    [row] = await rows()
    assert (row["state"], row["last_error"]) == ("permanent_failure", "RecipientRefused: no such number [phone]")
    clock.advance(days=30)
    assert await delivery.send_batch() is False


async def test_a_provider_that_never_answers_costs_one_try(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "PROVIDER_SECONDS", 0.01)
    await tell(2)
    gateway.troubles = ["silent"]
    await delivery.send_batch()
    assert sorted(await states()) == [("sending", 1), ("sent", 1)]
    assert {row["last_error"] for row in await rows()} == {"", "TimeoutError: "}


async def test_an_answer_lost_on_the_way_repeats_the_same_key(gateway: Gateway) -> None:
    await tell()
    gateway.troubles = ["answer lost"]
    await delivery.send_batch()
    clock.advance(seconds=30)
    await delivery.send_batch()
    assert len(gateway.taken) == 2
    assert len(set(gateway.keys)) == 1
    [row] = await rows()
    assert (row["state"], row["attempts"], row["last_error"]) == ("sent", 2, "")


async def test_a_worker_that_dies_while_sending_leaves_it_to_the_next(gateway: Gateway) -> None:
    await tell()
    [held] = await commands.lease_deliveries(10)
    assert await delivery.send_batch() is False
    clock.advance(seconds=60)
    assert await delivery.send_batch() is True
    assert gateway.keys == [ids.public(held.id)]
    assert await states() == [("sent", 2)]


async def test_a_late_note_cannot_turn_a_sent_message_back(gateway: Gateway) -> None:
    await tell()
    [late] = await commands.lease_deliveries(10)
    clock.advance(seconds=60)
    await delivery.send_batch()
    await commands.record_deliveries([DeliveryResult(message=late, error="timed out")])
    await commands.record_deliveries([DeliveryResult(message=late, error="no", refused=True)])
    assert await states() == [("sent", 2)]


async def test_what_the_provider_took_is_sent_even_when_the_lease_was_lost(gateway: Gateway) -> None:
    await tell()
    [slow] = await commands.lease_deliveries(10)
    clock.advance(seconds=60)
    await commands.lease_deliveries(10)
    await commands.record_deliveries([DeliveryResult(message=slow, provider_id="gateway-9")])
    clock.advance(seconds=60)
    assert await delivery.send_batch() is False
    assert await states() == [("sent", 2)]


async def lease_together() -> list[tuple[int, str]]:
    """Nine messages, eight workers that want four each; what each call was given, with its lease."""
    await tell(9)
    held = await asyncio.gather(*(commands.lease_deliveries(4) for _ in range(8)))
    return [(message.id, message.lease) for batch in held for message in batch]


@pytest.mark.race(control="test_control_without_its_guard_a_message_is_held_twice")
async def test_two_workers_never_hold_the_same_message() -> None:
    given = await lease_together()
    assert len(given) == len({message for message, _ in given})
    assert len(given) + len(await commands.lease_deliveries(20)) == 9


@pytest.mark.race(is_control=True)
async def test_control_without_its_guard_a_message_is_held_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_still_due", lambda now: ("", ()))
    with without_lock():
        await lease_together()
    assert await database.scalar("SELECT MAX(attempts) FROM delivery") > 1


@pytest.mark.usefixtures("console")
async def test_the_console_keeps_a_message_once_per_key() -> None:
    await tell()
    [held] = await commands.lease_deliveries(10)
    again: dict[str, Any] = {
        "recipient": "15400000000",
        "template": held.template,
        "text": held.text,
        "key": ids.public(held.id),
    }
    assert await sms.send(**again) == await sms.send(**again) == ids.public(held.id)
    assert await sms.send(recipient="15400000000", template="sign_in_code", text="123456") != ids.public(held.id)
    found = await database.rows("SELECT template, channel FROM console_message ORDER BY id")
    assert found == [
        {"template": "case.approved", "channel": "sms"},
        {"template": "sign_in_code", "channel": "sms"},
    ]


@pytest.mark.usefixtures("console")
async def test_the_console_forgets_after_a_week() -> None:
    await sms.send(recipient="15400000000", template="sign_in_code", text="123456")
    clock.advance(days=7)
    assert await forget_old() == 0
    clock.advance(seconds=1)
    assert await forget_old() == 1


def test_an_unknown_provider_stops_the_start(settings: Settings) -> None:
    with pytest.raises(
        SettingsError, match="sms_provider must be one of: aliyun, console, none, tencent; not 'pigeon'"
    ):
        sms.configure(msgspec.structs.replace(settings, sms_provider="pigeon"))


async def test_without_a_provider_every_number_is_refused(settings: Settings) -> None:
    sms.configure(msgspec.structs.replace(settings, sms_provider="none"))
    with pytest.raises(sms.RecipientRefused):
        await sms.send(recipient="15400000000", template="sign_in_code", text="123456")
    sms.configure(settings)


async def test_sending_before_the_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "_provider", None)
    with pytest.raises(RuntimeError, match=r"sms\.configure was not called"):
        await sms.send(recipient="15400000000", template="sign_in_code", text="123456")
