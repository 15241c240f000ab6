"""Writing notices: once per key and recipient, phones sealed, inboxes kept apart."""

from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest

from backend.core import audit, clock, crypto, database, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.settings import Settings
from backend.notifications import commands, queries
from backend.notifications.enums import Audience, Channel, Notice
from backend.notifications.schemas import NotificationView
from tests.notifications.samples import CASE, recipient

pytestmark = pytest.mark.usefixtures("db")

LI = Actor(kind="person", account_id=11, display="李小测")
WANG = Actor(kind="person", account_id=12, display="王小测")
PHONE = "15400000001"
MORNING = "2026-03-10T09:00:00+08:00"
EVENING = "2026-03-10T22:00:00+08:00"

Freeze = Callable[[str], datetime]


async def tell(
    notice: Notice = Notice.CASE_APPROVED,
    *,
    key: str = "7",
    account_id: int | None = 11,
    union_id: int | None = None,
) -> int:
    to = [recipient(account_id, PHONE)]
    return await commands.notify(notice, Audience.APPLICANT, recipients=to, values=CASE, key=key, union_id=union_id)


async def deliveries() -> list[dict[str, object]]:
    return await database.rows("SELECT account_id, channel, template, text, state, attempts FROM delivery ORDER BY id")


async def test_a_result_goes_to_the_inbox_and_to_the_phone(freeze: Freeze) -> None:
    freeze(MORNING)
    assert await tell() == 2
    page = await queries.inbox(LI)
    assert page.next_cursor is None
    assert page.items == [
        NotificationView(
            id=page.items[0].id,
            title="办好了",
            text="您的“职工医疗互助”（办件号 GH20260310000123）已经办好了。窗口留言：发票照片看不清。"
            "点开可以看结果和回执。有疑问，请联系高桥街道总工会。",
            case_number="GH20260310000123",
            created_at=MORNING,
            read_at=None,
            link="/cases/GH20260310000123",
        )
    ]
    assert await deliveries() == [
        {
            "account_id": 11,
            "channel": "sms",
            "template": "case.approved",
            "text": "您的“职工医疗互助”（办件号 GH20260310000123）已经办好了。请登录数字工会，在“办件”里查看结果。",
            "state": "waiting",
            "attempts": 0,
        }
    ]


async def test_the_phone_is_sealed_for_its_row() -> None:
    await tell()
    [row] = await database.rows("SELECT id, recipient_sealed, recipient_index FROM delivery")
    assert PHONE not in row["recipient_sealed"]
    assert row["recipient_index"] == crypto.blind_index("phone", PHONE)
    assert crypto.open_sealed(row["recipient_sealed"], context=f"delivery/recipient/{row['id']}") == PHONE
    with pytest.raises(crypto.Unreadable):
        crypto.open_sealed(row["recipient_sealed"], context=f"delivery/recipient/{row['id'] + 1}")


async def test_the_same_key_is_told_once() -> None:
    assert await tell() == 2
    assert await tell() == 0
    assert await tell(key="8") == 2
    assert await tell(Notice.CASE_REJECTED) == 2
    assert await queries.unread_count(LI) == 3
    assert len(await deliveries()) == 3


async def test_somebody_without_an_account_gets_the_short_message_only() -> None:
    assert await tell(account_id=None) == 1
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 0
    assert [row["account_id"] for row in await deliveries()] == [None]


async def test_somebody_without_a_phone_gets_the_inbox_only() -> None:
    written = await commands.notify(
        Notice.CASE_APPROVED, Audience.APPLICANT, recipients=[recipient(11)], values=CASE, key="7"
    )
    assert (written, await deliveries()) == (1, [])


async def test_only_the_channels_asked_for(freeze: Freeze) -> None:
    freeze(MORNING)
    to = [recipient(11, PHONE)]
    for channels, key in (([Channel.INBOX], "7"), ([Channel.SMS], "8"), ([], "9")):
        await commands.notify(
            Notice.CASE_APPROVED, Audience.APPLICANT, recipients=to, values=CASE, key=key, channels=channels
        )
    assert await database.rows("SELECT `key` FROM notification") == [{"key": "case.approved:7:11"}]
    assert len(await deliveries()) == 1


async def test_who_belongs_to_two_audiences_is_told_as_the_first() -> None:
    for audience, people in ((Audience.HANDLER, (11,)), (Audience.LEADER, (11, 12))):
        to = [recipient(account_id) for account_id in people]
        await commands.notify(Notice.CASE_OVERDUE, audience, recipients=to, values=CASE, key="7")
    told = await database.rows("SELECT account_id, title FROM notification ORDER BY account_id")
    assert [(row["account_id"], row["title"]) for row in told] == [(11, "有办件已经逾期"), (12, "窗口有办件逾期")]


async def test_nobody_is_nothing() -> None:
    assert await commands.notify(Notice.CASE_URGED, Audience.HANDLER, recipients=[], values=CASE, key="7") == 0
    assert await database.scalar("SELECT COUNT(*) FROM audit") == 0


async def test_a_desk_is_told_in_one_go_with_one_line_of_audit() -> None:
    desk = [recipient(account_id) for account_id in range(100, 1300)]
    assert await commands.notify(Notice.CASE_OVERDUE, Audience.HANDLER, recipients=desk, values=CASE, key="7") == 1200
    assert await commands.notify(Notice.CASE_OVERDUE, Audience.HANDLER, recipients=desk, values=CASE, key="7") == 0
    assert await database.scalar("SELECT COUNT(DISTINCT account_id) FROM notification") == 1200
    assert await deliveries() == []
    [entry] = await database.rows("SELECT action, actor_kind, detail FROM audit")
    assert (entry["action"], entry["actor_kind"]) == ("notice.written", "system")
    assert entry["detail"] == '{"key":"7","messages":1200,"notice":"case.overdue"}'


async def test_the_audit_log_says_nothing_of_the_person() -> None:
    await tell()
    for entry in await database.rows("SELECT detail FROM audit"):
        assert PHONE not in entry["detail"]
        assert CASE["comment"] not in entry["detail"]
    assert (await audit.verify()) == []


async def test_a_missing_value_is_an_error_of_ours_and_writes_nothing() -> None:
    with pytest.raises(KeyError):
        await commands.notify(
            Notice.CASE_APPROVED, Audience.APPLICANT, recipients=[recipient(11)], values={"number": "1"}, key="7"
        )
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 0


async def test_a_key_that_would_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the key of case\.approved is longer than 120"):
        await tell(key="7" * 120)


async def test_short_messages_wait_for_the_morning(freeze: Freeze) -> None:
    freeze(EVENING)
    await tell()
    assert await queries.unread_count(LI) == 1
    assert await commands.lease_deliveries(10) == []
    freeze("2026-03-11T08:00:00+08:00")
    assert len(await commands.lease_deliveries(10)) == 1


async def test_the_demo_sends_results_of_ones_own_case_at_night(
    freeze: Freeze, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_settings", msgspec.structs.replace(settings, environment="demo"))
    freeze(EVENING)
    await tell()
    assert len(await commands.lease_deliveries(10)) == 1


async def test_pages_of_the_inbox_are_newest_first() -> None:
    for number in range(5):
        await tell(key=str(number))
    whole = [item.id for item in (await queries.inbox(LI, limit=100)).items]
    first = await queries.inbox(LI, limit=2)
    second = await queries.inbox(LI, limit=2, cursor=first.next_cursor)
    third = await queries.inbox(LI, limit=2, cursor=second.next_cursor)
    assert whole == sorted(whole, reverse=True)
    assert [item.id for page in (first, second, third) for item in page.items] == whole
    assert third.next_cursor is None


async def test_reading_is_once_and_ones_own(freeze: Freeze) -> None:
    freeze(MORNING)
    await tell()
    [notice] = (await queries.inbox(LI)).items
    with pytest.raises(NotFound):
        await commands.mark_read(notice.id, WANG)
    assert await queries.unread_count(LI) == 1
    read = await commands.mark_read(notice.id, LI)
    assert read.read_at == MORNING
    clock.advance(minutes=5)
    assert (await commands.mark_read(notice.id, LI)).read_at == MORNING
    assert (await queries.unread_count(LI), await queries.unread_count(WANG)) == (0, 0)
    for unknown in ("0000000000000", "nonsense", ""):
        with pytest.raises(NotFound):
            await commands.mark_read(unknown, LI)


async def test_all_of_ones_own_are_read_together() -> None:
    for number in range(3):
        await tell(key=str(number))
    await tell(account_id=12)
    assert await commands.mark_all_read(LI) == 3
    assert await commands.mark_all_read(LI) == 0
    assert (await queries.unread_count(LI), await queries.unread_count(WANG)) == (0, 1)


async def test_the_inbox_takes_one_query_for_any_number_of_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        await tell(key=str(number))
    asked: list[str] = []
    ask = database.rows

    async def counted(sql: str, *params: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await ask(sql, *params)

    monkeypatch.setattr(database, "rows", counted)
    assert len((await queries.inbox(LI, limit=1)).items) == 1
    assert len((await queries.inbox(LI, limit=3)).items) == 3
    assert len(asked) == 2
