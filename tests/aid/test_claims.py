"""Claims from the form to what is due: estimated, confirmed, granted, within the cap of the year."""

from typing import Any

import pytest

from backend.aid import queries
from backend.casework import commands
from backend.casework import queries as casework
from backend.casework.judging import NotEligible
from backend.casework.models import Case
from backend.casework.schemas import ActInput
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict, Invalid
from backend.payments import queries as payments
from tests.aid.claims import (
    Office,
    claimed,
    confirm,
    insured,
    opened,
    say,
    to_calculation,
    to_the_end,
)
from tests.aid.test_policies import as_member, wrong
from tests.bindings.acting import again
from tests.casework.world import World, staff

SECOND = {"admit_date": "2026-05-12", "discharge_date": "2026-05-18"}
LITTLE = {"total_fee": "1000", "insurance_paid": "700", "self_pay_fund": "300"}


@pytest.fixture
async def office(world: World) -> Office:
    return await opened(world)


async def benefits() -> list[tuple[str, int, int]]:
    found = await database.rows("SELECT case_number, deductible_fen, amount_fen FROM aid_benefit ORDER BY id")
    return [(row["case_number"], row["deductible_fen"], row["amount_fen"]) for row in found]


async def last_figures(case_number: str) -> dict[str, Any]:
    said = await casework.last_act((await Case.get(number=case_number)).id, "calc-confirm")
    assert said is not None
    return said


# ---- the whole way -----------------------------------------------------------------


async def test_what_was_worked_out_is_granted_and_due(office: Office) -> None:
    actor = await insured(office)
    case = await claimed(actor)
    quote = await casework.own_quote(case, actor)
    assert quote is not None
    assert (quote.total_fen, quote.lines) == (
        3_800_00,
        [("10,000.00 元 × 30%", 3_000_00), ("2,000.00 元 × 40%", 800_00)],
    )
    assert quote.note == "个人自付 12,300.00 元，减起付线 300.00 元，按 12,000.00 元计算。以审核为准"
    answer = await to_the_end(office, case)
    assert (answer["benefit_fen"], answer["due_fen"]) == (3_800_00, 3_800_00)
    assert answer["plan_version"] == "hospital@2024-01-01"
    assert await benefits() == [(case, 300_00, 3_800_00)]
    [due] = (await payments.own_dues(actor)).items
    assert (due.amount_fen, due.case_number) == (3_800_00, case)
    assert await again(office.world, case) == {"number": case} | answer
    assert (await benefits(), len((await payments.own_dues(actor)).items)) == ([(case, 300_00, 3_800_00)], 1)
    assert await wrong() == []


async def test_the_figures_are_those_of_the_plan(office: Office) -> None:
    case = await claimed(await insured(office))
    await to_calculation(office, case)
    form = await casework.desk_action_form(case, "calc-confirm", office.aid)
    assert form.begun["amount"] == 3_800_00
    screen = await casework.action_screen(form, office.aid)
    shown = {field.name: (field.value, field.source) for field in screen.fields}
    assert shown["amount"] == ("3800.00", "系统按计划算出") and shown["base_amount"] == ("12300.00", "系统按计划算出")
    assert [field.name for field in form.computed] == ["deductible", "cap_left", "how", "plan", "year"]
    await confirm(office, case)
    assert await last_figures(case) == {
        "base_amount": 12_300_00,
        "amount": 3_800_00,
        "deductible": 300_00,
        "cap_left": 50_000_00,
        "plan": "hospital@2024-01-01",
        "year": 2026,
        "how": "个人自付 12,300.00 元\n起付线 -300.00 元\n按 12,000.00 元计算\n"
        "10,000.00 元 × 30%：3,000.00 元\n2,000.00 元 × 40%：800.00 元\n核定补助 3,800.00 元",
    }


async def test_the_notice_shows_the_lines(office: Office) -> None:
    actor = await insured(office)
    case = await claimed(actor)
    await to_the_end(office, case)
    [line] = (await casework.own_case(case, actor)).documents
    paper = await casework.own_document(case, line.key, actor)
    said = "\n".join(paper.body.paragraphs)
    for words in ("10,000.00 元 × 30%：3,000.00 元", "起付线 -300.00 元", "核定补助 3,800.00 元"):
        assert words in said


async def test_nothing_below_the_deductible_is_approved_with_nothing(office: Office) -> None:
    actor = await insured(office)
    first = await claimed(actor, **LITTLE)
    answer = await to_the_end(office, first)
    assert (answer["benefit_fen"], "due_fen" in answer) == (0, False)
    assert (await Case.get(number=first)).status == "approved"
    assert (await payments.own_dues(actor)).items == []
    assert await again(office.world, first) == {"number": first} | answer
    second = await claimed(actor, **SECOND)
    assert (await to_the_end(office, second))["due_fen"] == 4_000_00 - 80_00  # the deductible is gone: 12,300 counts
    assert await benefits() == [(first, 300_00, 0), (second, 0, 3_920_00)]
    assert await wrong() == []


async def test_a_yearly_deductible_is_taken_over_two_stays(office: Office) -> None:
    actor = await insured(office)
    first = await claimed(actor, total_fee="600", insurance_paid="400", self_pay_fund="200")
    await to_the_end(office, first)
    second = await claimed(actor, **SECOND)
    assert (await to_the_end(office, second))["due_fen"] == 3_880_00
    assert [row[1:] for row in await benefits()] == [(200_00, 0), (100_00, 3_880_00)]


# ---- what staff may make of it ------------------------------------------------------


async def test_less_takes_a_reason_and_more_a_correction(office: Office) -> None:
    actor = await insured(office)
    case = await claimed(actor)
    await to_calculation(office, case)
    refused = {
        "amount": ({"amount": "3800.01", "reason": "单据有出入"}, "照计划最多核定 3,800.00 元。"),
        "base_amount": ({"base_amount": "12300.01"}, "照单据最多计入 12,300.00 元"),
        "reason": ({"base_amount": "10300"}, "请写明原因"),
    }
    for field, (typed, words) in refused.items():
        with pytest.raises(Invalid) as problem:
            await confirm(office, case, **typed)
        [error] = problem.value.errors
        assert (error.field, words in error.message) == (field, True)
    with pytest.raises(Invalid) as problem:  # the amount of the old base
        await confirm(office, case, base_amount="10300", amount="3800", reason="有一张不是住院的票")
    assert [error.field for error in problem.value.errors] == ["amount"]
    await confirm(office, case, base_amount="10300", reason="有一张不是住院的票")
    figures = await last_figures(case)
    assert (figures["base_amount"], figures["amount"]) == (10_300_00, 3_000_00)
    await confirm(office, case, amount="2500", reason="按会议纪要减少")
    figures = await last_figures(case)
    assert (figures["amount"], "核定时减少：-1,300.00 元\n核定说明：按会议纪要减少" in figures["how"]) == (
        250_000,
        True,
    )
    await say(case, office.aid)
    await say(case, office.treasurer)
    assert [row[1:] for row in await benefits()] == [(300_00, 2_500_00)]


async def test_a_plan_that_nobody_wrote_down_is_worked_out_by_hand(office: Office) -> None:
    actor = await insured(office)
    await database.execute("UPDATE aid_policy SET plan = %s", "retired")
    case = await claimed(actor)
    assert await casework.own_quote(case, actor) is None
    await to_calculation(office, case)
    assert (await casework.desk_action_form(case, "calc-confirm", office.aid)).begun == {}
    with pytest.raises(Invalid) as problem:
        await confirm(office, case)
    assert [error.field for error in problem.value.errors] == ["base_amount", "amount", "reason"]
    await confirm(office, case, base_amount="10000", amount="10000", reason="重大疾病定额一万元")
    await say(case, office.aid)
    await say(case, office.treasurer)
    assert [row[2] for row in await benefits()] == [10_000_00]
    assert (await queries.remaining(actor)).items == []


# ---- who may claim ------------------------------------------------------------------


async def test_who_may_claim(office: Office) -> None:
    """A stay that begins on the last day of waiting is too early, the next day is not; days count from discharge."""
    actor = await insured(office)
    on_wait_end = {"admit_date": "2026-04-08", "discharge_date": "2026-04-20"}
    assert await _refusal(actor, **on_wait_end) == "waiting"
    await claimed(actor, admit_date="2026-04-09", discharge_date="2026-04-20")
    clock.advance(days=174)  # the 10th of November: 184 days after the 10th of May
    assert await _refusal(actor) == "too_late"
    assert await _refusal(actor, discharge_date="2026-05-13") == "too_late"
    await claimed(actor, discharge_date="2026-05-14")


async def _refusal(actor: Actor, **changes: Any) -> str:
    with pytest.raises(NotEligible) as refused:
        await claimed(actor, **changes)
    return refused.value.code


# ---- the cap of a year --------------------------------------------------------------


async def test_what_is_left_of_the_year_is_granted_and_shown(office: Office) -> None:
    actor = await insured(office)
    [before] = (await queries.remaining(actor)).items
    assert (before.plan, before.year, before.left_fen, before.deductible_left_fen) == (
        "hospital",
        2026,
        50_000_00,
        300_00,
    )
    first = await claimed(actor, total_fee="300000", insurance_paid="187700", self_pay_fund="112300")
    await to_calculation(office, first)
    await confirm(office, first, amount="48000", reason="先核定一部分")
    await say(first, office.aid)
    await approve_large(office, first)
    second = await claimed(actor, **SECOND)
    quote = await casework.own_quote(second, actor)
    assert quote is not None and (quote.total_fen, quote.lines[-1]) == (
        2_000_00,
        ("超过本年度剩余额度的部分", -1_920_00),
    )
    assert (await to_the_end(office, second))["due_fen"] == 2_000_00
    [left] = (await queries.remaining(actor)).items
    assert (left.granted_fen, left.left_fen, left.deductible_left_fen) == (50_000_00, 0, 0)
    assert [(claim.case_number, claim.amount_fen) for claim in left.claims] == [(first, 48_000_00), (second, 2_000_00)]
    assert (await queries.remaining(await as_member(office.world, 9))).items == []
    assert await wrong() == []


async def approve_large(office: Office, case: str) -> None:
    """Two leaders, then whoever pays."""
    for leader in office.leaders:
        await say(case, leader)
    await say(case, office.treasurer)


async def test_two_claims_at_a_time_take_the_deductible_once(office: Office) -> None:
    """Both were worked out before either was approved: the later one is worked out anew, at the step where it is."""
    actor = await insured(office)
    first, second = await claimed(actor), await claimed(actor, **SECOND)
    for case in (first, second):
        await to_calculation(office, case)
        await confirm(office, case)
        await say(case, office.aid)
    await say(first, office.treasurer)
    with pytest.raises(Conflict) as refused:
        await say(second, office.treasurer)
    assert (refused.value.code, "重新核算" in refused.value.detail) == ("benefit_year_moved", True)
    assert len(await benefits()) == 1
    await confirm(office, second)
    await say(second, office.treasurer)
    assert [row[1:] for row in await benefits()] == [(300_00, 3_800_00), (0, 3_920_00)]
    assert await wrong() == []


# ---- looked at again ----------------------------------------------------------------


async def appealed(office: Office, actor: Actor) -> str:
    case = await claimed(actor)
    await to_the_end(office, case)
    grounds = {"grounds": "有一张门诊发票没有算进去"}
    await commands.perform(number=case, action="appeal", data=ActInput(form=grounds), actor=actor)
    return case


async def answer(case: str, actor: Actor, **form: Any) -> None:
    data = ActInput(form={"words": "重新核对了全部票据", **form})
    await commands.perform(number=case, action="appeal-reply", data=data, actor=actor)


async def test_an_appeal_is_answered_by_another_and_the_difference_is_due_once(office: Office) -> None:
    actor, other = await insured(office), await staff("周小核", (office.world.county, "dept_aid"))
    case = await appealed(office, actor)
    with pytest.raises(Conflict) as same:
        await answer(case, office.aid, result="same")
    assert same.value.code == "action_by_another"
    with pytest.raises(Invalid) as empty:
        await answer(case, other, result="more")
    assert [one.field for one in empty.value.errors] == ["more"]
    with pytest.raises(Invalid) as too_much:
        await answer(case, other, result="more", more="8500.01")
    assert [(one.field, one.message) for one in too_much.value.errors] == [
        ("more", "加上已经核定的，不能超过个人实际花的 12,300.00 元。")
    ]
    await answer(case, other, result="more", more="200")
    found = await database.rows("SELECT programme, amount_fen FROM payment_due ORDER BY id")
    assert [(row["programme"], row["amount_fen"]) for row in found] == [
        ("mutual-aid", 3_800_00),
        ("mutual-aid-more", 200_00),
    ]
    assert await benefits() == [(case, 300_00, 4_000_00)]
    assert await database.scalar("SELECT amount_fen FROM aid_year") == 4_000_00
    with pytest.raises(Conflict):
        await answer(case, other, result="more", more="200")
    assert await database.scalar("SELECT COUNT(*) FROM payment_due") == 2
    assert await wrong() == []


async def test_an_appeal_that_changes_nothing_pays_nothing(office: Office) -> None:
    actor, other = await insured(office), await staff("周小核", (office.world.county, "dept_aid"))
    case = await appealed(office, actor)
    await answer(case, other, result="same")
    assert (await benefits(), len((await payments.own_dues(actor)).items)) == ([(case, 300_00, 3_800_00)], 1)
    shown = await casework.own_case(case, actor)
    assert [one.key for one in shown.acts][:2] == ["appeal-reply", "appeal"]
    assert await wrong() == []


# ---- excluded, and late ---------------------------------------------------------------


async def test_what_is_excluded_is_a_line_of_the_calculation_and_the_notice(office: Office) -> None:
    actor = await insured(office)
    case = await claimed(actor)
    await to_calculation(office, case)
    row = {"code": "cosmetic", "amount": "2000", "reason": "义齿材料"}
    wrong_rows = {
        "excluded.0.code": row | {"code": "birth"},
        "excluded.0.amount": row | {"amount": "12300.01"},
    }
    for field, bad in wrong_rows.items():
        with pytest.raises(Invalid) as refused:
            await confirm(office, case, excluded=[bad])
        assert [one.field for one in refused.value.errors] == [field]
    # The form sends back the figures that it began with.
    await confirm(office, case, excluded=[row], base_amount="12300", amount="3800")
    figures = await last_figures(case)
    assert (figures["base_amount"], figures["amount"]) == (10_300_00, 3_000_00)
    line = "不补助：整形、美容（义齿材料） -2,000.00 元"
    assert line in figures["how"]
    await say(case, office.aid)
    await say(case, office.treasurer)
    assert [one[1:] for one in await benefits()] == [(300_00, 3_000_00)]
    [paper] = (await casework.own_case(case, actor)).documents
    body = (await casework.own_document(case, paper.key, actor)).body
    assert line in "\n".join(body.paragraphs)


async def test_a_late_claim_is_accepted_for_force_majeure_by_two(office: Office) -> None:
    actor, other = await insured(office), await staff("周小核", (office.world.county, "dept_aid"))
    clock.advance(days=174)
    assert await _refusal(actor) == "too_late"
    case = await claimed(actor, late_reason="force_majeure", late_story="七月到十月山洪断路，出不了村")
    await to_calculation(office, case)
    with pytest.raises(Conflict):
        await say(case, office.aid)  # nobody has said why
    ground = {"ground": "force_majeure", "words": "有县应急局的断路通告"}
    await commands.perform(number=case, action="late-accept", data=ActInput(form=ground), actor=office.aid)
    await say(case, office.aid)
    with pytest.raises(AppError):
        await say(case, office.aid)  # the second one is somebody else
    await say(case, other)
    await confirm(office, case)
    await say(case, office.aid)
    await say(case, office.treasurer)
    assert [one[1:] for one in await benefits()] == [(300_00, 3_800_00)]
