"""One notice to many: once for each inbox and each phone, in two statements, whoever repeats it."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from backend.core import crypto, database, ids
from backend.core.reveal import Purpose, reveal_to_system
from backend.notifications import commands
from backend.notifications.enums import Audience, Channel, Notice
from backend.notifications.schemas import Told
from tests.notifications.many import enrol, open_account, phone_of
from tests.notifications.samples import CASE, recipient
from tests.unguarded import without_keys, without_lock, without_words

pytestmark = pytest.mark.usefixtures("db", "morning")


@pytest.fixture
def morning(freeze: Callable[[str], datetime]) -> datetime:
    return freeze("2026-03-10T09:00:00+08:00")


async def tell(members: list[int], *, key: str = "7", channels: tuple[Channel, ...] = tuple(Channel)) -> Told:
    return await commands.notify_many(
        Notice.CASE_APPROVED, Audience.APPLICANT, members=members, values=CASE, key=key, channels=channels
    )


async def messages() -> list[str]:
    """The phones that messages are for, in the order in which they would go."""
    return [
        reveal_to_system(one.recipient_sealed, context=one.recipient_context, purpose=Purpose.DELIVERY)
        for one in await commands.lease_deliveries(100)
    ]


async def test_each_inbox_and_each_phone_once() -> None:
    members = [await enrol(1), await enrol(2, phone=2), await enrol(3)]
    assert await tell(members) == Told(inbox=3, messages=3)
    rows = await database.rows(
        "SELECT id, `key`, account_id, title, text, link, case_number, read_at FROM notification"
    )
    accounts = await database.rows("SELECT id FROM account")
    assert {row["account_id"] for row in rows} == {row["id"] for row in accounts}
    assert len({row["id"] for row in rows}) == 3
    for row in rows:
        assert row["key"] == f"case.approved:7:{row['account_id']}"
        assert (row["title"], row["link"], row["case_number"], row["read_at"]) == (
            "办好了",
            f"/cases/{CASE['number']}",
            CASE["number"],
            None,
        )
        assert row["text"].startswith(
            "您的“职工医疗互助”（办件号 GH20260310000123）已经办好了。窗口留言：发票照片看不清。"
        )
    sent = await database.rows("SELECT `key`, text, params, recipient_index, recipient_sealed, state FROM delivery")
    assert {row["key"] for row in sent} == {
        f"case.approved:7:{crypto.blind_index('phone', phone_of(number))}" for number in (1, 2, 3)
    }
    for row in sent:
        assert (row["recipient_sealed"], row["state"]) == ("", "waiting")
        assert row["params"] == '{"number":"GH20260310000123","service":"职工医疗互助"}'
    assert sorted(await messages()) == [phone_of(number) for number in (1, 2, 3)]


async def test_doing_it_again_finds_it_done() -> None:
    members = [await enrol(number) for number in range(5)]
    assert await tell(members[:3]) == Told(inbox=3, messages=3)
    assert await tell(members) == Told(inbox=2, messages=2)
    assert await tell(members) == Told(inbox=0, messages=0)
    assert await tell(members, key="8") == Told(inbox=5, messages=5)
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = %s", "notice.written") == 3


async def test_who_was_told_alone_is_not_told_again() -> None:
    account_id = await open_account(1)
    await commands.notify(
        Notice.CASE_APPROVED, Audience.APPLICANT, recipients=[recipient(account_id, phone_of(1))], values=CASE, key="7"
    )
    told = await commands.notify_many(
        Notice.CASE_APPROVED, Audience.APPLICANT, accounts=[account_id], values=CASE, key="7"
    )
    assert told == Told(inbox=0, messages=0)


async def test_a_member_without_an_account_is_reached_by_the_phone_of_the_roll_alone() -> None:
    assert await tell([await enrol(1, account=False, phone=8)]) == Told(inbox=0, messages=1)
    assert await messages() == [phone_of(8)]


async def test_the_phone_of_the_account_comes_before_that_of_the_roll() -> None:
    assert await tell([await enrol(1, phone=8)]) == Told(inbox=1, messages=1)
    assert await messages() == [phone_of(1)]


async def test_an_account_parted_from_its_phone_is_reached_by_that_of_the_roll() -> None:
    assert await tell([await enrol(1, phone=8, own_phone=False)]) == Told(inbox=1, messages=1)
    assert await messages() == [phone_of(8)]


async def test_members_with_one_phone_get_one_message() -> None:
    couple = [await enrol(1, account=False, phone=8), await enrol(2, account=False, phone=8), await enrol(8)]
    assert await tell(couple) == Told(inbox=1, messages=1)


async def test_nobody_with_a_phone_gets_no_message() -> None:
    assert await tell([await enrol(1, account=False)]) == Told(inbox=0, messages=0)
    assert await database.scalar("SELECT COUNT(*) FROM audit") == 0


async def test_accounts_without_a_member_are_told_too() -> None:
    accounts = [await open_account(1), await open_account(2)]
    told = await commands.notify_many(
        Notice.CASE_APPROVED, Audience.APPLICANT, accounts=accounts, values=CASE, key="7", channels=[Channel.SMS]
    )
    assert told == Told(inbox=0, messages=2)
    assert sorted(await messages()) == [phone_of(1), phone_of(2)]


async def test_only_the_channels_asked_for_and_only_those_with_words() -> None:
    member = await enrol(1)
    assert await tell([member], channels=(Channel.INBOX,)) == Told(inbox=1, messages=0)
    assert await tell([member], key="8", channels=(Channel.SMS,)) == Told(inbox=0, messages=1)
    urged = await commands.notify_many(Notice.CASE_URGED, Audience.HANDLER, members=[member], values=CASE, key="9")
    assert urged == Told(inbox=1, messages=0)


async def test_the_phone_is_the_one_of_the_moment_of_sending() -> None:
    member = await enrol(1)
    await tell([member])
    await database.execute("UPDATE account SET phone_index = NULL, phone_sealed = ''")
    [message] = await commands.lease_deliveries(10)
    assert (message.recipient_sealed, message.recipient_context) == ("", "")


async def test_whoever_waits_for_an_answer_goes_before_the_many(freeze: Callable[[str], datetime]) -> None:
    await tell([await enrol(number) for number in range(5)])
    freeze("2026-03-10T09:00:01+08:00")
    await commands.notify(
        Notice.CASE_APPROVED, Audience.APPLICANT, recipients=[recipient(None, phone_of(9))], values=CASE, key="8"
    )
    [first] = await commands.lease_deliveries(1)
    phone = reveal_to_system(first.recipient_sealed, context=first.recipient_context, purpose=Purpose.DELIVERY)
    assert phone == phone_of(9)
    assert len(await commands.lease_deliveries(100)) == 5


async def test_five_hundred_cost_as_many_statements_as_two(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [await enrol(number) for number in range(60)]
    asked: list[str] = []
    execute = database.execute

    async def counted(sql: str, *params: object) -> int:
        asked.append(sql)
        return await execute(sql, *params)

    monkeypatch.setattr(database, "execute", counted)
    assert await tell(members[:2]) == Told(inbox=2, messages=2)
    few = len(asked)
    assert await tell(members) == Told(inbox=58, messages=58)
    assert len(asked) == 2 * few == 6


@pytest.mark.parametrize(("members", "accounts"), [([], []), ([1], [1]), (list(range(1_001)), [])])
async def test_one_kind_of_list_and_not_too_long(members: list[int], accounts: list[int]) -> None:
    with pytest.raises(ValueError, match="one of members and accounts, and at most 1000"):
        await commands.notify_many(
            Notice.CASE_APPROVED, Audience.APPLICANT, members=members, accounts=accounts, values=CASE, key="7"
        )


async def test_a_key_that_would_be_cut_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the key of case\.approved is longer than 120"):
        await tell([await enrol(1)], key="7" * 90)
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 0


async def tell_together() -> None:
    members = [await enrol(number) for number in range(40)]
    await asyncio.gather(*(tell(members) for _ in range(8)))


@pytest.mark.race(control="test_control_without_keys_they_are_told_twice")
async def test_workers_that_do_the_same_part_at_once_tell_each_once() -> None:
    await tell_together()
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 40
    assert await database.scalar("SELECT COUNT(*) FROM delivery") == 40


@pytest.mark.race(is_control=True)
async def test_control_without_keys_they_are_told_twice() -> None:
    words = "ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else "ON DUPLICATE KEY UPDATE `key` = `key`"
    with without_lock(), without_words(words):
        async with without_keys("notification"), without_keys("delivery"):
            await tell_together()
            assert await database.scalar("SELECT COUNT(*) FROM notification") > 40


def test_a_block_of_identifiers_is_in_a_row_and_nobody_elses() -> None:
    taken: set[int] = set()
    for size in (1, 2, 500, 1_500, 2_048, 700):
        first = ids.new_block(size)
        block = set(range(first, first + size))
        assert first >> 11 == (first + size - 1) >> 11
        assert not block & taken
        taken |= block | {ids.new_id()}
    for size in (0, 2_049):
        with pytest.raises(ValueError, match="a block has 1 to 2048 identifiers"):
            ids.new_block(size)
