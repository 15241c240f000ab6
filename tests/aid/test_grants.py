"""Amounts set in cases of the services that ship: what is wrong stands beside its field, and only the rest is due."""

from typing import Any

import msgspec
import pytest

from backend.aid import commands as aid
from backend.aid.intake_schemas import IntakeInput
from backend.bindings import grants, outcomes
from backend.casework import commands as casework
from backend.casework.commands.outcomes import approved_case
from backend.casework.models import Case
from backend.casework.protocols import Approved
from backend.casework.schemas import ActInput, SubmitInput
from backend.core import clock, database, ids
from backend.core.command import command
from backend.core.errors import Invalid
from tests.aid.samples import number
from tests.aid.test_hardship import household, opened
from tests.aid.test_policies import as_member
from tests.bindings.acting import ask
from tests.casework.browser import browse
from tests.casework.world import World
from tests.factories.pictures import upload


async def asked(world: World, slug: str, *slots: str, **more: Any) -> str:
    """A case of a member's; its number."""
    actor = await as_member(world)
    own = {
        "real_name": "王小测",
        "id_no": number(),
        "mobile": "15400000001",
        "org_ref": ids.public(world.unit.id),
        "account_name": "王小测",
        "bank_name": "演示银行星城支行",
        "bank_card": "6222020000000000000",
    }
    data = SubmitInput(form=own | more, attachments={slot: [await upload(actor)] for slot in slots})
    return await casework.submit(slug=slug, data=data, actor=actor)


async def relief(world: World, **more: Any) -> str:
    event = {
        "cause": "disaster",
        "event_date": "2026-03-01",
        "loss_amount": "8000",
        "request_amount": "2000",
        "urgent": True,
        "statement": "家里着火了，东西都烧了，没有地方住。",
        "family_size": 3,
        "family_income_month": "3000",
    }
    return await asked(world, "temporary-aid", "proof", **event | more)


async def about(world: World, case_number: str, **act: Any) -> Approved:
    case = await Case.get(number=case_number)
    return msgspec.structs.replace(approved_case(case, world.aid), act=act, act_id=1)


async def wrong(check: Any, approved: Approved) -> dict[str, str]:
    try:
        assert await check(approved, {}) == {}
    except Invalid as refused:
        return {one.field: one.message for one in refused.errors}
    return {}


async def test_a_promise_is_taken_from_what_is_granted_and_only_the_rest_is_due(world: World, app: Any) -> None:
    case_number = await relief(world)
    browser = await browse(app, world.aid)
    door = f"/api/v1/desk/cases/{case_number}/actions/quick-aid"
    promise = {"amount": "2000.01", "grounds": "没有地方住，等不得。", "agreed_by": "周主席"}
    refused = await browser.post(door, json={"form": promise})
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {"field": "amount", "message": "先行救助不能超过生活类救助的上限 2,000.00 元。"}
    ]
    await casework.perform(
        number=case_number, action="quick-aid", data=ActInput(form=promise | {"amount": "500.01"}), actor=world.aid
    )
    assert await database.scalar("SELECT amount_fen FROM payment_due") == 500_01
    said = {"amount": 1_500_00, "paid_first": 500_01, "due_amount": 999_99}
    assert await wrong(grants.check_relief, await about(world, case_number, **said)) == {}
    for change, field in (({"paid_first": 0}, "paid_first"), ({"due_amount": 1_000_00}, "due_amount")):
        found = await wrong(grants.check_relief, await about(world, case_number, **said | change))
        assert list(found) == [field]
    too_much = {"amount": 2_000_01, "paid_first": 500_01, "due_amount": 1_500_00}
    assert list(await wrong(grants.check_relief, await about(world, case_number, **too_much))) == ["amount"]


async def test_nothing_is_due_where_all_was_promised(world: World) -> None:
    case_number = await relief(world)
    approved = await about(world, case_number)
    params = {"programme": "temporary-aid", "amount": "due_amount", "zero": "closed"}

    @command
    async def due(amount: int) -> Any:
        acted = msgspec.structs.replace(approved, act={"due_amount": amount})
        return await outcomes.record_due(acted, params)

    assert await due(0) == {}
    assert await database.scalar("SELECT COUNT(*) FROM payment_due") == 0
    assert (await due(999_99))["due_fen"] == 999_99


async def test_an_award_goes_by_the_file_of_the_household(world: World) -> None:
    student = {
        "student_name": "王小乙",
        "student_id": number(2),
        "relation": "child",
        "school": "星城大学",
        "stage": "bachelor",
        "enrol_kind": "new",
        "school_kind": "public",
        "other_aid": False,
        "family_status": "on_file",
    }
    plan = IntakeInput(
        year=2026,
        title="金秋助学",
        text="说明",
        opens_on=clock.today(),
        closes_on=clock.today(),
        budget_fen=5_000_00,
    )
    await aid.publish_intake(world.aid, data=plan)
    case_number = await asked(world, "student-aid", "admission", "household_book", **student)
    on, off = {"standard": "on_higher", "amount": 5_000_00}, {"standard": "off_higher", "amount": 4_000_00}
    assert list(await wrong(grants.check_award, await about(world, case_number, **on))) == ["standard"]
    assert await wrong(grants.check_award, await about(world, case_number, **off)) == {}
    await opened(world, household(world, 1, (7, 2)))  # the student is of a household with a file
    assert await wrong(grants.check_award, await about(world, case_number, **on)) == {}
    assert list(await wrong(grants.check_award, await about(world, case_number, **off))) == ["standard"]
    found = await wrong(grants.check_award, await about(world, case_number, **on | {"amount": 4_999_99}))
    assert found == {"amount": "这一档的标准是 5,000.00 元。"}


@pytest.mark.parametrize(("budget", "removed", "fields"), [(100_00, 0, []), (99_99, 1, ["amount", "people"])])
async def test_visits_are_counted(world: World, budget: int, removed: int, fields: list[str]) -> None:
    case_number = await relief(world)
    approved = msgspec.structs.replace(
        await about(world, case_number, amount=100_00, people=2, removed=removed),
        values={"budget": budget, "targets": [{}, {}]},
    )
    assert list(await wrong(grants.check_visits, approved)) == fields


async def test_the_same_is_comforted_as_often_as_the_rule_allows(world: World) -> None:
    event = {"event": "illness", "event_date": "2026-03-01", "hospital_days": 3}
    case_number = await asked(world, "member-condolence", "proof", **event)
    limits = {"per_event_limit": "illness:1/y;birth:1/event;marriage:1"}
    question = ask(flow="member-condolence", values={"id_no": number(), **event}, params=limits)
    assert (await grants.comforted_before(question)).ok is True
    await database.execute("UPDATE case_file SET status = 'approved' WHERE number = %s", case_number)
    found = await grants.comforted_before(question)
    assert (found.ok, found.text) == (False, "同样的事已经慰问过：2026-03-01")
    later = msgspec.structs.replace(question, values={**question.values, "event_date": "2027-01-02"})
    assert (await grants.comforted_before(later)).ok is True
    other = msgspec.structs.replace(question, values={**question.values, "id_no": number(2)})
    assert (await grants.comforted_before(other)).ok is True
    assert (await grants.comforted_before(ask(params=limits))).ok is None
