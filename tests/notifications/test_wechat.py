"""WeChat first where it is set up and takes the message, the short message in every other case."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pytest

from backend.channels import sms, wechat
from backend.core import clock, database, ids
from backend.core.settings import CONFIG_DIR, Settings
from backend.notifications import templates
from backend.notifications.enums import Channel
from backend.notifications.templates import TemplateError
from tests.notifications.test_notify import tell
from workers import delivery

pytestmark = pytest.mark.usefixtures("db", "morning")


class FakeWechat:
    """Stands for WeChat: `answers` are what it says to the next messages, None that it takes them."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, str, str]] = []
        self.answers: list[Exception | None] = []

    async def send(self, *, account_id: int, template: str, params: Mapping[str, str], key: str) -> str:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.taken.append((account_id, template, key))
        assert params["number"]
        return f"wx-{len(self.taken)}"


@pytest.fixture
def morning(freeze: Callable[[str], datetime], settings: Settings) -> datetime:
    sms.configure(settings)
    return freeze("2026-03-10T09:00:00+08:00")


@pytest.fixture
def fake() -> Iterator[FakeWechat]:
    made = FakeWechat()
    wechat.use(made)
    yield made
    wechat.use(None)


async def rows() -> list[tuple[str, str, int]]:
    found = await database.rows("SELECT channel, state, attempts FROM delivery ORDER BY id")
    return [(row["channel"], row["state"], row["attempts"]) for row in found]


async def send() -> int:
    """All that is due; the number of short messages that went out until now."""
    while await delivery.send_batch():
        pass
    return await database.scalar("SELECT COUNT(*) FROM console_message")


async def test_as_long_as_it_is_off_the_short_message_goes() -> None:
    assert templates.outside() == (Channel.WECHAT, Channel.SMS)
    await tell()
    assert await rows() == [("sms", "waiting", 0)]
    assert await send() == 1


async def test_what_it_takes_goes_by_it_alone(fake: FakeWechat) -> None:
    await tell()
    assert await send() == 0
    delivery_id = await database.scalar("SELECT id FROM delivery")
    assert fake.taken == [(11, "case.approved", ids.public(delivery_id))]
    assert await rows() == [("wechat", "sent", 1)]


async def test_who_has_no_account_is_not_asked_for(fake: FakeWechat) -> None:
    await tell(account_id=None)
    assert (await send(), fake.taken) == (1, [])


async def test_who_does_not_allow_it_gets_the_short_message_at_once(fake: FakeWechat) -> None:
    fake.answers = [sms.RecipientRefused("43101")]
    await tell()
    assert await send() == 1
    assert (await rows(), fake.taken) == ([("sms", "sent", 1)], [])


async def test_a_busy_one_is_asked_again_before_the_short_message_goes(fake: FakeWechat) -> None:
    fake.answers = [sms.ProviderError("-1")] * 20
    await tell()
    assert await send() == 0
    assert await rows() == [("wechat", "sending", 1)]
    for _ in range(9):
        clock.advance(days=2)
        await send()
    assert await rows() == [("sms", "sent", 1)]
    assert len(fake.answers) == 11


async def test_messages_that_wait_when_it_is_turned_off_go_by_sms(fake: FakeWechat) -> None:
    await tell()
    wechat.use(None)
    assert await send() == 1


@pytest.mark.parametrize("order", ["[wechat]", "[sms, wechat]", "[pigeon, sms]", "1"])
def test_an_order_nobody_knows_stops_the_start(order: str, tmp_path: Path) -> None:
    folder = tmp_path / "notifications"
    folder.mkdir()
    for path in (CONFIG_DIR / "notifications").glob("*.yaml"):
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (folder / "_delivery.yaml").write_text(f"outside: {order}", "utf-8")
    with pytest.raises(TemplateError, match=r"_delivery\.yaml:1: outside is"):
        templates.load(tmp_path)
    (folder / "_delivery.yaml").write_text("outside: [sms]", "utf-8")
    templates.load(tmp_path)
    assert templates.outside() == (Channel.SMS,)
    templates.load(CONFIG_DIR)
