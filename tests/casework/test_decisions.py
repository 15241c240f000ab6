"""What a desk may do, what it must say, and what the loser of a race learns."""

from datetime import date

import pytest

from backend.casework import commands, queries
from backend.casework.models import Case
from backend.casework.schemas import FieldComment
from backend.core import clock, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from backend.membership import commands as members
from backend.membership.schemas import NewMember
from backend.unions.models import StaffPost, Union
from tests.casework.world import World, aid_form, decide, flag, join_form, new_union, outbox, person, sent, staff


async def joining(world: World, actor: Actor | None = None) -> str:
    actor = actor or await person(world)
    return await commands.submit(slug="member-join", data=sent(join_form(world)), actor=actor)


async def at_town(world: World, actor: Actor | None = None) -> str:
    """A case that the unit has approved; version 2 lies at the town."""
    actor = actor or await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=actor)
    await decide(number, world.officer, "approve", 1)
    return number


async def test_the_second_decision_learns_who_was_quicker(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "reject", 2, comment="不符合条件")
    clock.advance(minutes=5)
    with pytest.raises(Conflict) as lost:
        await decide(number, world.second_clerk, "approve", 2)
    assert (lost.value.status, lost.value.code) == (409, "already_decided")
    assert lost.value.extra == {"by": "黄枫镇总工会 李*明", "at": "2026-03-10T09:00:00+08:00", "action": "reject"}
    assert lost.value.detail == "这一件 09:00 已由黄枫镇总工会 李*明办理（不予通过）。"
    assert (await Case.get(number=number)).status == "rejected"


async def test_a_case_that_moved_on_is_a_lost_race_too(world: World) -> None:
    """The unit's second clerk looks at a page from before the first one's approval."""
    other = await staff("何小迟", (world.unit, "officer"))
    number = await at_town(world)
    with pytest.raises(Conflict) as lost:
        await decide(number, other, "return", 1, corrections=[flag("reason")])
    assert (lost.value.extra["by"], lost.value.extra["action"]) == ("星城快递工会 邹*红", "approve")
    with pytest.raises(Forbidden) as elsewhere:
        await decide(number, other, "approve", 2)
    assert elsewhere.value.code == "other_desk"


async def test_a_made_up_version_is_refused(world: World) -> None:
    number = await joining(world)
    with pytest.raises(Conflict) as refused:
        await decide(number, world.officer, "approve", 9)
    assert refused.value.code == "case_changed"
    assert (await Case.get(number=number)).version == 1
    assert await outbox() == ["casework.CaseSubmitted", "casework.CaseAssigned"]


async def test_strangers_find_nothing_and_neighbours_may_only_look(world: World) -> None:
    number = await joining(world)
    for stranger in (world.far_clerk, await person(world)):
        with pytest.raises(NotFound):
            await decide(number, stranger, "approve", 1)
    with pytest.raises(Forbidden) as above:
        await decide(number, world.clerk, "approve", 1)  # sees it, but it is not at that desk
    assert above.value.code == "other_desk"
    with pytest.raises(NotFound):
        await decide("RH2026-999999", world.officer, "approve", 1)


async def test_nobody_decides_their_own_case(world: World) -> None:
    """A clerk who is also the applicant, by account or by membership record."""
    number = await joining(world)
    await database.execute("UPDATE case_file SET applicant_id = %s", world.officer.account_id)
    with pytest.raises(Forbidden) as own:
        await decide(number, world.officer, "approve", 1)
    assert own.value.code == "own_case"
    with pytest.raises(Forbidden):
        await commands.reveal_field(number=number, field="id_no", actor=world.officer)


@pytest.mark.parametrize("action", ["approve", "return", "reject", "transfer", "hold"])
async def test_a_returned_case_waits_for_the_applicant(world: World, action: str) -> None:
    number = await joining(world)
    await decide(number, world.officer, "return", 1, corrections=[flag("employer")])
    more = {
        "corrections": [flag("employer")],
        "comment": "因为",
        "until": date(2026, 3, 20),
        "message": "等",
        "to_union": ids.public(world.town.id),
        "role": "desk",
    }
    with pytest.raises(Conflict) as refused:
        await decide(number, world.officer, action, 2, **more)
    assert refused.value.extra["action"] == "return"


async def test_an_unknown_action(world: World) -> None:
    number = await joining(world)
    with pytest.raises(Invalid) as refused:
        await decide(number, world.officer, "burn", 1)
    assert refused.value.errors == (FieldError("action", "没有这样的操作，请刷新页面后重试。"),)


# ---- return and reject --------------------------------------------------------------


async def test_a_return_needs_fields_that_exist_each_with_a_comment(world: World) -> None:
    number = await joining(world)
    with pytest.raises(Invalid) as nothing:
        await decide(number, world.officer, "return", 1)
    assert nothing.value.code == "return_needs_fields"
    wrong = [
        flag("no_such"),
        flag("join_channel"),
        FieldComment(field="employer", comment="  "),
        flag("idcard", "长" * 201),
    ]
    with pytest.raises(Invalid) as refused:
        await decide(number, world.officer, "return", 1, corrections=wrong)
    assert [error.field for error in refused.value.errors] == [
        "corrections.0.field",
        "corrections.1.field",
        "corrections.2.comment",
        "corrections.3.comment",
    ]
    assert (await Case.get(number=number)).version == 1


async def test_a_rejection_needs_a_reason(world: World) -> None:
    number = await joining(world)
    for comment in ("", "   ", "长" * 501):
        with pytest.raises(Invalid) as refused:
            await decide(number, world.officer, "reject", 1, comment=comment)
        assert [error.field for error in refused.value.errors] == ["comment"]


# ---- hold and release ---------------------------------------------------------------


async def test_a_hold_stops_the_clock_and_tells_the_applicant(world: World) -> None:
    courier = await person(world)
    number = await joining(world, courier)
    clock.advance(days=1)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等公司开证明。")
    case = await queries.own_case(number, courier)
    assert (case.status, case.due_on, case.days_left, case.version) == ("on_hold", None, 2, 2)
    assert (case.headline, case.hold_message) == ("暂时挂起，到3月20日继续办理", "等公司开证明。")
    assert case.timeline[0].title == "星城快递工会 挂起"
    with pytest.raises(Conflict):
        await decide(number, world.officer, "approve", 2)
    clock.advance(days=5)
    await decide(number, world.officer, "release", 2, comment="证明来了")
    case = await queries.own_case(number, courier)
    assert (case.status, case.due_on, case.days_left, case.hold_message) == ("in_review", "2026-03-18", 2, "")
    await decide(number, world.officer, "approve", 3)
    assert "casework.CaseHeld" in await outbox()


@pytest.mark.parametrize(
    ("until", "message", "fields"),
    [
        (None, "", ["until", "message"]),
        (date(2026, 3, 10), "等", ["until"]),
        (date(2026, 9, 7), "等", ["until"]),
        (date(2026, 3, 11), "长" * 201, ["message"]),
    ],
)
async def test_a_hold_needs_a_day_and_words(world: World, until: date | None, message: str, fields: list[str]) -> None:
    number = await joining(world)
    with pytest.raises(Invalid) as refused:
        await decide(number, world.officer, "hold", 1, until=until, message=message)
    assert [error.field for error in refused.value.errors] == fields


# ---- transfer -----------------------------------------------------------------------


async def test_a_transfer_takes_step_and_clock_along(world: World) -> None:
    courier = await person(world)
    number = await joining(world, courier)
    to = {"to_union": ids.public(world.far_town.id), "role": "desk"}
    await decide(number, world.officer, "transfer", 1, comment="在那边上班", **to)
    case = await queries.own_case(number, courier)
    assert (case.status, case.due_on, case.version) == ("in_review", "2026-03-13", 2)
    assert case.step is not None
    assert (case.step.index, case.step.desk, case.step.role) == (0, "松坡镇总工会", "desk")
    assert case.timeline[0].comment == "转给松坡镇总工会 窗口经办：在那边上班"
    after = await queries.case_after_act(number, world.officer)
    assert after.status == "in_review"
    await decide(number, world.far_clerk, "approve", 2)
    assert (await queries.own_case(number, courier)).status == "approved"


async def test_a_transfer_needs_a_place_with_somebody_in_post(world: World) -> None:
    number = await joining(world)
    nobody = {"to_union": ids.public(world.far_unit.id), "role": "officer"}
    here = {"to_union": ids.public(world.unit.id), "role": "officer"}
    nowhere = {"to_union": "x", "role": "desk"}
    for to, code in ((nobody, "nobody_there"), (here, "already_there"), (nowhere, "union_unknown")):
        with pytest.raises(Invalid) as refused:
            await decide(number, world.officer, "transfer", 1, **to)
        assert refused.value.code == code


async def test_a_transfer_stays_inside_the_county(world: World) -> None:
    """Another county of the same province is another world."""
    province = await new_union("演示省总工会", "province", "990000", None)
    for union in (world.county, world.town, world.unit):
        path = f"{province.path}{union.path.removeprefix('/')}"
        await Union.filter(id=union.id).update(path=path)
    other = await new_union("别县总工会", "county", "990121", province)
    await staff("孙小外", (other, "desk"))
    officer = await staff("何小新", (world.unit, "officer"))
    number = await joining(world)
    with pytest.raises(Invalid) as refused:
        await decide(number, officer, "transfer", 1, to_union=ids.public(other.id), role="desk")
    assert refused.value.code == "union_unknown"
    labels = {option.label for option in (await queries.transfer_options(number, officer)).unions}
    assert labels == {"星城县总工会", "黄枫镇总工会", "星城快递工会"}
    await decide(number, officer, "transfer", 1, to_union=ids.public(world.town.id), role="desk")


async def test_where_a_case_can_be_handed_to(world: World) -> None:
    number = await joining(world)
    options = await queries.transfer_options(number, world.officer)
    assert {option.label for option in options.unions} == {"星城县总工会", "黄枫镇总工会", "星城快递工会"}
    assert {(option.value, option.label) for option in options.roles} == {
        ("admin", "系统管理员"),
        ("dept_aid", "职工保障帮扶部"),
        ("desk", "窗口经办"),
        ("officer", "工会专干"),
    }
    assert options.held[ids.public(world.town.id)] == ["desk"]
    assert set(options.held) == {option.value for option in options.unions}


# ---- outcomes -----------------------------------------------------------------------


async def test_an_approval_whose_outcome_fails_is_none(world: World) -> None:
    """Somebody became a member at another counter meanwhile: nothing of the approval stays."""
    courier = await person(world)
    number = await joining(world, courier)
    newcomer = NewMember(name="王小测", id_no=join_form(world)["id_no"], phone="15400000009")
    await members.admit(SYSTEM, applicant=newcomer, union_id=world.far_unit.id, account_id=None, reference="X")
    with pytest.raises(Conflict) as refused:
        await decide(number, world.officer, "approve", 1)
    assert refused.value.code == "already_member"
    case = await queries.own_case(number, courier)
    assert (case.status, case.version, len(case.timeline)) == ("submitted", 1, 1)
    assert await database.scalar("SELECT COUNT(*) FROM step_decision") == 0
    seen = await queries.desk_case(number, world.officer)
    assert [(check.text, check.ok) for check in seen.checks][1][1] is False
    assert seen.duplicates[0].reason == "同一身份证号已有会籍"


async def test_a_step_whose_desk_was_emptied_goes_one_up(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    await StaffPost.filter(union_id=world.town.id).delete()
    await decide(number, world.officer, "approve", 1)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.desk_role, case.desk_flagged) == (world.county.id, "admin", True)
