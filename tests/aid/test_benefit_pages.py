"""Doors of estimates, of what is left of a year and of the plans, and a claim at the desk without JavaScript."""

from typing import Any

import pytest

from backend.aid import plan_files
from tests.aid.claims import Office, claimed, insured, opened, say, to_calculation, to_the_end
from tests.casework.browser import browse, hidden
from tests.casework.world import World, person

SLIP: dict[str, Any] = {
    "plan": None,
    "admit_date": "2026-05-01",
    "discharge_date": "2026-05-10",
    "total_fee_fen": 30_000_00,
    "insurance_paid_fen": 17_700_00,
    "other_paid_fen": 0,
    "self_pay_fund_fen": 12_300_00,
    "self_fund_fen": 0,
}


@pytest.fixture
async def office(world: World) -> Office:
    return await opened(world)


# ---- estimates ----------------------------------------------------------------------


async def test_an_estimate_is_for_anybody_signed_in(world: World, app: Any) -> None:
    visitor, phone, desk = await browse(app), await browse(app, await person(world)), await browse(app, world.aid)
    answer = await phone.post("/api/v1/aid/estimates", json=SLIP)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "benefit_fen": 3_800_00,
            "lines": [
                {"label": "10,000.00 元 × 30%", "amount_fen": 3_000_00},
                {"label": "2,000.00 元 × 40%", "amount_fen": 800_00},
            ],
            "plan_version": "hospital@2024-01-01",
            "plan_name": "住院医疗互助",
            "basis": [
                {"label": "个人自付", "amount_fen": 12_300_00},
                {"label": "起付线", "amount_fen": -300_00},
            ],
            "counted_fen": 12_000_00,
            "last_claim_day": "2026-11-06",
            "exclusions": [one.name for one in plan_files.current().usual.versions[0].exclusions],
        },
    )
    assert (await desk.post("/api/v1/aid/estimates", json=SLIP | {"plan": "hospital"})).json() == answer.json()
    assert (await visitor.post("/api/v1/aid/estimates", json=SLIP)).status_code == 401


WRONG = [
    ({"plan": "clinic"}, {"plan": "没有这个互助计划，可以写：hospital、accident、critical、female。"}),
    ({"admit_date": "2023-12-31"}, {"admit_date": "入院那天还没有“住院医疗互助”计划，请核对入院日期。"}),
    ({"discharge_date": "2026-04-30"}, {"discharge_date": "出院日期不能早于入院日期。"}),
    ({"self_pay_fund_fen": -1}, {"self_pay_fund_fen": "金额不能是负数，也不能太大，请核对。"}),
    ({"total_fee_fen": 10**15}, {"total_fee_fen": "金额不能是负数，也不能太大，请核对。"}),
    ({"self_fund_fen": 30_000_01}, {"self_fund_fen": "不能超过医疗总费用，请照结算单核对。"}),
    ({"self_fund_fen": 1}, {"total_fee_fen": "统筹支付、自付和自费加起来超过了医疗总费用，请照结算单核对。"}),
    (
        {"plan": "clinic", "discharge_date": "2026-04-30", "other_paid_fen": -5},
        {
            "plan": "没有这个互助计划，可以写：hospital、accident、critical、female。",
            "discharge_date": "出院日期不能早于入院日期。",
            "other_paid_fen": "金额不能是负数，也不能太大，请核对。",
        },
    ),
]


@pytest.mark.parametrize(("changes", "expected"), WRONG)
async def test_what_is_wrong_is_named(
    changes: dict[str, Any], expected: dict[str, str], world: World, app: Any
) -> None:
    phone = await browse(app, await person(world))
    answer = await phone.post("/api/v1/aid/estimates", json=SLIP | changes)
    assert answer.status_code == 422
    assert {error["field"]: error["message"] for error in answer.json()["errors"]} == expected


async def test_wrong_types_are_named_together(world: World, app: Any) -> None:
    phone = await browse(app, await person(world))
    body = {"admit_date": "昨天", "discharge_date": "2026-05-10", "total_fee_fen": "3", "insurance_paid_fen": 1.5}
    answer = await phone.post("/api/v1/aid/estimates", json=body)
    assert answer.status_code == 422
    named = {error["field"] for error in answer.json()["errors"]}
    assert named == {"admit_date", "total_fee_fen", "insurance_paid_fen", "self_pay_fund_fen"}


async def test_a_member_works_it_out_on_a_page(world: World, app: Any) -> None:
    phone = await browse(app, await person(world))
    assert "/aid/estimate" in (await phone.get("/services/mutual-aid-claim")).text
    page = (await phone.get("/aid/estimate")).text
    for words in ("医疗总费用", "医保统筹支付", "个人自付（起付线和按比例自付）", "个人自费"):
        assert words in page
    typed = {
        "admit_date": "2026-05-01",
        "discharge_date": "2026-05-10",
        "total_fee_fen": "30,000",
        "insurance_paid_fen": "17700.00",
        "self_pay_fund_fen": "12300",
        "self_fund_fen": "",
    }
    answer = await phone.post("/aid/estimate", data=typed)
    assert answer.status_code == 200
    for words in ("¥3,800.00", "10,000.00 元 × 30%", "-300.00", 'value="12300"', "11月6日前申请"):
        assert words in answer.text
    wrong = await phone.post("/aid/estimate", data=typed | {"self_pay_fund_fen": "一万二", "total_fee_fen": ""})
    assert wrong.status_code == 422
    for words in ("还有 2 处要改", 'value="一万二"', 'value="17700.00"'):
        assert words in wrong.text
    assert "¥3,800.00" not in wrong.text


async def test_a_day_without_a_plan_stands_beside_the_day(world: World, app: Any) -> None:
    phone = await browse(app, await person(world))
    typed = {name: str(value or "") for name, value in SLIP.items()} | {"admit_date": "2023-12-01"}
    answer = await phone.post("/aid/estimate", data=typed)
    assert (answer.status_code, "入院那天还没有“住院医疗互助”计划" in answer.text) == (422, True)


# ---- the claim ------------------------------------------------------------------------


async def test_the_last_screen_of_a_claim_says_what_it_may_bring(office: Office, app: Any) -> None:
    actor = await insured(office)
    phone = await browse(app, actor)
    assert "预计金额" not in (await phone.get("/services/mutual-aid-claim/apply?screen=3")).text
    draft = {
        "policy_no": "YLHZ2026-000001",
        "admit_date": "2026-05-01",
        "discharge_date": "2026-05-10",
        "total_fee": "30000",
        "insurance_paid": "17700",
        "self_pay_fund": "12300",
    }
    assert (await phone.put("/api/v1/services/mutual-aid-claim/draft", json={"form": draft})).status_code == 200
    page = (await phone.get("/services/mutual-aid-claim/apply?screen=3")).text
    for words in ("预计金额", "¥3,800.00", "减起付线 300.00 元", "以审核为准"):
        assert words in page
    assert "预计金额" not in (await phone.get("/services/mutual-aid-claim/apply?screen=2")).text


async def test_staff_confirm_on_a_page(office: Office, app: Any) -> None:
    case = await claimed(await insured(office))
    await to_calculation(office, case)
    desk, at = await browse(app, office.aid), f"/desk/cases/{case}/actions/calc-confirm"
    page = (await desk.get(at)).text
    for words in (
        'value="3800.00"',
        'value="12300.00"',
        "系统按计划算出",
        "10,000.00 元 × 30%：3,000.00 元",
        "50,000.00",
    ):
        assert words in page
    typed = {"submission_key": hidden(page, "submission_key"), "base_amount": "12300.00", "amount": "3900"}
    wrong = await desk.post(at, data=typed)
    assert (wrong.status_code, "照计划最多核定 3,800.00 元。" in wrong.text, 'value="3900"' in wrong.text) == (
        422,
        True,
        True,
    )
    assert (await desk.post(at, data=typed | {"amount": "3800.00"})).status_code == 303
    await say(case, office.aid)
    await say(case, office.treasurer)
    assert "核定补助 3,800.00 元" in (await desk.get(f"/desk/cases/{case}")).text


async def test_the_member_sees_what_is_left(office: Office, app: Any) -> None:
    actor = await insured(office)
    phone = await browse(app, actor)
    assert "/me/aid/remaining" in (await phone.get("/me/aid")).text
    assert "50,000.00" in (await phone.get("/me/aid/remaining")).text
    case = await claimed(actor)
    await to_the_end(office, case)
    [left] = (await phone.get("/api/v1/me/aid/remaining")).json()["items"]
    assert left == {
        "plan": "hospital",
        "plan_name": "住院医疗互助",
        "year": 2026,
        "cap_fen": 50_000_00,
        "granted_fen": 3_800_00,
        "left_fen": 46_200_00,
        "deductible_fen": 300_00,
        "deductible_left_fen": 0,
        "claims": [{"case_number": case, "admitted_on": "2026-05-01", "amount_fen": 3_800_00}],
    }
    page = (await phone.get("/me/aid/remaining")).text
    for words in ("¥46,200.00", f"/cases/{case}", "本年度的起付线已经扣完"):
        assert words in page
    stranger = await browse(app, await person(office.world))
    assert (await stranger.get("/api/v1/me/aid/remaining")).json() == {"items": []}
    assert "还没有年度额度" in (await stranger.get("/me/aid/remaining")).text
    assert "3,800.00 元" in (await phone.get(f"/cases/{case}")).text


# ---- plans ----------------------------------------------------------------------------


async def test_the_desk_reads_the_plans_with_their_sources(world: World, app: Any) -> None:
    desk = await browse(app, world.aid)
    plan, *others = (await desk.get("/api/v1/desk/aid/plans")).json()["items"]
    assert [one["slug"] for one in others] == ["accident", "critical", "female"]
    assert (plan["slug"], plan["usual"], plan["file"]) == ("hospital", True, "config/benefits/hospital.yaml")
    [version] = plan["versions"]
    assert (version["name"], version["in_force"], version["source"]) == (
        plan_files.current().usual.slug + "@2024-01-01",
        True,
        "职工医疗互助办法（示例）",
    )
    page = (await desk.get("/desk/aid/plans")).text
    for words in (
        "到 10,000.00 元 补助 30%",
        "一年 50,000.00 元",
        "出院后 180 天",
        "config/benefits/hospital.yaml",
        "示例",
    ):
        assert words in page
