"""Pages and doors of policies: one's own, the desk's list, and a fee given back."""

from typing import Any

import msgspec

from backend.core import database
from tests.aid.samples import alone, enrolled, number, together
from tests.aid.test_policies import as_member, policy_of
from tests.casework.browser import browse
from tests.casework.world import World


async def test_a_member_sees_what_they_have(world: World, app: Any) -> None:
    actor = await as_member(world)
    browser = await browse(app, actor)
    assert "还没有互助凭证" in (await browser.get("/me/aid")).text
    assert "/me/aid" in (await browser.get("/me")).text
    await enrolled(world, alone(world, account_id=actor.account_id))
    await enrolled(world, together(world, [(1, "王小测", number(), 1)], 2, plan="critical", plan_name="重大疾病"))
    [by_unit, own] = (await browser.get("/api/v1/me/aid/policies")).json()["items"]
    assert (own["number"], own["state"], own["case_number"]) == ("YLHZ2026-000001", "waiting", "HB2026-000001")
    assert (by_unit["plan_name"], by_unit["case_number"]) == ("重大疾病", None)
    listed = (await browser.get("/me/aid")).text
    for words in ("住院互助 2026 年度", "重大疾病互助 2026 年度", "YLHZ2026-000001", "等待期到"):
        assert words in listed
    page = (await browser.get(f"/me/aid/policies/{own['id']}")).text
    for words in ("职工医疗互助凭证", "星城快递工会", "¥60.00", "/cases/HB2026-000001"):
        assert words in page
    assert (await browser.get(f"/api/v1/me/aid/policies/{own['id']}")).json() == own
    assert "/cases/" not in (await browser.get(f"/me/aid/policies/{by_unit['id']}")).text


async def test_a_desk_lists_and_gives_back(world: World, app: Any) -> None:
    await enrolled(world, alone(world))
    await enrolled(world, alone(world, 2, 2, year=2027))
    clerk, aid = await browse(app, world.clerk), await browse(app, world.aid)
    listed = (await clerk.get("/desk/aid/policies")).text
    assert "YLHZ2026-000001" in listed and "王*测" in listed
    assert "YLHZ2026-000001" not in (await clerk.get("/desk/aid/policies?status=not_started")).text
    assert "没有这样的凭证" in (await clerk.get("/desk/aid/policies?q=没有的人")).text
    policy = await policy_of(2)
    at = f"/desk/aid/policies/{policy}"
    assert "生效前退费" not in (await clerk.get(at)).text  # looks, and gives nothing back
    assert "生效前退费" in (await aid.get(at)).text
    assert "生效前退费" not in (await aid.get(f"/desk/aid/policies/{await policy_of(1)}")).text
    typed = {"amount_fen": "59", "refunded_on": "2026-03-10", "reason": "不在本单位了"}
    assert (await clerk.post(f"{at}/refund", data=typed)).status_code == 403
    wrong = await aid.post(f"{at}/refund", data=typed)
    assert wrong.status_code == 422
    assert "应退 60.00 元，请核对。" in wrong.text and 'value="59"' in wrong.text and "不在本单位了" in wrong.text
    assert (await aid.post(f"{at}/refund", data=typed | {"amount_fen": "60"})).status_code == 303
    assert "已退费" in (await aid.get(at)).text
    again = await aid.post(f"{at}/refund", data=typed | {"amount_fen": "60"})
    assert (again.status_code, "这份凭证刚刚有变动" in again.text) == (409, True)
    over_api = {"amount_fen": 60_00, "refunded_on": "2026-03-10", "reason": "不在本单位了"}
    late = await aid.post(f"/api/v1/desk/aid/policies/{await policy_of(1)}/refund", json=over_api)
    assert (late.status_code, late.json()["code"]) == (409, "refund_too_late")


async def test_a_desk_elsewhere_sees_nothing(world: World, app: Any) -> None:
    await enrolled(world, alone(world))
    far = await browse(app, world.far_clerk)
    assert (await far.get("/api/v1/desk/aid/policies")).json()["items"] == []
    assert (await far.get(f"/desk/aid/policies/{await policy_of(1)}")).status_code == 404
    person = msgspec.structs.replace(await as_member(world, 5))
    stranger = await browse(app, person)
    assert (await stranger.get(f"/me/aid/policies/{await policy_of(1)}")).status_code == 404
    assert (await stranger.get("/api/v1/desk/aid/policies")).status_code == 403
    assert await database.scalar("SELECT COUNT(*) FROM aid_policy") == 1
