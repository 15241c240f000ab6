"""What follows from what happens to cases and members: who is told, in which words, once."""

import importlib
import inspect
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from openpyxl import Workbook

import backend
from backend.casework import commands as casework
from backend.casework import queries as cases
from backend.casework.catalogue import Catalogue
from backend.casework.commands import deadlines
from backend.casework.enums import NoticeEvent
from backend.casework.flows import NoticeSpec
from backend.casework.schemas import AnswerInput, CorrectionsInput, QuestionInput, ReopenInput, VerdictInput
from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.identity import commands as identity
from backend.membership import commands as membership
from backend.membership.schemas import NewMember
from backend.notifications import queries as notifications
from backend.notifications.enums import Audience
from backend.unions import commands as unions
from backend.unions.schemas import CoverInput
from tests.casework.world import World, aid_form, decide, flag, join_form, person, sent, staff
from workers import tasks
from workers.reactions import REACTIONS


def all_events() -> set[type[msgspec.Struct]]:
    folder = Path(inspect.getfile(backend)).parent
    modules = [importlib.import_module(f"backend.{path.parent.name}.events") for path in folder.glob("*/events.py")]
    return {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, msgspec.Struct) and thing.__module__ == module.__name__
    }


def test_every_event_has_its_line() -> None:
    assert {kind for kind in REACTIONS if kind.__module__.startswith("backend.")} == all_events()


async def apply(world: World, applicant: Actor) -> str:
    return await casework.submit(slug="sample-aid", data=sent(aid_form(world)), actor=applicant)


async def inbox(actor: Actor) -> list[tuple[str, str, str]]:
    """(title, text, link) after everything that was to follow, oldest first."""
    await tasks.drain_outbox({})
    items = (await notifications.inbox(actor, limit=50)).items
    return [(item.title, item.text, item.link) for item in reversed(items)]


async def messages() -> list[str]:
    """What went to phones."""
    await tasks.drain_outbox({})
    await tasks.deliver({})
    return [row["text"] for row in await database.rows("SELECT text FROM console_message ORDER BY sent_at, id")]


async def test_an_application_is_acknowledged(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    assert await inbox(worker) == [
        (
            "申请已收到",
            f"您的“示例救助”申请已经收到，办件号 {number}。现在由星城快递工会审核。预计 3月17日 前办结。"
            "不用再跑窗口，有结果会马上告诉您；想看进度，点开就能看到。",
            f"/cases/{number}",
        )
    ]
    assert await messages() == []


async def test_the_desk_learns_of_a_new_case_and_the_applicant_that_somebody_began(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    assert await inbox(world.officer) == [
        (
            "有新办件",
            f"示例救助（办件号 {number}，申请人 钱*困）到了星城快递工会的窗口。请在 3月17日 前办结。",
            f"/desk/cases/{number}",
        )
    ]
    await casework.take_up(number=number, actor=world.officer)
    title, text, _ = (await inbox(worker))[-1]
    assert title == "开始办理了"
    assert text.startswith(f"您的“示例救助”（办件号 {number}）已经受理，星城快递工会开始审核了。预计 3月17日 前办结。")


async def test_each_desk_a_case_comes_to_is_told(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    far = {"to_union": ids.public(world.far_town.id), "role": "desk"}
    await decide(number, world.officer, "transfer", 1, **far)
    await decide(number, world.far_clerk, "approve", 2)
    titles = {one: [notice[0] for notice in await inbox(one)] for one in (world.officer, world.far_clerk, world.clerk)}
    assert titles == {world.officer: ["有新办件"], world.far_clerk: ["有新办件"], world.clerk: ["有新办件"]}
    assert [text for title, text, _ in await inbox(worker) if title == "换了一个窗口办理"] == [
        f"您的“示例救助”（办件号 {number}）已经转到松坡镇总工会继续办理。预计 3月17日 前办结，不会因为转办推迟。"
        "现在不用您做什么，有结果会马上告诉您。"
    ]
    await decide(number, world.clerk, "return", 3, corrections=[flag("reason")])
    await casework.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=4), actor=worker)
    title, text, _ = (await inbox(world.clerk))[-1]
    assert (title, f"办件号 {number}" in text, "黄枫镇总工会的窗口" in text) == ("补正交回来了", True, True)


async def test_late_notices_say_what_was_said_then(world: World) -> None:
    """Nothing is told until the case is long over; each notice still has its own words, day and desk."""
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "return", 1, corrections=[flag("reason")], comment="AAA")
    clock.advance(days=1)
    await casework.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=2), actor=worker)
    await decide(number, world.officer, "hold", 3, until=date(2026, 3, 13), message="等回函")
    await decide(number, world.officer, "release", 4, comment="回函到了")
    await decide(number, world.officer, "approve", 5)
    await casework.urge(number=number, actor=worker)
    await decide(number, world.clerk, "approve", 6, comment="BBB")
    told = {title: text for title, text, _ in await inbox(worker)}
    assert "窗口留言：AAA。" in told["有内容需要您补正"]
    assert "窗口说明：等回函。最晚 3月13日 恢复办理" in told["办件暂时停一停"]
    assert "窗口留言：回函到了。预计 3月18日 前办结。" in told["恢复办理了"]
    assert "窗口留言：BBB。" in told["办好了"]
    assert "请联系黄枫镇总工会。" in told["办好了"]
    assert "现在由星城快递工会审核。预计 3月17日 前办结。" in told["申请已收到"]
    handled = {title: text for title, text, _ in await inbox(world.officer)}
    assert "到了星城快递工会的窗口。请在 3月17日 前办结。" in handled["有新办件"]
    assert "请在 3月18日 前办结。" in handled["补正交回来了"]
    assert [title for title, _, _ in await inbox(world.clerk)] == ["有新办件", "申请人催办"]


async def test_an_overdue_case_goes_to_the_leader_above_too(world: World) -> None:
    worker, leader = await person(world), await staff("陈主管", (world.county, "leader"))
    far_leader = await staff("何远", (world.far_town, "leader"))
    phone = "15400000088"
    sealed = crypto.seal(phone, context=f"account/phone/{leader.account_id}")
    await database.execute(
        "UPDATE account SET phone_index = %s, phone_sealed = %s WHERE id = %s",
        crypto.blind_index("phone", phone),
        sealed,
        leader.account_id,
    )
    number = await apply(world, worker)
    clock.freeze(clock.start_of(date(2026, 3, 18)) + timedelta(hours=9))
    await deadlines.run(100)
    assert await inbox(leader) == [
        (
            "窗口有办件逾期",
            f"示例救助（办件号 {number}，申请人 钱*困）在星城快递工会的窗口已经逾期。应在 3月17日 前办结。"
            "请过问一下原因，督促窗口尽快办结。",
            f"/desk/cases/{number}",
        )
    ]
    assert [title for title, _, _ in await inbox(world.officer)] == ["有新办件", "有办件已经逾期"]
    assert await inbox(far_leader) == []
    assert await messages() == [
        f"星城快递工会的窗口有办件已经逾期：示例救助（办件号 {number}），应在 3月17日 前办结。请登录窗口系统过问。"
    ]


async def test_the_flow_file_decides_who_is_told(
    world: World, samples: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow = samples.flow("sample-aid")
    own = (
        NoticeSpec(event=NoticeEvent.REJECTED, to=(Audience.APPLICANT,), channels=("sms",)),
        NoticeSpec(event=NoticeEvent.SUBMITTED),
    )
    changed = msgspec.structs.replace(flow, notices=own)
    monkeypatch.setitem(samples._versions, (flow.slug, flow.version), changed)
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "reject", 1, comment="材料不符")
    assert (await inbox(worker), await inbox(world.officer)) == ([], [])
    assert len(await messages()) == 1


async def test_a_returned_case_says_what_to_do_on_both_ways(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "return", 1, corrections=[flag("reason", "请写清原因。")])
    title, text, _ = (await inbox(worker))[-1]
    assert title == "有内容需要您补正"
    assert "窗口留言：" in text
    assert "请写清原因。只改标出的地方就行" in text
    assert await messages() == [
        f"您的“示例救助”（办件号 {number}）有内容需要补正。请登录数字工会，只改标出的地方再提交，就会接着办理。"
    ]


async def test_a_rejection_gives_the_reason_in_the_inbox_only(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "reject", 1, comment="阑尾炎不在范围内")
    assert "原因：阑尾炎不在范围内。" in (await inbox(worker))[-1][1]
    [message] = await messages()
    assert message.startswith(f"您的“示例救助”（办件号 {number}）这次没有通过。")
    assert "阑尾炎" not in message


async def test_a_hold_is_explained(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等医院回函")
    assert "窗口说明：等医院回函。" in (await inbox(worker))[-1][1]


async def test_a_refusal_taken_back_is_told_by_inbox_and_message(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "reject", 1, comment="不符合条件")
    again = ReopenInput(reason="核实后情况一致", version=2)
    await casework.reopen(number=number, data=again, actor=world.officer)
    title, text, link = (await inbox(worker))[-1]
    assert (title, link) == ("您的办件重新办理了", f"/cases/{number}")
    assert "现在由星城快递工会重新办理。原因：核实后情况一致。预计 3月17日 前办结" in text
    assert (await messages())[-1].endswith("已重新办理，预计 3月17日 前办结，有结果会马上告诉您。")


async def test_whoever_sent_the_merged_one_is_told(world: World) -> None:
    worker = await person(world)
    first = await apply(world, await person(world))
    clock.advance(minutes=5)
    later = await apply(world, worker)
    data = VerdictInput(verdict="merged", reason="同一次住院", version=1)
    await casework.settle_pair(number=first, other=later, data=data, actor=world.officer)
    title, text, link = (await inbox(worker))[-1]
    assert (title, link) == ("重复的申请合并了", f"/cases/{later}")
    assert f"与 {first} 重复，并到那一件办理：同一次住院。" in text
    assert (await messages())[-1].endswith("与另一件重复，已合并到那一件办理，不用重新申请。")


async def test_whoever_covers_a_colleague_is_told(world: World) -> None:
    today = clock.today()
    named = CoverInput(
        cover=ids.public(world.second_clerk.account_id), from_on=today, until_on=today + timedelta(days=2)
    )
    cover = await unions.name_cover(data=named, actor=world.clerk)
    assert await inbox(world.second_clerk) == [
        (
            "请您代班",
            "李大明 请假，3月10日 到 3月12日 的办件请您代办。这几天您的待办里会有他窗口的办件，到期自动结束。",
            "/desk/covers",
        )
    ]
    await unions.end_cover(cover=cover, actor=world.clerk)
    await unions.name_cover(data=named, actor=world.clerk)
    assert len(await inbox(world.second_clerk)) == 2


async def test_joining_welcomes_and_confirms(world: World) -> None:
    courier = await person(world)
    number = await casework.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await decide(number, world.officer, "approve", 1)
    notices = await inbox(courier)
    assert sorted(title for title, _, _ in notices) == ["办好了", "欢迎加入工会", "申请已收到"]
    [welcome] = [notice for notice in notices if notice[0] == "欢迎加入工会"]
    member_no = await database.scalar("SELECT member_no FROM member")
    assert welcome == (
        "欢迎加入工会",
        f"从今天起，您就是星城快递工会的会员了。会员号 {member_no}。在“我的”里可以看到电子会员证。"
        "医疗互助、困难帮扶、活动报名，都可以在“办事”里直接办。",
        "/me/card",
    )
    assert len(await messages()) == 1


async def test_who_confirms_finds_the_cases_about_them(world: World) -> None:
    """Filed by the daughter with her mother's number; the mother confirms from her own phone."""
    daughter, mother = await person(world), await person(world, "15400000009")
    form = join_form(world, mobile="15400000009")
    number = await casework.submit(slug="member-join", data=sent(form), actor=daughter)
    await decide(number, world.officer, "approve", 1)
    await tasks.drain_outbox({})
    await membership.confirm_identity(mother, id_no=str(form["id_no"]))
    await tasks.drain_outbox({})
    member_id = await database.scalar("SELECT member_id FROM account WHERE id = %s", mother.account_id)
    confirmed = msgspec.structs.replace(mother, member_id=member_id)
    for reader in (confirmed, daughter):
        assert [row.number for row in (await cases.own_cases(reader)).items] == [number]
    assert (await cases.own_cases(mother)).items == []


async def test_what_was_filed_before_confirming_again_comes_along(world: World) -> None:
    courier = await person(world)
    joining = await casework.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await decide(joining, world.officer, "approve", 1)
    await tasks.drain_outbox({})
    clock.advance(days=100)
    await identity.leave_if_silent(courier.account_id, "15400000001")
    fresh_id = await identity.account_for_phone("15400000001")
    fresh = Actor(kind="person", account_id=fresh_id)
    assert (await cases.own_cases(fresh)).items == []
    asked = await apply(world, fresh)
    await membership.confirm_identity(fresh, id_no=str(join_form(world)["id_no"]))
    await tasks.drain_outbox({})
    member_id = await database.scalar("SELECT member_id FROM account WHERE id = %s", courier.account_id)
    back = msgspec.structs.replace(courier, member_id=member_id)
    assert [row.number for row in (await cases.own_cases(back)).items] == [asked, joining]
    assert (await cases.own_cases(fresh)).items == []


async def test_a_day_in_a_year_without_holidays_is_provisional(world: World) -> None:
    clock.freeze(clock.start_of(date(2035, 3, 13)))
    worker = await person(world)
    await apply(world, worker)
    [(_, text, _)] = await inbox(worker)
    assert "预计 3月20日（暂定） 前办结" in text


async def test_a_member_without_an_account_is_welcomed_nowhere(world: World) -> None:
    id_no = national.synthetic_id_no(date(1990, 3, 7), 1)
    applicant = NewMember(name="王小测", id_no=id_no, phone="15400000001")
    await membership.admit(world.officer, applicant=applicant, union_id=world.unit.id, account_id=None, reference="t")
    await tasks.drain_outbox({})
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 0
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE state <> %s", "done") == 0


async def test_somebody_without_an_account_is_told_by_the_phone_of_the_form(world: World) -> None:
    number = await casework.file_at_window(slug="sample-aid", data=sent(aid_form(world)), actor=world.officer)
    await decide(number, world.officer, "reject", 1, comment="材料不符")
    assert len(await messages()) == 1
    assert await database.rows("SELECT account_id, event FROM notification") == [
        {"account_id": world.officer.account_id, "event": "case.assigned"}
    ]


async def test_the_desk_is_told_of_time_and_of_the_applicant(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    clock.advance(days=3)
    await casework.urge(number=number, actor=worker)
    _, urged = await inbox(world.officer)
    assert urged == (
        "申请人催办",
        f"申请人 钱*困 催办“示例救助”（办件号 {number}）。应在 3月17日 前办结。"
        "请今天看一下，能办就办；还差什么，请退回补正并写清楚。",
        f"/desk/cases/{number}",
    )
    clock.freeze(clock.start_of(date(2026, 3, 16)))
    await deadlines.run(100)
    assert (await inbox(world.officer))[-1][0] == "有办件快到期了"
    clock.freeze(clock.start_of(date(2026, 3, 18)))
    await deadlines.run(100)
    await deadlines.run(100)
    titles = [title for title, _, _ in await inbox(world.officer)]
    assert titles == ["有新办件", "申请人催办", "有办件快到期了", "有办件已经逾期"]
    assert await inbox(world.far_clerk) == []


async def test_an_event_acted_on_twice_tells_once(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    await decide(number, world.officer, "reject", 1, comment="材料不符")
    await tasks.drain_outbox({})
    before = (await inbox(worker), await messages())
    await database.execute("UPDATE outbox SET state = %s", "waiting")
    assert (await inbox(worker), await messages()) == before
    assert (len(before[0]), len(before[1])) == (2, 1)


async def test_a_roll_comes_in_part_by_part_and_holds_up_nobody(world: World) -> None:
    """Three steps: read the sheet, five hundred rows, the rest; between them others have their turn."""
    import_id = await membership.request_import(
        world.officer, content=roll(600), name="名册.xlsx", union=ids.public(world.unit.id), dry_run=False
    )
    assert await tasks.react_next() is True
    worker = await person(world)
    await apply(world, worker)
    clock.advance(seconds=1)
    assert await tasks.react_next() is True
    assert await database.scalar("SELECT COUNT(*) FROM member") == 500
    assert await tasks.react_next() is True
    assert await database.scalar("SELECT COUNT(*) FROM notification") == 1
    await tasks.drain_outbox({})
    assert await database.rows(
        "SELECT state, total, done, added FROM roll_import WHERE id = %s", ids.parse(import_id)
    ) == [{"state": "done", "total": 600, "done": 600, "added": 600}]
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE state <> %s", "done") == 0


def roll(rows: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["姓名", "身份证号", "手机号"])
    for number in range(rows):
        sheet.append(["王小测", national.synthetic_id_no(date(1990, 1, 1) + timedelta(days=number), 1), ""])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


async def test_a_question_that_nobody_answered_is_told_to_both_sides(world: World) -> None:
    number = await apply(world, await person(world))
    asked = QuestionInput(to_union=ids.public(world.far_town.id), role="desk", text="有没有重复救助？")
    await casework.ask(number=number, data=asked, actor=world.officer)
    clock.advance(days=4)
    await deadlines.tell_unanswered(10)
    for actor in (world.far_clerk, world.officer):
        assert (await inbox(actor))[-1] == (
            "征询意见已经过期",
            f"“示例救助”{number}（钱*困）：星城快递工会 邹*红征询的意见应在 3月13日 前答复，到期还没有答复。"
            "被征询的窗口请尽快答复；征询的窗口可以先办，也可以换一个窗口问。",
            f"/desk/cases/{number}?asked=1",
        )


async def test_a_question_and_its_answer_are_told_to_those_they_concern(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    asked = QuestionInput(to_union=ids.public(world.far_town.id), role="desk", text="有没有重复救助？")
    question = await casework.ask(number=number, data=asked, actor=world.officer)
    assert await inbox(world.far_clerk) == [
        (
            "有窗口征询您的意见",
            f"“示例救助”{number}（钱*困）：星城快递工会征询您的意见。请在 3月13日 前答复。",
            f"/desk/cases/{number}?asked=1",
        )
    ]
    before = await inbox(worker)
    data = AnswerInput(verdict="agree", text="没有。")
    await casework.answer(question=question, data=data, actor=world.far_clerk)
    assert (await inbox(world.officer))[-1] == (
        "征询有了答复",
        f"“示例救助”{number}（钱*困）：松坡镇总工会答复了您的征询。答复是“同意：没有”。",
        f"/desk/cases/{number}",
    )
    assert await inbox(worker) == before
    assert await messages() == []


async def test_a_message_is_told_to_the_other_side_without_its_words(world: World) -> None:
    worker = await person(world)
    number = await apply(world, worker)
    await casework.messages.write(number=number, text="我得了肾炎", actor=worker)
    assert (await inbox(world.officer))[-1] == (
        "申请人留言",
        f"“示例救助”{number}（钱*困）：申请人留了言。",
        f"/desk/cases/{number}/messages",
    )
    await casework.messages.write_from_desk(number=number, text="请带上病历。", actor=world.officer)
    assert (await inbox(worker))[-1] == (
        "窗口给您留言了",
        f"您的“示例救助”（办件号 {number}），星城快递工会给您留了言，点开看看。",
        f"/cases/{number}/messages",
    )
    assert await messages() == []
