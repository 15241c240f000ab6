"""A step that needs two people: the first approval signs, another clerk's approves."""

import pytest

from backend.casework import commands, queries
from backend.casework.commands import batches
from backend.casework.models import Case
from backend.casework.queries import QueueQuery
from backend.casework.schemas import BatchInput, BatchItem, CorrectionsInput, RecusalInput, ReopenInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.home import doctor
from backend.unions.models import StaffPost
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, audited, decide, flag, outbox, person, sent


async def at_town(world: World, sequence: int = 1, owner: Actor | None = None) -> str:
    form = sent(aid_form(world, sequence, target_org=""))
    return await commands.submit(slug="sample-pair", data=form, actor=owner or await person(world))


async def approved_by(number: str, actor: Actor, version: int) -> str:
    """The code of the refusal, or nothing."""
    try:
        await decide(number, actor, "approve", version, comment="属实")
    except Conflict as refusal:
        return refusal.code
    return ""


async def test_two_people_approve(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner=owner)
    opened = await queries.desk_case(number, world.clerk)
    assert (opened.signs_first, opened.four_eyes.startswith("这一步要两个人同意")) == (True, True)
    await decide(number, world.clerk, "approve", 1, comment="属实")
    case = await Case.get(number=number)
    assert (case.status, case.step_index, case.signed_by, case.version) == (
        "in_review",
        1,
        world.clerk.account_id,
        2,
    )
    assert await database.scalar("SELECT COUNT(*) FROM step_decision") == 0
    assert (await audited())[-1] == "case.sign"
    [line, *_] = (await queries.own_case(number, owner)).timeline
    assert (line.action, line.title, line.comment) == ("sign", "黄枫镇总工会 初审同意", "属实")
    mine, theirs = [await queries.desk_case(number, one) for one in (world.clerk, world.second_clerk)]
    assert mine.may == ["return", "reject", "transfer", "hold"]
    assert mine.four_eyes == "您已经初审同意，等另一位同事通过后生效。您仍可以退回或不予通过。"
    assert theirs.may == ["approve", "return", "reject", "transfer", "hold"]
    assert theirs.four_eyes == "李*明 已经初审同意，您通过后生效。"
    assert [row.signed for row in (await queries.desk_queue(world.second_clerk, QueueQuery())).items] == [True]
    assert await approved_by(number, world.clerk, 2) == "four_eyes_same"
    await decide(number, world.second_clerk, "approve", 2)
    case = await Case.get(number=number)
    assert (case.status, case.signed_by) == ("approved", None)
    assert (await audited())[-1] == "case.approve"
    assert (await outbox()).count("casework.CaseApproved") == 1


async def test_other_steps_of_the_same_flow_need_one(world: World) -> None:
    form = sent(aid_form(world))
    number = await commands.submit(slug="sample-pair", data=form, actor=await person(world))
    await decide(number, world.officer, "approve", 1)
    assert ((await Case.get(number=number)).step_index, (await Case.get(number=number)).signed_by) == (1, None)


async def test_whoever_signs_too_late_is_told_and_may_be_the_second(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "approve", 1)
    with pytest.raises(Conflict) as late:
        await decide(number, world.second_clerk, "approve", 1)
    assert (late.value.code, late.value.extra["action"]) == ("already_decided", "sign")
    assert await approved_by(number, world.clerk, 1) == "already_decided"
    assert await approved_by(number, world.second_clerk, 2) == ""


@pytest.mark.parametrize("who", ["clerk", "second_clerk"])
async def test_anyone_of_them_may_refuse_it(world: World, who: str) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "approve", 1)
    await decide(number, getattr(world, who), "reject", 2, comment="不符合条件")
    assert ((await Case.get(number=number)).status, (await Case.get(number=number)).signed_by) == ("rejected", None)
    await commands.reopen(number=number, data=ReopenInput(reason="核实", version=3), actor=world.clerk)
    assert (await queries.desk_case(number, world.clerk)).signs_first


async def test_after_a_return_both_look_again(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner=owner)
    await decide(number, world.clerk, "approve", 1)
    await decide(number, world.clerk, "return", 2, corrections=[flag("reason")])
    data = CorrectionsInput(form={"reason": "突发重病"}, version=3)
    await commands.correct(number=number, data=data, actor=owner)
    await decide(number, world.clerk, "approve", 4)
    assert (await Case.get(number=number)).status == "in_review"


async def test_on_hold_and_handed_on_the_signature_stays(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "approve", 1)
    until = clock.today().replace(day=20)
    await decide(number, world.second_clerk, "hold", 2, until=until, message="等证明")
    await decide(number, world.second_clerk, "release", 3)
    await decide(number, world.clerk, "transfer", 4, to_union=ids.public(world.county.id), role="dept_aid")
    await decide(number, world.aid, "approve", 5)
    assert (await Case.get(number=number)).status == "approved"


async def test_with_nobody_else_at_the_desk_the_one_above_is_the_second(world: World) -> None:
    number = await at_town(world)
    await StaffPost.filter(account_id=world.second_clerk.account_id).update(standing=None)
    await decide(number, world.clerk, "approve", 1)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.desk_role, case.signed_by) == (
        world.county.id,
        "admin",
        world.clerk.account_id,
    )
    lines = await database.rows("SELECT action FROM case_event ORDER BY id DESC LIMIT 2")
    assert [row["action"] for row in lines] == ["transfer", "sign"]
    await decide(number, world.manager, "approve", case.version)
    assert (await Case.get(number=number)).status == "approved"


async def test_a_signature_of_somebody_who_then_asks_to_be_left_out_does_not_count(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "approve", 1)
    asked = RecusalInput(reason="申请人是我的表弟", version=2)
    await commands.recuse(number=number, data=asked, actor=world.clerk)
    assert ((await Case.get(number=number)).signed_by, (await Case.get(number=number)).desk_union_id) == (
        None,
        world.town.id,
    )
    assert (await queries.desk_case(number, world.second_clerk)).signs_first


async def test_batches_sign_and_do_not_sign_twice(world: World) -> None:
    first, second = await at_town(world), await at_town(world, 2)
    await decide(first, world.clerk, "approve", 1)
    data = BatchInput(action="approve", cases=[BatchItem(number=first, version=2), BatchItem(number=second, version=1)])
    seen = await queries.batch_preview(data, world.clerk)
    assert [(one.number, one.code, one.signs) for one in seen.results] == [
        (first, "four_eyes_same", False),
        (second, "", True),
    ]
    assert seen.counts.amount_fen == 0
    theirs = await queries.batch_preview(data, world.second_clerk)
    assert {one.number: one.signs for one in theirs.results} == {first: False, second: True}
    assert theirs.counts.amount_fen == 45_000
    batch = await batches.start(data=data, actor=world.second_clerk)
    undone = await batches.start(data=data, actor=world.clerk)
    await batches.undo(batch=undone, actor=world.clerk)
    clock.advance(minutes=10)
    await batches.run(ids.parse(batch) or 0)
    states = [((await Case.get(number=one)).status, (await Case.get(number=one)).signed_by) for one in (first, second)]
    assert states == [("approved", None), ("in_review", world.second_clerk.account_id)]


async def test_the_pages_say_so(world: World, app: object) -> None:
    number = await at_town(world)
    desk = await browse(app, world.clerk)
    assert "初审同意</span>" in (await desk.get(f"/desk/cases/{number}")).text
    done = await desk.post(f"/desk/cases/{number}/decisions", data={"action": "approve", "version": "1"})
    assert done.status_code == 303
    assert "待第二人同意" in (await desk.get("/desk/cases")).text
    again = await desk.post(f"/desk/cases/{number}/decisions", data={"action": "approve", "version": "2"})
    assert again.status_code == 409
    assert "这一步要两个人同意，您已经初审同意，请另一位同事来通过。" in again.text
    other = await browse(app, world.second_clerk)
    seen = (await other.get(f"/api/v1/desk/cases/{number}")).json()
    assert (seen["four_eyes"], seen["signs_first"]) == ("李*明 已经初审同意，您通过后生效。", False)
    preview = await other.post("/desk/batches/preview", data={"action": "approve", "pick": [f"{number}:2"]})
    assert "初审同意，还要另一位同事通过" not in preview.text


async def test_the_doctor_finds_an_approval_of_one(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "approve", 1)
    await decide(number, world.second_clerk, "approve", 2)
    assert [one.check for one in await doctor.examine() if "two" in one.check] == []
    await database.execute("UPDATE step_decision SET actor_id = %s", world.clerk.account_id)
    [found] = [one for one in await doctor.examine() if "two" in one.check]
    assert (found.check, found.examples) == ("a step that needs two people was approved by one", [number])
