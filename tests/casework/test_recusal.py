"""Nobody at a desk has a say in their own affair, in that of people close to them, or where they asked not to."""

from datetime import date

import pytest

from backend.casework import commands, queries
from backend.casework.commands import batches
from backend.casework.models import Case, CaseKey
from backend.casework.queries import QueueQuery
from backend.casework.schemas import (
    ActInput,
    BatchInput,
    BatchItem,
    CorrectionsInput,
    DecisionInput,
    RecusalInput,
    ReopenInput,
)
from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.home import doctor
from backend.identity import commands as identity
from backend.identity import relatives
from backend.identity.schemas import RelativeInput
from backend.unions.models import StaffPost
from tests.casework.world import World, aid_form, audited, decide, flag, outbox, person, sent, setup_form, upload

SISTER = national.synthetic_id_no(date(1985, 6, 1), 1)  # as in the form with sequence 1
WHY = "申请人是我的表弟"


async def at_town(world: World, sequence: int = 1, owner: Actor | None = None) -> str:
    form = sent(aid_form(world, sequence, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=owner or await person(world))


async def declare(actor: Actor, *, id_no: str = SISTER, relation: str = "sibling", phone: str = "") -> None:
    data = RelativeInput(relation=relation, name="钱小困", id_no=id_no, phone=phone)
    await identity.declare_relative(data=data, actor=actor)


async def recuse(number: str, actor: Actor, *, version: int = 1, reason: str = WHY) -> None:
    await commands.recuse(number=number, data=RecusalInput(reason=reason, version=version), actor=actor)


async def code_of(number: str, actor: Actor, action: str = "approve", version: int = 1) -> str:
    with pytest.raises((Forbidden, Conflict)) as refusal:
        await decide(number, actor, action, version, comment="原因", corrections=[flag("reason")])
    return refusal.value.code


async def test_a_relatives_case_is_marked_and_can_only_be_handed_on(world: World) -> None:
    number, other = await at_town(world), await at_town(world, 2)
    await declare(world.clerk)
    rows = (await queries.desk_queue(world.clerk, QueueQuery())).items
    assert [(row.number, row.recused) for row in rows] == [(number, True), (other, False)]
    assert [row.recused for row in (await queries.desk_queue(world.second_clerk, QueueQuery())).items] == [False] * 2
    assert [row.recused for row in (await queries.desk_queue(world.clerk, QueueQuery(q=number))).items] == [True]
    opened = await queries.desk_case(number, world.clerk)
    assert (opened.may, opened.recused, opened.revealable) == (
        ["transfer"],
        "这一件里有您申报的亲属，要由别的同事来办。",
        [],
    )
    for action in ("approve", "return", "reject", "hold", "release"):
        assert await code_of(number, world.clerk, action) == "recused"
    for act in (
        commands.take_up(number=number, actor=world.clerk),
        commands.reveal_field(number=number, field="id_no", actor=world.clerk),
    ):
        with pytest.raises(Forbidden):
            await act
    await decide(number, world.clerk, "transfer", 1, to_union=ids.public(world.county.id), role="dept_aid")
    await decide(number, world.aid, "approve", 2)
    await decide(other, world.clerk, "approve", 1)


async def test_the_photos_of_a_case_without_a_say_stay_shut(world: World) -> None:
    owner = await person(world)
    photo = await upload(owner)
    form = sent(aid_form(world, 1, target_org=""), proof=[photo])
    number = await commands.submit(slug="sample-aid", data=form, actor=owner)
    assert (await queries.file_access(photo, world.clerk)).subject is not None
    await recuse(number, world.clerk)
    with pytest.raises(Forbidden) as refused:
        await queries.file_access(photo, world.clerk)
    assert refused.value.code == "recused"
    assert (await queries.file_access(photo, world.second_clerk)).subject is not None


async def test_the_next_one_is_one_in_which_there_is_a_say(world: World) -> None:
    await at_town(world)
    second, third = await at_town(world, 2), await at_town(world, 3)
    await declare(world.clerk)
    assert await queries.next_in_queue(world.clerk) == second
    assert await queries.next_in_queue(world.clerk, besides=second) == third


async def test_whoever_is_named_anywhere_in_it_counts(world: World) -> None:
    """In a table, by the phone of the form, by the phone of who sent it, by the record of whom it concerns."""
    owner = await person(world, "15400009001")
    by_account = await at_town(world, 5, owner)
    by_form = await at_town(world, 6)
    await declare(world.clerk, id_no=national.synthetic_id_no(date(1970, 1, 2), 1), phone="15400009001")
    await declare(world.clerk, id_no=national.synthetic_id_no(date(1970, 1, 2), 3), phone="15400000006")
    for number in (by_account, by_form):
        assert await code_of(number, world.clerk) == "recused"
    case = await Case.get(number=await at_town(world, 8))
    in_table = national.synthetic_id_no(date(2012, 1, 2), 1)
    await CaseKey.create(
        id=ids.new_id(), case_id=case.id, kind="id_no", key_index=crypto.blind_index("id_no", in_table)
    )
    await declare(world.clerk, id_no=in_table, relation="child")
    assert await code_of(case.number, world.clerk) == "recused"


async def test_their_own_affair_by_identity_number_is_their_own_case(world: World) -> None:
    number = await at_town(world)
    await declare(world.clerk, relation="self")
    opened = await queries.desk_case(number, world.clerk)
    assert (opened.may, opened.recused) == ([], "这是您自己的事，要由别的同事来办。")
    assert await code_of(number, world.clerk) == "own_case"
    assert await code_of(number, world.clerk, "transfer") == "own_case"
    await recuse(number, world.clerk)
    await decide(number, world.second_clerk, "approve", 1)


async def test_what_is_taken_back_goes_on_counting_for_what_had_come_in(world: World) -> None:
    number = await at_town(world)
    await declare(world.clerk)
    [line] = await relatives.own_relatives(world.clerk)
    clock.advance(minutes=1)
    await identity.take_back_relative(relative=line.id, actor=world.clerk)
    assert await code_of(number, world.clerk) == "recused"
    clock.advance(minutes=1)
    later = await at_town(world)
    await decide(later, world.clerk, "approve", 1)


async def test_corrections_bring_other_people_in(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, 4, owner)
    await declare(world.clerk)
    await decide(number, world.clerk, "return", 1, corrections=[flag("id_no")])
    fixed = CorrectionsInput(form={"id_no": SISTER}, version=2)
    await commands.correct(number=number, data=fixed, actor=owner)
    assert await code_of(number, world.clerk, version=3) == "recused"
    kinds = await database.rows("SELECT kind FROM case_key ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["id_no", "phone"]


async def test_asking_to_be_left_out(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, 1, owner)
    await recuse(number, world.clerk)
    assert (await Case.get(number=number)).desk_union_id == world.town.id
    opened = await queries.desk_case(number, world.second_clerk)
    assert [(one.who, one.reason) for one in opened.recusals] == [("黄枫镇总工会 李*明", WHY)]
    assert (opened.may_recuse, opened.recused) == (True, "")
    mine = await queries.desk_case(number, world.clerk)
    assert (mine.may, mine.may_recuse, mine.recused) == (["transfer"], False, "您已经申请回避这一件。")
    seen = (await queries.own_case(number, owner)).timeline[0]
    assert (seen.action, seen.title, seen.comment) == ("recuse", "黄枫镇总工会 申请回避", "")
    assert (await audited())[-1] == "case.recuse"
    with pytest.raises(Conflict) as twice:
        await recuse(number, world.clerk)
    assert twice.value.code == "recused_already"
    await decide(number, world.second_clerk, "approve", 1)


async def test_with_nobody_else_at_the_desk_it_goes_to_the_one_above(world: World) -> None:
    number = await at_town(world)
    await declare(world.second_clerk)
    await recuse(number, world.clerk)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.desk_role, case.desk_flagged) == (world.county.id, "admin", True)
    assert case.version == 2
    assert (await outbox())[-2:] == ["casework.CaseTransferred", "casework.CaseAssigned"]
    lines = await database.rows("SELECT action, comment FROM case_event ORDER BY id")
    assert [tuple(row.values()) for row in lines][1:] == [("recuse", ""), ("transfer", "转给星城县总工会 系统管理员")]
    await decide(number, world.manager, "approve", 2)


async def test_up_to_the_root_nobody_else_and_it_stays(world: World) -> None:
    number = await at_town(world)
    await StaffPost.filter(account_id__in=[world.second_clerk.account_id, world.manager.account_id]).update(
        standing=None
    )
    await recuse(number, world.clerk)
    case = await Case.get(number=number)
    assert (case.desk_union_id, case.status, case.version) == (world.town.id, "submitted", 1)


async def test_a_reason_the_page_of_now_and_ones_own_desk(world: World) -> None:
    number = await at_town(world)
    for reason in (" ", "长" * 201):
        with pytest.raises(Invalid) as wrong:
            await recuse(number, world.clerk, reason=reason)
        assert wrong.value.errors[0].field == "reason"
    with pytest.raises(Conflict):
        await recuse(number, world.clerk, version=9)
    with pytest.raises(Forbidden):
        await recuse(number, world.aid)
    await decide(number, world.second_clerk, "reject", 1, comment="不行")
    with pytest.raises(Conflict):
        await recuse(number, world.clerk)
    assert await database.scalar("SELECT COUNT(*) FROM case_recusal") == 0


async def test_batches_refuse_them_beforehand_and_at_the_end(world: World) -> None:
    mine, relatives_, third = await at_town(world, 2), await at_town(world), await at_town(world, 3)
    await declare(world.clerk)
    await recuse(third, world.clerk)
    items = [BatchItem(number=one, version=1) for one in (mine, relatives_, third)]
    seen = await queries.batch_preview(BatchInput(action="approve", cases=items), world.clerk)
    assert [(one.number, one.code) for one in seen.results] == [(relatives_, "recused"), (third, "recused"), (mine, "")]
    batch = await batches.start(data=BatchInput(action="approve", cases=items), actor=world.clerk)
    await declare(world.clerk, id_no=national.synthetic_id_no(date(1985, 6, 1), 2))
    clock.advance(minutes=10)
    await batches.run(ids.parse(batch) or 0)
    rows = (await queries.own_batch(batch, world.clerk)).results
    assert {one.number: (one.state, one.code) for one in rows}[mine] == ("failed", "recused")
    assert (await Case.get(number=mine)).status == "submitted"


async def test_reopening_and_actions_are_not_theirs_either(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "reject", 1, comment="不行")
    await declare(world.clerk)
    assert (await queries.desk_case(number, world.clerk)).may == []
    with pytest.raises(Forbidden) as refused:
        await commands.reopen(number=number, data=ReopenInput(reason="核实", version=2), actor=world.clerk)
    assert refused.value.code == "recused"
    setup = await commands.submit(slug="sample-setup", data=sent(setup_form(world)), actor=await person(world))
    await recuse(setup, world.clerk)
    assert (await queries.desk_case(setup, world.clerk)).case.offers == []
    with pytest.raises(Forbidden):
        await commands.perform(number=setup, action="visit", data=ActInput(form={"found": "属实"}), actor=world.clerk)
    await commands.perform(
        number=setup, action="visit", data=ActInput(form={"found": "属实"}), actor=world.second_clerk
    )


async def test_the_doctor_finds_a_decision_of_somebody_who_had_asked_to_be_left_out(world: World) -> None:
    number = await at_town(world)
    await recuse(number, world.clerk)
    assert [one.check for one in await doctor.examine() if "recused" in one.check] == []
    case = await Case.get(number=number)
    clock.advance(minutes=1)
    data = DecisionInput(action="approve", version=1)
    await commands.decide(number=number, data=data, actor=world.second_clerk)
    await database.execute("UPDATE step_decision SET actor_id = %s WHERE case_id = %s", world.clerk.account_id, case.id)
    assert [one.examples for one in await doctor.examine() if "recused" in one.check] == [[number]]
