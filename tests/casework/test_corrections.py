"""Answering a return: only the flagged fields, and what the reviewer sees of it."""

from datetime import date
from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.models import Case, CaseRound
from backend.casework.schemas import ChangeView, CorrectionsInput
from backend.core import database, ids, national
from backend.core.actor import Actor
from backend.core.errors import Conflict, FieldError, Invalid
from tests.casework.world import World, aid_form, decide, file, flag, person, sent

OTHER = national.synthetic_id_no(date(1985, 6, 1), 2)
OTHER_MASKED = national.mask_id_no(OTHER)


async def returned(world: World, worker: Actor, *fields: str, **attachments: list[str]) -> str:
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world), **attachments), actor=worker)
    await decide(number, world.officer, "return", 1, corrections=[flag(field) for field in fields])
    return number


async def correct(number: str, worker: Actor, version: int = 2, **form: Any) -> None:
    await commands.correct(number=number, data=CorrectionsInput(form=form, version=version), actor=worker)


async def test_only_the_flagged_field_changes(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "reason")
    before = (await queries.own_case(number, worker)).form
    await correct(number, worker, reason="车祸")
    assert (await queries.own_case(number, worker)).form == before | {"reason": "车祸"}


async def test_a_closed_field_may_come_along_unchanged_and_not_otherwise(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "reason")
    shown: dict[str, Any] = (await queries.own_case(number, worker)).form
    for other in ({"fee": 1}, {"id_no": OTHER}, {"real_name": "别人"}, {"illness": "感冒"}):
        with pytest.raises(Invalid) as refused:
            form: dict[str, Any] = {**shown, "reason": "车祸", **other}
            await correct(number, worker, 2, **form)
        assert refused.value.code == "field_not_open"
        assert refused.value.errors == (FieldError(next(iter(other)), "这一项没有退回，不能修改。"),)
    assert (await Case.get(number=number)).status == "returned"
    await correct(number, worker, 2, **{**shown, "reason": "车祸", "fee": "900.00"})
    assert (await queries.own_case(number, worker)).status == "in_review"


async def test_a_masked_value_of_a_flagged_field_changes_nothing(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "id_no", "reason")
    await correct(number, worker, id_no="990001********0014", reason="车祸")
    seen = await queries.desk_case(number, world.officer)
    assert [change.field for change in seen.changes] == ["reason"]


async def test_a_correction_that_corrects_nothing_is_refused(world: World) -> None:
    """What was given back has to come again: a field at least as it is, a place for files with a new one."""
    worker = await person(world)
    old, second, new = await file(worker), await file(worker), await file(worker)
    number = await returned(world, worker, "reason", "fee", "illness", "proof", proof=[old, second])
    form = {"reason": "突发疾病", "illness": "******"}
    for attachments in ({}, {"proof": [old, second]}, {"proof": []}):
        with pytest.raises(Invalid) as refused:
            data = CorrectionsInput(form=form, attachments=attachments, version=2)
            await commands.correct(number=number, data=data, actor=worker)
        assert {error.field: error.message for error in refused.value.errors} == {
            "fee": "请修改这一项；确实不用改的，也要原样再交一次",
            "proof": "这里要换一份新的文件，请重新拍照或选择文件上传。",
        }
    with pytest.raises(Invalid) as empty:
        await correct(number, worker)
    assert [error.field for error in empty.value.errors] == ["reason", "fee", "illness", "proof"]
    assert (await Case.get(number=number)).status == "returned"
    # Unchanged but sent, and of two files the wrong one taken away.
    data = CorrectionsInput(form=form | {"fee": 90_000}, attachments={"proof": [second, new]}, version=2)
    await commands.correct(number=number, data=data, actor=worker)
    seen = await queries.desk_case(number, world.officer)
    assert [change.field for change in seen.changes] == ["proof"]


async def test_of_several_files_a_wrong_one_may_just_go(world: World) -> None:
    worker = await person(world)
    old, wrong = await file(worker), await file(worker)
    number = await returned(world, worker, "proof", proof=[old, wrong])
    await commands.correct(number=number, data=CorrectionsInput(attachments={"proof": [old]}, version=2), actor=worker)
    assert (await queries.own_case(number, worker)).attachments == {"proof": [old]}


async def test_everything_wrong_with_a_correction_is_named_at_once(world: World) -> None:
    worker, stranger = await person(world), await person(world)
    number = await returned(world, worker, "reason", "target_org", "proof")
    theirs = await file(stranger)
    data = CorrectionsInput(
        form={"reason": "短", "target_org": ids.public(1), "org_ref": "x"}, attachments={"proof": [theirs]}, version=2
    )
    with pytest.raises(Invalid) as refused:
        await commands.correct(number=number, data=data, actor=worker)
    assert [error.field for error in refused.value.errors] == ["target_org", "reason", "proof", "org_ref"]


async def test_a_wrong_correction_names_the_field_and_keeps_the_round(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "fee", "reason")
    with pytest.raises(Invalid) as refused:
        await correct(number, worker, reason="短", fee="0")
    assert [error.field for error in refused.value.errors] == ["reason", "fee"]
    assert await CaseRound.all().count() == 0


async def test_a_field_that_depends_on_a_flagged_one_opens_with_it(world: World) -> None:
    """The date of discharge is asked only above ten yuan."""
    worker = await person(world)
    form = aid_form(world, fee=900)
    del form["ended_on"]
    number = await commands.submit(slug="sample-aid", data=sent(form), actor=worker)
    await decide(number, world.officer, "return", 1, corrections=[flag("fee")])
    page = await queries.correction_page(number, worker)
    assert [field.name for field in page.open_fields] == ["fee", "ended_on"]
    assert page.open_fields[0].comment == "请改一改"
    assert [field.name for field in page.accepted] == [
        "real_name", "id_no", "mobile", "division", "target_org", "reason", "illness",
    ]  # fmt: skip
    await correct(number, worker, fee=5_000, ended_on="2026-03-02")
    assert (await queries.own_case(number, worker)).form["ended_on"] == "2026-03-02"


async def test_the_reviewer_sees_only_what_changed(world: World) -> None:
    worker = await person(world)
    old, kept, new = await file(worker), await file(worker), await file(worker)
    number = await returned(world, worker, "reason", "id_no", "proof", proof=[old, kept])
    data = CorrectionsInput(form={"reason": "车祸", "id_no": OTHER}, attachments={"proof": [kept, new]}, version=2)
    await commands.correct(number=number, data=data, actor=worker)
    seen = await queries.desk_case(number, world.officer)
    assert seen.round == 2
    assert seen.changes == [
        ChangeView(field="id_no", label="身份证号", before="990001********0014", after=OTHER_MASKED),
        ChangeView(field="reason", label="原因", before="突发疾病", after="车祸"),
        ChangeView(field="proof", label="证明", before="2 张", after="新传 1 张，现在共 2 张"),
    ]
    assert {field.name: field.changed_from for field in seen.case.fields if field.changed_from is not None} == {
        "id_no": "990001********0014",
        "reason": "突发疾病",
    }
    assert [(one.id, one.is_new) for one in seen.slots[0].files] == [(kept, False), (new, True)]
    row = await Case.get(number=number)
    stored = await CaseRound.get(case_id=row.id)
    assert stored.round == 1
    assert "990001198506010014" not in stored.sealed + stored.form
    # Whoever searches finds the corrected number, not the old one.
    found = await queries.desk_queue(world.officer, queries.QueueQuery(q=OTHER))
    assert [one.number for one in found.items] == [number]


async def test_new_values_of_closed_slots_are_refused(world: World) -> None:
    worker = await person(world)
    proof = await file(worker)
    number = await returned(world, worker, "reason", proof=[proof])
    data = CorrectionsInput(form={"reason": "车祸"}, attachments={"proof": [await file(worker)]}, version=2)
    with pytest.raises(Invalid) as refused:
        await commands.correct(number=number, data=data, actor=worker)
    assert [error.field for error in refused.value.errors] == ["proof"]
    data = CorrectionsInput(form={"reason": "车祸"}, attachments={"proof": [proof]}, version=2)
    await commands.correct(number=number, data=data, actor=worker)


async def test_another_union_is_another_desk(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "target_org")
    await database.execute(
        "UPDATE staff_post SET union_id = %s WHERE account_id = %s", world.far_unit.id, world.second_clerk.account_id
    )
    await database.execute("UPDATE staff_post SET role = 'officer' WHERE union_id = %s", world.far_unit.id)
    await correct(number, worker, target_org=ids.public(world.far_unit.id))
    case = await Case.get(number=number)
    assert (case.target_union_id, case.desk_union_id, case.desk_role) == (
        world.far_unit.id,
        world.far_unit.id,
        "officer",
    )


async def test_twice_or_late_is_a_conflict(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "reason")
    with pytest.raises(Conflict) as stale:
        await correct(number, worker, version=1, reason="车祸")
    assert stale.value.extra["action"] == "return"
    await correct(number, worker, reason="车祸")
    with pytest.raises(Conflict) as twice:
        await correct(number, worker, reason="车祸")
    assert twice.value.extra["action"] == "correct"


async def test_a_second_round_compares_with_the_first(world: World) -> None:
    worker = await person(world)
    number = await returned(world, worker, "reason")
    await correct(number, worker, reason="车祸")
    await decide(number, world.officer, "return", 3, corrections=[flag("fee")])
    await correct(number, worker, version=4, fee="800.00")
    seen = await queries.desk_case(number, world.officer)
    assert (seen.round, [change.field for change in seen.changes]) == (3, ["fee"])
