"""A flow's own actions: who may do which when, what they write down, issue, publish and wait for."""

from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.models import Case
from backend.casework.schemas import ActInput
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from tests.casework.world import World, audited, decide, file, outbox, person, sent, setup_form, staff


async def submitted(world: World) -> tuple[str, Actor]:
    actor = await person(world)
    return await commands.submit(slug="sample-setup", data=sent(setup_form(world)), actor=actor), actor


async def act(number: str, action: str, actor: Actor, nonce: str | None = None, **form: Any) -> None:
    await commands.perform(number=number, action=action, data=ActInput(form=form), actor=actor, nonce=nonce)


async def version(number: str) -> int:
    return (await Case.get(number=number)).version


async def prepared(world: World) -> tuple[str, Actor]:
    """Visited and passed by the town, its notice over; it lies at the county."""
    number, actor = await submitted(world)
    await act(number, "visit", world.clerk, found="确有其事", people=12)
    await decide(number, world.clerk, "approve", 1)
    await act(number, "publicity", world.aid)
    clock.advance(days=6)
    return number, actor


async def awaiting(world: World) -> tuple[str, Actor]:
    number, actor = await prepared(world)
    await decide(number, world.aid, "approve", 2)
    return number, actor


async def test_a_step_is_not_approved_before_what_it_needs(world: World) -> None:
    number, _ = await submitted(world)
    with pytest.raises(Conflict) as refused:
        await decide(number, world.clerk, "approve", 1)
    assert (refused.value.code, refused.value.detail) == ("step_needs_action", "请先办理“上门核实”，再通过这一步。")
    await act(number, "visit", world.clerk, found="确有其事")
    await decide(number, world.clerk, "approve", 1)
    assert (await Case.get(number=number)).step_index == 1


async def test_what_was_written_down_is_read_by_desk_and_applicant(world: World) -> None:
    number, actor = await submitted(world)
    photo = await file(world.clerk)
    data = ActInput(form={"found": "确有其事", "people": 12}, attachments={"photo": [photo]})
    await commands.perform(number=number, action="visit", data=data, actor=world.clerk)
    seen = await queries.own_case(number, actor)
    [done] = seen.acts
    assert (done.key, done.name, done.who) == ("visit", "上门核实", "黄枫镇总工会 李*明")
    assert [(field.label, field.display) for field in done.fields] == [("情况", "确有其事"), ("在场人数", "12")]
    assert [one.id for one in done.files["photo"]] == [photo]
    assert seen.timeline[0].title == "黄枫镇总工会 上门核实"
    assert (await outbox())[-1] == "casework.CaseActed"
    assert (await audited())[-1] == "case.act"


async def test_every_wrong_field_of_an_action_is_named(world: World) -> None:
    number, _ = await submitted(world)
    with pytest.raises(Invalid) as refused:
        await act(number, "visit", world.clerk, found="好", people=100)
    assert [error.field for error in refused.value.errors] == ["found", "people"]
    assert await database.scalar("SELECT COUNT(*) FROM case_act") == 0


async def test_it_is_offered_to_those_whose_it_is(world: World) -> None:
    number, actor = await submitted(world)
    assert (await queries.own_case(number, actor)).offers == []
    assert [one.key for one in (await queries.desk_case(number, world.clerk)).case.offers] == ["visit"]
    assert [one.key for one in (await queries.desk_case(number, world.aid)).case.offers] == ["advice"]
    with pytest.raises(Forbidden) as refused:
        await act(number, "visit", world.aid, found="不是我的")
    assert refused.value.code == "action_not_yours"
    for stranger in (world.far_clerk, await person(world)):
        with pytest.raises(NotFound):
            await act(number, "visit", stranger, found="与我无关")
    with pytest.raises(NotFound) as unknown:
        await act(number, "nothing", world.clerk)
    assert unknown.value.code == "no_such_action"


async def test_what_is_looked_at_again_is_looked_at_by_somebody_else(world: World) -> None:
    number, _ = await submitted(world)
    await act(number, "visit", world.clerk, found="确有其事")

    async def offered(actor: Actor) -> list[str]:
        return [one.key for one in (await queries.desk_case(number, actor)).case.offers]

    assert (await offered(world.clerk), await offered(world.second_clerk)) == (["visit"], ["visit", "second-look"])
    with pytest.raises(Conflict) as refused:
        await act(number, "second-look", world.clerk, words="没有问题")
    assert (refused.value.code, refused.value.detail) == (
        "action_by_another",
        "这件事当初是您办的，“复核情况”要请另一位同事来办。",
    )
    await act(number, "second-look", world.second_clerk, words="没有问题")
    assert await database.scalar("SELECT COUNT(*) FROM case_act WHERE action = 'second-look'") == 1


async def test_a_private_action_is_not_read_by_the_applicant(world: World) -> None:
    number, actor = await submitted(world)
    await act(number, "advice", world.aid, words="再核一下")
    assert (await queries.own_case(number, actor)).acts[0].fields == []
    assert (await queries.desk_case(number, world.clerk)).case.acts[0].fields[0].display == "再核一下"


async def test_the_same_nonce_is_doing_it_once(world: World) -> None:
    number, _ = await submitted(world)
    for _ in range(2):
        await act(number, "visit", world.clerk, nonce="n1", found="确有其事")
    await act(number, "visit", world.clerk, nonce="n2", found="又去了一次")
    assert await database.scalar("SELECT COUNT(*) FROM case_act") == 2


async def test_once_is_once(world: World) -> None:
    number, _ = await prepared(world)
    with pytest.raises(Conflict) as refused:
        await act(number, "publicity", world.aid)
    assert refused.value.code == "action_not_open"


async def test_a_notice_hangs_masked_and_holds_the_step_until_it_is_over(world: World) -> None:
    number, _ = await submitted(world)
    await act(number, "visit", world.clerk, found="确有其事")
    await decide(number, world.clerk, "approve", 1)
    await act(number, "publicity", world.aid)
    [notice] = (await queries.public_notices()).items
    assert (notice.title, notice.closes_on) == ("关于星城测试工会筹建的公示", "2026-03-15")
    assert notice.body == ["星城测试工会拟筹建，联系人孙*筹，电话154****0777。"]
    with pytest.raises(Conflict) as refused:
        await decide(number, world.aid, "approve", 2)
    assert refused.value.code == "notice_running"
    clock.advance(days=6)
    assert (await queries.public_notices()).items == []
    await decide(number, world.aid, "approve", 2)


async def test_an_objection_is_settled_before_the_step_goes_on(world: World) -> None:
    number, _ = await submitted(world)
    await act(number, "visit", world.clerk, found="确有其事")
    await decide(number, world.clerk, "approve", 1)
    await act(number, "publicity", world.aid)
    [notice] = (await queries.public_notices()).items
    neighbour = await person(world)
    await commands.object_to(notice=notice.id, text="这家单位已经有工会了", actor=neighbour)
    with pytest.raises(Conflict) as again:
        await commands.object_to(notice=notice.id, text="再提一次", actor=neighbour)
    assert again.value.code == "objected_already"
    clock.advance(days=6)
    with pytest.raises(Conflict) as late:
        await commands.object_to(notice=notice.id, text="太晚了", actor=await person(world))
    assert late.value.code == "notice_closed"
    with pytest.raises(Conflict):
        await decide(number, world.aid, "approve", 2)
    [objection] = (await queries.desk_case(number, world.aid)).case.notices[0].objections
    with pytest.raises(NotFound):
        await commands.settle(objection=objection.id, upheld=False, finding="不归我", actor=world.clerk)
    await commands.settle(objection=objection.id, upheld=False, finding="核实过，那是分公司", actor=world.aid)
    with pytest.raises(Conflict) as settled:
        await commands.settle(objection=objection.id, upheld=True, finding="反悔", actor=world.aid)
    assert settled.value.code == "objection_settled"
    await decide(number, world.aid, "approve", 2)


async def test_a_step_waits_for_the_applicant_and_the_clock_stands_still(world: World) -> None:
    number, actor = await awaiting(world)
    seen = await queries.own_case(number, actor)
    assert (seen.status, seen.due_on, seen.hold_message) == (
        "on_hold",
        None,
        "请您办理“上报选举结果”，办好后接着审核。",
    )
    assert [(one.key, one.awaited) for one in seen.offers] == [("election", True)]
    left = seen.days_left
    clock.advance(days=30)
    await act(number, "election", actor, chair="孙小筹", votes=30)
    seen = await queries.own_case(number, actor)
    assert (seen.status, seen.days_left, seen.step.name if seen.step else "") == ("in_review", left, "批复成立")


async def test_a_step_taken_up_without_what_it_waits_for_still_waits_for_it(world: World) -> None:
    number, actor = await awaiting(world)
    await decide(number, world.aid, "release", await version(number))
    with pytest.raises(Conflict) as refused:
        await decide(number, world.aid, "approve", await version(number))
    assert (refused.value.code, refused.value.detail) == (
        "step_needs_action",
        "请先办理“上报选举结果”，再通过这一步。",
    )
    assert [(one.key, one.awaited) for one in (await queries.own_case(number, actor)).offers] == [("election", True)]
    await act(number, "election", actor, chair="孙小筹", votes=30)
    assert (await queries.own_case(number, actor)).offers == []
    await decide(number, world.aid, "approve", await version(number))
    assert (await Case.get(number=number)).status == "approved"


async def test_a_closed_case_says_so_before_what_its_step_needs(world: World) -> None:
    number, actor = await submitted(world)
    await commands.withdraw(number=number, actor=actor)
    with pytest.raises(Conflict) as refused:
        await decide(number, world.clerk, "approve", 2)
    assert refused.value.code == "already_decided"


async def test_whoever_holds_two_posts_acts_by_the_right_one(world: World) -> None:
    number, actor = await submitted(world)
    busy = await staff("钱小双", (world.far_town, "desk"), (world.town, "desk"))
    await act(number, "visit", busy, found="确有其事")
    [done] = (await queries.own_case(number, actor)).acts
    assert done.who == "黄枫镇总工会 钱*双"


async def test_papers_come_with_their_step_and_stay_as_they_were(world: World) -> None:
    number, actor = await awaiting(world)
    [reply, form] = (await queries.own_case(number, actor)).documents
    assert (reply.key, reply.title, reply.number) == ("reply-prep", "关于同意筹建星城测试工会的批复", "PZ2026-000001")
    assert (form.key, form.number) == ("form", "")
    paper = await queries.own_document(number, "reply-prep", actor)
    assert paper.body.paragraphs == ["黄枫镇总工会：", "同意筹建星城测试工会，核实人数12。"]
    assert paper.body.table is not None
    assert (paper.body.table.columns, paper.body.table.rows) == (["姓名", "职务"], [["孙小筹", "经理"]])
    code = paper.verify_url.rsplit("/", 1)[1]
    verified = await queries.verify("PZ2026-000001", code)
    assert (verified.headline, verified.facts[2]) == ("文书属实", ("对象", "孙*筹"))
    on_request = await queries.own_document(number, "form", actor)
    assert on_request.body.paragraphs == ["联系人孙小筹，电话154****0777，至少3人。"]
    with pytest.raises(NotFound):
        await queries.desk_document(number, "form", world.aid)
    with pytest.raises(NotFound):
        await queries.own_document(number, "reply-found", actor)


async def test_after_approval_an_action_issues_a_paper_each_time(world: World) -> None:
    number, actor = await awaiting(world)
    await act(number, "election", actor, chair="孙小筹", votes=30)
    await decide(number, world.aid, "approve", await version(number))
    seen = await queries.own_case(number, actor)
    assert (seen.status, [one.key for one in seen.offers]) == ("approved", ["letter"])
    paper = await queries.own_document(number, "reply-found", actor)
    assert paper.body.paragraphs == [f"主席孙小筹，编号{number}，备注——。"]
    for who in (actor, world.aid):
        await act(number, "letter", who)
    letters = [one for one in (await queries.own_case(number, actor)).documents if one.title == "证明"]
    assert [one.number for one in letters] == ["ZM2026-000001", "ZM2026-000002"]
    assert (await queries.own_document(number, letters[1].key, actor)).number == "ZM2026-000002"
    with pytest.raises(Conflict) as used_up:
        await act(number, "letter", actor)
    assert used_up.value.code == "action_not_open"
