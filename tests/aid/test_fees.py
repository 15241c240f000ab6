"""The fee of mutual aid: told, reported, reconciled to the fen, and given back once where the case came to nothing."""

from typing import Any

import pytest

from backend.casework import commands
from backend.casework import queries as casework
from backend.casework.events import CaseWithdrawn
from backend.casework.models import Case
from backend.casework.schemas import ActInput, SubmitInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Invalid
from backend.payments import queries as payments
from tests.aid.claims import say
from tests.aid.samples import number
from tests.aid.test_policies import as_member, wrong
from tests.casework.browser import browse
from tests.casework.world import World, decide
from workers import tasks
from workers.reactions.aid import give_fee_back

ENROL = "mutual-aid-enrol"
PAID = {"amount": "120", "payer": "王小测", "paid_on": "2026-03-10", "proof": "digits", "last_digits": "0003"}
ARRIVED = {"people": 1, "amount": "120", "arrived_on": "2026-03-10"}


def enrol_form(world: World, **changes: Any) -> dict[str, Any]:
    """Two shares of the usual plan: 120 yuan."""
    return {
        "plan_ref": "hospital",
        "period": "2026",
        "enrol_mode": "self",
        "shares": "2",
        "pay_channel": "online",
        "real_name": "王小测",
        "id_no": number(),
        "mobile": "15400000001",
        "org_ref": ids.public(world.unit.id),
        "health_ok": True,
    } | changes


async def applied(world: World, actor: Actor, **changes: Any) -> str:
    return await commands.submit(slug=ENROL, data=SubmitInput(form=enrol_form(world, **changes)), actor=actor)


async def act(case: str, action: str, actor: Actor, form: dict[str, Any]) -> None:
    await commands.perform(number=case, action=action, data=ActInput(form=form), actor=actor)


async def said(case: str, action: str) -> dict[str, Any]:
    found = await casework.last_act((await Case.get(number=case)).id, action)
    assert found is not None
    return found


async def test_the_member_reports_the_payment_and_the_desk_reconciles_it(world: World, app: Any) -> None:
    actor = await as_member(world)
    case = await applied(world, actor)
    quote = await casework.own_quote(case, actor)
    assert quote is not None
    assert (quote.title, quote.total_fen, quote.lines) == (
        "应交互助费",
        120_00,
        [("1 人，共 2 份 × 60.00 元", 120_00)],
    )
    assert "第一次参加的等待期 30 天" in quote.note
    page = (await (await browse(app, actor)).get(f"/cases/{case}/actions/fee-pay")).text
    for words in ("120.00", "星城县总工会（示例）", case, "付款账号后四位"):
        assert words in page
    await act(case, "fee-pay", actor, PAID | {"amount": "119.99"})
    assert (await said(case, "fee-pay"))["compared"] == "比应交的少 0.01 元，请和县总工会核对"
    await act(case, "fee-pay", actor, PAID)
    assert (await said(case, "fee-pay"))["compared"] == "和应交的一样"
    await say(case, world.officer)
    with pytest.raises(Invalid) as refused:
        await act(case, "fee-in", world.aid, ARRIVED | {"amount": "119.99"})
    assert [one.field for one in refused.value.errors] == ["amount"]
    await act(case, "fee-in", world.aid, ARRIVED)
    seen = await said(case, "fee-in")
    assert (seen["due"], seen["wait_days"], seen["plan"]) == (120_00, 30, "住院医疗互助")
    assert seen["reported"] == "2026-03-10 付 120.00 元，付款账号尾号 0003"
    await say(case, world.aid)
    assert await database.scalar("SELECT fee_fen FROM aid_policy") == 120_00
    assert await wrong() == []


async def test_a_report_needs_digits_or_the_slip(world: World) -> None:
    actor = await as_member(world)
    case = await applied(world, actor)
    for proof, field in (("digits", "last_digits"), ("slip", "slip")):
        with pytest.raises(Invalid) as refused:
            await act(case, "fee-pay", actor, PAID | {"proof": proof, "last_digits": ""})
        assert [one.field for one in refused.value.errors] == [field]


@pytest.mark.parametrize("end", ["reject", "withdraw"])
async def test_the_fee_of_a_case_that_came_to_nothing_goes_back_once(world: World, end: str) -> None:
    actor = await as_member(world)
    case = await applied(world, actor)
    await act(case, "fee-pay", actor, PAID | {"payer": "王大测"})
    await say(case, world.officer)
    await act(case, "fee-in", world.aid, ARRIVED)
    if end == "reject":
        await decide(case, world.aid, "reject", (await Case.get(number=case)).version, comment="不符合条件")
    else:
        await commands.withdraw(number=case, actor=actor)
    for _ in range(2):
        await tasks.drain_outbox({})
        event = CaseWithdrawn((await Case.get(number=case)).id)
        assert await give_fee_back(event, "again")
    [due] = (await payments.own_dues(actor)).items
    assert (due.amount_fen, due.payee_name, due.name, due.case_number) == (120_00, "王大测", "退回的医疗互助费", case)
    assert due.may_correct  # the bank card is asked for
    found = await database.rows("SELECT kind, live, amount_fen FROM aid_fee ORDER BY id")
    assert [(row["kind"], row["live"], row["amount_fen"]) for row in found] == [
        ("in", None, 120_00),
        ("return", None, 120_00),
    ]
    assert await wrong() == []


async def test_without_a_fee_nothing_goes_back(world: World) -> None:
    actor = await as_member(world)
    case = await applied(world, actor)
    await commands.withdraw(number=case, actor=actor)
    await tasks.drain_outbox({})
    assert (await payments.own_dues(actor)).items == []
    assert clock.today().isoformat() == "2026-03-10"
