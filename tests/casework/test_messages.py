"""The talk on a case: who writes and reads, what is unread, and when it is over."""

import asyncio

import pytest

from backend.casework import commands, queries
from backend.casework.commands import messages
from backend.casework.models import Case
from backend.core import clock, database, scrub
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from tests.casework.world import World, aid_form, audited, decide, outbox, person, sent
from tests.unguarded import without_lock, without_words


async def at_town(world: World, owner: Actor, sequence: int = 1) -> str:
    form = sent(aid_form(world, sequence, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=owner)


async def write(number: str, actor: Actor, text: str = "材料什么时候补？") -> None:
    await messages.write(number=number, text=text, actor=actor)


async def answer(number: str, actor: Actor, text: str = "本周五前。") -> None:
    await messages.write_from_desk(number=number, text=text, actor=actor)


async def test_both_sides_read_in_order_who_wrote_when(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    await write(number, owner)
    clock.advance(minutes=5)
    await answer(number, world.clerk)
    own, desk = await queries.own_talk(number, owner), await queries.desk_talk(number, world.clerk)
    assert [(one.who, one.text, one.mine, one.is_new, one.at) for one in own.items] == [
        ("您", "材料什么时候补？", True, False, "2026-03-10T09:00:00+08:00"),
        ("黄枫镇总工会 李*明", "本周五前。", False, True, "2026-03-10T09:05:00+08:00"),
    ]
    assert [(one.who, one.mine, one.is_new) for one in desk.items] == [
        ("申请人", False, True),
        ("黄枫镇总工会 李*明", True, False),
    ]
    assert (own.unread, desk.unread, own.may_write, desk.may_write) == (1, 1, True, True)
    assert (await Case.get(number=number)).version == 1
    assert (await audited())[-2:] == ["case.message", "case.message"]
    assert (await outbox())[-2:] == ["casework.MessageWritten"] * 2


async def test_what_is_unread_shows_in_the_lists_until_it_was_seen(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    await write(number, owner, "一")
    first = (await queries.desk_talk(number, world.clerk)).items[-1].id
    await write(number, owner, "二")
    [row] = (await queries.desk_queue(world.clerk, queries.QueueQuery())).items
    assert row.unread_messages == 2
    await messages.read_at_desk(number=number, upto=first, actor=world.second_clerk)
    talk = await queries.desk_talk(number, world.clerk)
    assert [(one.text, one.is_new) for one in talk.items] == [("一", False), ("二", True)]
    await messages.read_at_desk(number=number, upto=talk.items[-1].id, actor=world.clerk)
    await messages.read_at_desk(number=number, upto=first, actor=world.clerk)  # an old page makes nothing new again
    assert (await queries.desk_talk(number, world.clerk)).unread == 0
    await answer(number, world.clerk)
    [mine] = (await queries.own_cases(owner)).items
    assert (mine.unread_messages, (await queries.own_case(number, owner)).unread_messages) == (1, 1)
    upto = (await queries.own_talk(number, owner)).items[-1].id
    await messages.read(number=number, upto=upto, actor=owner)
    assert (await queries.own_cases(owner)).items[0].unread_messages == 0


async def test_nobody_else_writes_or_reads(world: World) -> None:
    owner, stranger = await person(world), await person(world)
    number = await at_town(world, owner)
    await write(number, owner)
    with pytest.raises(NotFound):
        await queries.own_talk(number, stranger)
    with pytest.raises(NotFound):
        await write(number, stranger)
    with pytest.raises(NotFound):
        await queries.desk_talk(number, world.far_clerk)
    with pytest.raises(NotFound):
        await answer(number, world.far_clerk)
    seen = await queries.desk_talk(number, world.aid)  # sees the case, serves another desk
    assert (len(seen.items), seen.takes_part, seen.may_write) == (1, False, False)
    with pytest.raises(Forbidden) as elsewhere:
        await answer(number, world.aid)
    assert elsewhere.value.code == "other_desk"
    with pytest.raises(Forbidden):
        await messages.read_at_desk(number=number, upto=seen.items[0].id, actor=world.aid)
    assert (await queries.desk_talk(number, world.clerk)).unread == 1


async def test_after_the_last_word_for_a_while_and_then_no_more(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    await write(number, owner)
    await decide(number, world.clerk, "approve", 1)
    talk = await queries.own_talk(number, owner)
    assert (talk.may_write, talk.is_over, talk.closes_on) == (True, False, "2026-03-25")
    await answer(number, world.clerk, "办好了。")
    clock.advance(days=15)
    talk = await queries.own_talk(number, owner)
    assert (talk.may_write, talk.is_over, talk.closes_on, len(talk.items)) == (False, True, None, 2)
    for late in (write(number, owner), answer(number, world.clerk)):
        with pytest.raises(Conflict) as over:
            await late
        assert over.value.code == "message_over"


async def test_withdrawn_it_is_over_at_once(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    await commands.withdraw(number=number, actor=owner)
    with pytest.raises(Conflict) as over:
        await write(number, owner)
    assert over.value.code == "message_over"
    assert (await queries.own_talk(number, owner)).is_over


async def test_somebody_without_an_account_reads_nothing(world: World) -> None:
    form = sent(aid_form(world, target_org=""))
    number = await commands.file_at_window(slug="sample-aid", data=form, actor=world.clerk)
    assert not (await queries.desk_talk(number, world.clerk)).may_write
    with pytest.raises(Conflict) as nobody:
        await answer(number, world.clerk)
    assert nobody.value.code == "message_nobody"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("  ", "message_empty"),
        ("长" * 501, "comment_too_long"),
        ("我的身份证是 990001199003070017", "message_numbers"),
        ("换成１５４００００００１１了", "message_numbers"),
        ("卡号 9999 9900 0000 0014", "message_numbers"),
    ],
)
async def test_what_is_no_message(world: World, text: str, code: str) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    for refused in (write(number, owner, text), answer(number, world.clerk, text)):
        with pytest.raises(Invalid) as wrong:
            await refused
        assert (wrong.value.code, wrong.value.errors[0].field) == (code, "text")
    assert await database.scalar("SELECT COUNT(*) FROM case_message") == 0


def test_a_date_an_amount_and_a_landline_are_no_personal_numbers() -> None:
    assert not scrub.holds_number("3月15日交了 12300.50 元，回执 RH2026-000012，电话 0731-85551234")


async def test_a_few_a_minute(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    for nth in range(6):
        await write(number, owner, str(nth))
    with pytest.raises(TooMany) as often:
        await write(number, owner, "还有")
    assert often.value.code == "messages_too_often"
    for nth in range(8):
        await answer(number, world.clerk, str(nth))
    assert (await Case.get(number=number)).applicant_unread == 8


async def test_the_words_lie_sealed(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    await write(number, owner, "得了肾炎")
    stored = await database.rows("SELECT * FROM case_message")
    assert "肾炎" not in str(stored)
    assert "肾炎" not in str(await database.rows("SELECT * FROM outbox"))


async def _unread_after_twelve(world: World) -> tuple[list[int], int]:
    """What is there, and how many of them the case counts."""
    owner = await person(world)
    number = await at_town(world, owner)
    await asyncio.gather(*(answer(number, world.clerk, str(nth)) for nth in range(12)))
    talk = await queries.own_talk(number, owner)
    return sorted(int(one.text) for one in talk.items), talk.unread


@pytest.mark.race(control="test_control_counted_from_what_was_read_before_some_are_lost")
async def test_many_at_once_are_all_there_and_all_counted(world: World) -> None:
    assert await _unread_after_twelve(world) == (list(range(12)), 12)


@pytest.mark.race(is_control=True)
async def test_control_counted_from_what_was_read_before_some_are_lost(world: World) -> None:
    """Each sets the count to what it makes of an untalked case, as whoever reads first and writes later does."""
    with without_lock(), without_words("applicant_unread = applicant_unread + 1", "applicant_unread = 1"):
        assert (await _unread_after_twelve(world))[1] < 12
