"""What happens around a case on its way: people leave, unions move, the flow changes, a sum is corrected."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.casework import catalogue, commands, queries
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.commands import deserted
from backend.casework.models import Case
from backend.casework.queries import QueueQuery
from backend.casework.schemas import CorrectionsInput, StepNow
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound
from backend.home import doctor
from backend.unions import commands as unions
from backend.unions import queries as union_queries
from backend.unions.models import StaffPost, Union
from tests.casework.browser import browse
from tests.casework.samples import folder
from tests.casework.world import AID, SAMPLE_BINDINGS, World, aid_form, audited, decide, flag, outbox, person, sent
from workers import schedule

# The town's approval rests on the sum. The county looks twice at a very large one.
RESTING = AID.replace("level: town, days: 2}", "level: town, days: 2, rests_on: [fee, illness]}").replace(
    "  - {name: 审定, role: dept_aid, level: county, days: 2, when: form.fee > 100000}\n",
    "  - {name: 研究, role: admin, level: county, days: 1, when: form.fee > 500000}\n"
    "  - {name: 审定, role: dept_aid, level: county, days: 2, when: form.fee > 100000}\n",
)
UNIT, TOWN, STUDY, COUNTY = range(4)


async def now(actor: Actor) -> Actor:
    """As the next request finds them."""
    posts = await union_queries.posts_of(actor.account_id)
    return Actor(kind="staff", account_id=actor.account_id, display=actor.display, posts=posts)


async def leaves(world: World, actor: Actor) -> None:
    """All their posts are taken away."""
    for post in await StaffPost.filter(account_id=actor.account_id, standing__not_isnull=True):
        await unions.revoke_post(ids.public(actor.account_id), ids.public(post.id), world.manager)


async def moves(world: World, union: Union, below: Union) -> None:
    version = (await Union.get(id=union.id)).version
    await unions.move_union(ids.public(union.id), ids.public(below.id), version, world.manager)


async def aided(world: World, owner: Actor, sequence: int = 1, **form: Any) -> str:
    return await commands.submit(slug="sample-aid", data=sent(aid_form(world, sequence, **form)), actor=owner)


async def desk_of(number: str) -> tuple[int | None, str | None, bool]:
    case = await Case.get(number=number)
    return case.desk_union_id, case.desk_role, case.desk_flagged


# Whoever has the case leaves.


async def test_whoever_left_decides_nothing_and_a_colleague_goes_on(world: World) -> None:
    number = await aided(world, await person(world), target_org="")
    await commands.take_up(number=number, actor=world.clerk)
    await leaves(world, world.clerk)
    with pytest.raises(NotFound):
        await decide(number, await now(world.clerk), "approve", 1)
    assert await deserted.run(10) == 0
    await decide(number, world.second_clerk, "approve", 1)
    assert (await Case.get(number=number)).status == "approved"


async def test_what_the_last_one_left_goes_to_the_next_desk_up(world: World) -> None:
    owner = await person(world)
    number = await aided(world, owner)
    await decide(number, world.officer, "approve", 1, comment="属实")
    clock.advance(days=1)
    for clerk in (world.clerk, world.second_clerk):
        await leaves(world, clerk)
    assert await deserted.run(10) == 1
    assert await deserted.run(10) == 0
    case = await Case.get(number=number)
    assert (await desk_of(number), case.step_index, case.version) == ((world.county.id, "admin", True), 1, 3)
    assert (case.due_on, case.round) == (date(2026, 3, 17), 1)
    [row] = (await queries.desk_queue(world.manager, QueueQuery())).items
    assert row.number == number
    [line, *_] = (await queries.own_case(number, owner)).timeline
    assert (line.action, line.actor) == ("transfer", "系统")
    assert line.comment == "转给星城县总工会 系统管理员：原岗位暂时没有人"
    assert (await outbox())[-2:] == ["casework.CaseTransferred", "casework.CaseAssigned"]
    assert (await audited())[-1] == "case.transfer"
    with pytest.raises(NotFound):
        await decide(number, await now(world.clerk), "approve", 2)
    await decide(number, world.manager, "approve", 3)
    assert (await Case.get(number=number)).status == "approved"


async def test_a_disabled_account_leaves_its_desk_to_those_above_too(world: World) -> None:
    number = await aided(world, await person(world))
    account = ids.public(world.officer.account_id)
    await unions.set_staff_enabled(account, enabled=False, actor=world.manager)
    await schedule.check_deadlines({})
    assert await desk_of(number) == (world.town.id, "desk", True)
    await unions.set_staff_enabled(account, enabled=True, actor=world.manager)
    assert await deserted.run(10) == 0
    assert await desk_of(number) == (world.town.id, "desk", True)


async def test_what_waits_is_handed_on_when_it_comes_back(world: World) -> None:
    """Returned, closed or in a batch, it lies at no desk; with nobody up to the root it stays."""
    owner = await person(world)
    number = await aided(world, owner)
    await decide(number, world.officer, "return", 1, corrections=[flag("reason")])
    await leaves(world, world.officer)
    assert await deserted.run(10) == 0
    await commands.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=2), actor=owner)
    held = await StaffPost.filter(standing__not_isnull=True).values_list("id", flat=True)
    await StaffPost.filter(id__in=list(held)).update(suspended=True)
    assert await deserted.run(10) == 0
    await StaffPost.filter(id__in=list(held)).update(suspended=False)
    assert await deserted.run(10) == 1
    assert await desk_of(number) == (world.town.id, "desk", True)


# The tree moves.


async def test_a_unit_moved_goes_on_at_its_new_town(world: World) -> None:
    owner = await person(world)
    number = await aided(world, owner)
    await moves(world, world.unit, world.far_town)
    far, clerk = await now(world.far_clerk), await now(world.clerk)
    assert (await queries.desk_case(number, far)).case.number == number
    with pytest.raises(NotFound):
        await queries.desk_case(number, clerk)
    await decide(number, await now(world.officer), "approve", 1)
    assert await desk_of(number) == (world.far_town.id, "desk", False)
    with pytest.raises(NotFound):
        await decide(number, clerk, "approve", 2)
    await decide(number, far, "approve", 2)
    assert (await queries.own_case(number, owner)).status == "approved"


async def test_what_lies_at_the_old_town_is_decided_there(world: World) -> None:
    """Nobody's inbox empties by itself; both towns see it, one decides."""
    owner = await person(world)
    number = await aided(world, owner)
    await decide(number, world.officer, "approve", 1)
    await decide(number, world.clerk, "return", 2, corrections=[flag("reason")])
    await moves(world, world.unit, world.far_town)
    await commands.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=3), actor=owner)
    assert await desk_of(number) == (world.town.id, "desk", False)
    with pytest.raises(Forbidden) as other:
        await decide(number, await now(world.far_clerk), "approve", 4)
    assert other.value.code == "other_desk"
    await decide(number, await now(world.clerk), "approve", 4)
    assert (await Case.get(number=number)).status == "approved"


# The flow changes.


def opened(base: Path, **files: str) -> Catalogue:
    base.mkdir()
    return open_catalogue(folder(base, **files), SAMPLE_BINDINGS)


NEW = (
    AID.replace("version: 1", "version: 2")
    .replace("  - {name: 初审, role: officer, level: unit, days: 1, when: org.has_union == true}\n", "")
    .replace("limit_working_days: 5", "limit_working_days: 2")
    .replace(
        "label: 原因, kind: text, required: true, rule: 2..40", "label: 事由, kind: text, required: true, rule: 5..40"
    )
)


async def test_a_case_ends_under_the_flow_it_began_with(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await person(world)
    number = await aided(world, owner)
    changed = opened(tmp_path / "changed", sample_aid=NEW, earlier__sample_aid_v1=AID)
    monkeypatch.setattr(catalogue, "_current", changed)
    await decide(number, world.officer, "return", 1, corrections=[flag("reason")])
    await commands.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=2), actor=owner)
    await decide(number, world.officer, "approve", 3)
    seen = await queries.own_case(number, owner)
    assert seen.step == StepNow(index=1, name="复审", role="desk", desk="黄枫镇总工会")
    assert [field.label for field in seen.fields if field.name == "reason"] == ["原因"]
    await decide(number, world.clerk, "approve", 4)
    assert (await Case.get(number=number)).flow_version == 1
    newer = await aided(world, await person(world), 2, reason="因病住院了")
    case = await Case.get(number=newer)
    assert (case.flow_version, case.desk_union_id, case.due_on) == (2, world.town.id, date(2026, 3, 12))
    await decide(newer, world.clerk, "approve", 1)
    assert [(await Case.get(number=one)).status for one in (number, newer)] == ["approved", "approved"]


async def test_a_service_that_closes_takes_no_more_and_ends_what_runs(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await person(world)
    number = await aided(world, owner)
    waiting = await aided(world, owner, 2)
    monkeypatch.setattr(catalogue, "_current", opened(tmp_path / "closed", sample_aid=AID + "enabled: false\n"))
    with pytest.raises(NotFound) as closed:
        await aided(world, owner, 3)
    assert closed.value.code == "service_not_open"
    assert {row.number for row in (await queries.desk_queue(world.officer, QueueQuery())).items} == {number, waiting}
    await decide(number, world.officer, "return", 1, corrections=[flag("reason")])
    await commands.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=2), actor=owner)
    await decide(number, world.officer, "approve", 3)
    await decide(number, world.clerk, "approve", 4)
    assert (await queries.own_case(number, owner)).status == "approved"
    await commands.withdraw(number=waiting, actor=owner)
    assert (await queries.own_case(waiting, owner)).status == "withdrawn"


# A correction takes away what an approval rested on.


@pytest.fixture
def resting(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_current", opened(tmp_path / "resting", sample_aid=RESTING))


async def returned_by_county(world: World, owner: Actor, *fields: str) -> str:
    number = await aided(world, owner, fee=200_000)
    await decide(number, world.officer, "approve", 1)
    await decide(number, world.clerk, "approve", 2)
    await decide(number, world.aid, "return", 3, corrections=[flag(field) for field in fields])
    return number


@pytest.mark.usefixtures("resting")
async def test_what_rests_on_nothing_changed_stays_approved(world: World) -> None:
    owner = await person(world)
    number = await returned_by_county(world, owner, "reason", "fee")
    data = CorrectionsInput(form={"reason": "车祸", "fee": "2000.00"}, version=4)
    await commands.correct(number=number, data=data, actor=owner)
    case = await Case.get(number=number)
    assert (case.number, case.step_index, case.round) == (number, COUNTY, 2)
    assert await desk_of(number) == (world.county.id, "dept_aid", False)
    assert (await queries.own_case(number, owner)).timeline[0].comment == ""


@pytest.mark.usefixtures("resting")
@pytest.mark.parametrize("form", [{"fee": "1800.00"}, {"illness": "胃炎"}])
async def test_a_step_whose_ground_changed_decides_anew(world: World, app: object, form: dict[str, str]) -> None:
    """The unit's approval, which rests on none of it, stands; number and clock go on."""
    owner = await person(world)
    number = await returned_by_county(world, owner, *form)
    left = (await Case.get(number=number)).days_left
    page = await queries.correction_page(number, owner)
    assert page.again.endswith("后，会从“复审”这一步起重新审核；不改的，已通过的审核继续有效。")
    assert page.again in (await (await browse(app, owner)).get(f"/cases/{number}/correction")).text
    await commands.correct(number=number, data=CorrectionsInput(form=form, version=4), actor=owner)
    seen, case = await queries.own_case(number, owner), await Case.get(number=number)
    assert (case.number, case.step_index, case.round, left) == (number, TOWN, 2, 5)
    assert await desk_of(number) == (world.town.id, "desk", False)
    assert [(step.name, step.state) for step in seen.steps[1:]] == [
        ("初审", "done"),
        ("复审", "current"),
        ("审定", "ahead"),
    ]
    assert seen.timeline[0].comment == "从“复审”这一步起重新审核"
    assert (await outbox())[-2:] == ["casework.CaseCorrected", "casework.CaseAssigned"]
    with pytest.raises(Forbidden):
        await decide(number, world.aid, "approve", 5)
    await decide(number, world.second_clerk, "approve", 5)
    await decide(number, world.aid, "approve", 6)
    assert (await Case.get(number=number)).status == "approved"
    made = await database.rows("SELECT step_index, round, action FROM step_decision ORDER BY id")
    assert [tuple(row.values()) for row in made] == [
        (UNIT, 1, "approve"), (TOWN, 1, "approve"), (COUNTY, 1, "return"), (TOWN, 2, "approve"), (COUNTY, 2, "approve"),
    ]  # fmt: skip
    assert [one.check for one in await doctor.examine() if "case" in one.check] == []


NOT_RESTING = RESTING.replace(", rests_on: [fee, illness]", "")


async def test_a_step_that_the_change_makes_necessary_is_not_passed_by(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sum corrected upwards after the step that large sums need."""
    monkeypatch.setattr(catalogue, "_current", opened(tmp_path / "steps", sample_aid=NOT_RESTING))
    owner = await person(world)
    number = await returned_by_county(world, owner, "fee")
    assert (await queries.correction_page(number, owner)).again == ""
    await commands.correct(number=number, data=CorrectionsInput(form={"fee": "8000.00"}, version=4), actor=owner)
    case = await Case.get(number=number)
    assert (case.step_index, case.plan) == (STUDY, "0,1,2,3")
    assert await desk_of(number) == (world.county.id, "admin", False)
    await decide(number, world.manager, "approve", 5)
    await decide(number, world.aid, "approve", 6)
    assert (await Case.get(number=number)).status == "approved"
