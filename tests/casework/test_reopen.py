"""A refusal taken back: the same case, at the step that refused it, in a new round, and nothing of it is lost."""

from datetime import date
from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.models import Case
from backend.casework.schemas import ReopenInput
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.unions.models import StaffPost
from tests.casework.world import World, aid_form, audited, decide, join_form, outbox, person, sent

WHY = "补充核实后，情况与申请一致"


async def refused(world: World, owner: Actor, *, form: dict[str, Any] | None = None) -> str:
    """Through the unit, refused by the town, on the day it came in."""
    number = await commands.submit(slug="sample-aid", data=sent(form or aid_form(world)), actor=owner)
    await decide(number, world.officer, "approve", 1, comment="属实")
    await decide(number, world.clerk, "reject", 2, comment="不符合条件")
    return number


async def reopen(number: str, actor: Actor, *, version: int = 3, reason: str = WHY) -> None:
    await commands.reopen(number=number, data=ReopenInput(reason=reason, version=version), actor=actor)


async def test_it_goes_back_to_the_step_that_refused_it_and_what_was_approved_stays(world: World) -> None:
    owner = await person(world)
    number = await refused(world, owner)
    clock.advance(days=7)
    await reopen(number, world.clerk)
    case = await Case.get(number=number)
    assert (case.number, case.status, case.step_index, case.round, case.reopened) == (number, "in_review", 1, 2, 1)
    assert (case.desk_union_id, case.desk_role) == (world.town.id, "desk")
    assert (case.due_on, case.next_due_on, case.days_left) == (date(2026, 3, 24), date(2026, 3, 24), None)
    assert (case.decision_action, case.decided_at) == (None, None)
    seen = await queries.own_case(number, owner)
    assert [(step.name, step.state, step.desk) for step in seen.steps[1:]] == [
        ("初审", "done", "星城快递工会"),
        ("复审", "current", "黄枫镇总工会"),
    ]
    assert [(line.action, line.comment) for line in seen.timeline[:2]] == [("reopen", WHY), ("reject", "不符合条件")]
    assert seen.timeline[0].title == "黄枫镇总工会 重新办理"
    assert (await outbox())[-2:] == ["casework.CaseReopened", "casework.CaseAssigned"]
    assert (await audited())[-1] == "case.reopen"


async def test_then_it_is_decided_once_more_and_only_once(world: World) -> None:
    number = await refused(world, await person(world))
    await reopen(number, world.clerk)
    opened = await queries.desk_case(number, world.clerk)
    assert opened.may == ["approve", "return", "reject", "transfer", "hold"]
    assert opened.changes == []
    await decide(number, world.second_clerk, "approve", 4)
    assert (await Case.get(number=number)).status == "approved"
    with pytest.raises(Conflict):
        await decide(number, world.clerk, "reject", 4, comment="不行")
    rows = await database.rows("SELECT step_index, round, action FROM step_decision ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [(0, 1, "approve"), (1, 1, "reject"), (1, 2, "approve")]


async def test_a_second_refusal_is_told_and_may_be_taken_back_too(world: World) -> None:
    number = await refused(world, await person(world))
    await reopen(number, world.clerk)
    await decide(number, world.clerk, "reject", 4, comment="还是不符合")
    assert (await outbox()).count("casework.CaseRejected") == 2
    await reopen(number, world.clerk, version=5)
    assert ((await Case.get(number=number)).round, (await Case.get(number=number)).reopened) == (3, 2)


async def test_the_desk_above_may_but_no_other_and_nobody_below(world: World) -> None:
    owner = await person(world)
    number = await refused(world, owner)
    for actor, error in ((world.officer, Forbidden), (world.far_clerk, NotFound), (owner, NotFound)):
        with pytest.raises(error):
            await reopen(number, actor)
    assert "reopen" in (await queries.desk_case(number, world.aid)).may
    assert (await queries.desk_case(number, world.officer)).may == []
    await reopen(number, world.aid)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.desk_role) == (world.town.id, "desk")
    assert (await queries.own_case(number, owner)).timeline[0].title == "星城县总工会 重新办理"


async def test_nobody_takes_back_the_refusal_of_their_own_case(world: World) -> None:
    number = await refused(world, await person(world))
    await Case.filter(number=number).update(applicant_id=world.clerk.account_id)
    with pytest.raises(Forbidden) as own:
        await reopen(number, world.clerk)
    assert own.value.code == "own_case"


async def test_with_nobody_left_in_post_it_goes_where_the_step_would_go_now(world: World) -> None:
    number = await refused(world, await person(world))
    await StaffPost.filter(union_id=world.town.id).update(standing=None)
    await reopen(number, world.aid)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.desk_role, case.desk_flagged) == (world.county.id, "admin", True)


async def test_after_thirty_days_it_is_too_late(world: World) -> None:
    number = await refused(world, await person(world))
    clock.advance(days=30)
    assert "reopen" in (await queries.desk_case(number, world.clerk)).may
    clock.advance(days=1)
    assert (await queries.desk_case(number, world.clerk)).may == []
    with pytest.raises(Conflict) as late:
        await reopen(number, world.clerk)
    assert (late.value.code, late.value.detail) == (
        "reopen_too_late",
        "重新办理的期限（不予通过后 30 天）已经过了，请让申请人重新申请。",
    )


async def test_a_reason_is_needed_and_may_not_be_endless(world: World) -> None:
    number = await refused(world, await person(world))
    for reason in ("  ", "长" * 501):
        with pytest.raises(Invalid) as wrong:
            await reopen(number, world.clerk, reason=reason)
        assert [one.field for one in wrong.value.errors] == ["reason"]
    assert (await Case.get(number=number)).status == "rejected"


async def test_only_what_was_refused_and_only_from_the_page_of_now(world: World) -> None:
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=await person(world))
    with pytest.raises(Conflict) as running:
        await reopen(number, world.officer, version=1)
    assert running.value.code == "reopen_not_refused"
    number = await refused(world, await person(world), form=aid_form(world, 2))
    await reopen(number, world.clerk)
    with pytest.raises(Conflict) as late:
        await reopen(number, world.second_clerk)
    assert (late.value.code, late.value.extra["by"]) == ("already_decided", "黄枫镇总工会 李*明")
    with pytest.raises(Conflict):
        await decide(number, world.clerk, "approve", 3)


async def test_somebody_with_another_running_case_of_the_service_keeps_that_one(world: World) -> None:
    owner = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=owner)
    await decide(number, world.officer, "reject", 1, comment="不在本地工作")
    again = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=owner)
    with pytest.raises(Conflict) as running:
        await reopen(number, world.officer, version=2)
    assert running.value.code == "reopen_running"
    assert "已经另有一件同样的申请正在办理" in running.value.detail
    await commands.withdraw(number=again, actor=owner)
    await reopen(number, world.officer, version=2)
    with pytest.raises(Conflict) as refusal:
        await commands.submit(slug="member-join", data=sent(join_form(world)), actor=owner)
    assert refusal.value.code == "case_running"


async def test_who_has_become_a_member_meanwhile_is_not_admitted_twice(world: World) -> None:
    owner = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=owner)
    await decide(number, world.officer, "reject", 1, comment="不在本地工作")
    again = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=owner)
    await decide(again, world.officer, "approve", 1)
    with pytest.raises(Conflict) as clash:
        await reopen(number, world.officer, version=2)
    assert clash.value.code == "reopen_clash"
    assert clash.value.detail.startswith("现在不能重新办理：")
    assert (await Case.get(number=number)).status == "rejected"


async def test_statistics_do_not_take_it_for_one_that_was_returned(world: World) -> None:
    number = await refused(world, await person(world))
    case = await Case.get(number=number)
    decided_at = case.decided_at
    await reopen(number, world.clerk)
    await commands.tallies.mark(case.id, also=decided_at)
    await commands.tallies.recount()
    [tally] = await database.rows("SELECT submitted, returned, rejected FROM case_tally")
    assert tally == {"submitted": 1, "returned": 0, "rejected": 0}
