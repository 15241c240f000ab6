"""P7: a chair hands in a self-assessment, is scored on a tablet, sees nobody's sheet, and then the grade and why."""

from datetime import date
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from backend.core import ids
from tests.browser.people import Somebody, sign_in, staff_sign_in
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]

YEAR = date.today().year - 2  # noqa: DTZ011 - a year of which the demo has no appraisal
PANEL = ("demo-admin", "town-02", "town-03")
ABILITIES = ("专业能力", "组织能力", "执行能力", "协调能力", "创新能力")


class Desk:
    """Staff at the API."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.tokens: dict[str, str] = {}

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        if who not in self.tokens:
            sent = {"username": who, "password": "union-demo"}
            made = self.http.post("/auth/staff/sessions", json=sent).raise_for_status().json()
            self.tokens[who] = made["access_token"]
            self.http.cookies.clear()
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        answer = self.http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()


def application(chair: Somebody, union: str) -> dict[str, Any]:
    return {
        "year": YEAR,
        "chair_name": chair.name,
        "chair_id": chair.id_no,
        "post_kind": "chair",
        "union_ref": union,
        "in_post_since": "2020-05-01",
        "bank_card": "9999990000000014",
        "self_scores": [{"item": one, "score": "19", "evidence": "活动台账"} for one in ABILITIES],
        "truth_ok": True,
    }


async def apply(page: Page, staff: Desk, chair: Somebody) -> None:
    """The application is the self-assessment; township and county agree."""
    union = staff.ask("demo-town", "GET", "/unions?q=高桥云仓物流")["items"][0]["id"]
    body, origin = {"form": application(chair, union)}, {"origin": page.url.partition("/me")[0]}
    sent = await page.request.post("/api/v1/services/chair-grading/cases", data=body, headers=origin)
    assert sent.status == 201, await sent.text()
    number = (await sent.json())["number"]
    for who in ("demo-town", "demo-county"):
        version = staff.ask(who, "GET", f"/desk/cases/{number}")["version"]
        staff.ask(who, "POST", f"/desk/cases/{number}/decisions", {"action": "approve", "version": version})


def open_period(staff: Desk) -> str:
    county = staff.ask("demo-county", "GET", "/me")["staff"]["union"]["id"]
    made = staff.ask("demo-county", "POST", "/desk/grading", {"union_id": county, "year": YEAR})
    period = made["period"]["id"]
    panel = [staff.ask(who, "GET", "/me")["account"]["id"] for who in PANEL]
    staff.ask("demo-county", "POST", f"/desk/grading/{period}/panel", {"assessors": panel})
    # Where several serve the township's desk, somebody says who of them scores.
    town = staff.ask("demo-town", "GET", "/me")["account"]["id"]
    for one in staff.ask("demo-county", "GET", f"/desk/grading/{period}/candidates"):
        named = {"candidate": one["id"], "assessor": town}
        staff.ask("demo-county", "POST", f"/desk/grading/{period}/town-assessors", named)
    return period


async def score_on_a_tablet(tablet: Page, period: str) -> None:
    """Eleven of five points are refused beside the field, and nothing is lost."""
    await tablet.set_viewport_size({"width": 820, "height": 1180})
    await staff_sign_in(tablet, "demo-town")
    await tablet.goto(f"/desk/grading/{period}/scoring")
    await tablet.get_by_role("link", name="接着评").click()
    fields = tablet.locator("[name^='scores.']")
    for index, points in enumerate(["9"] * 8 + ["8", "8", "0", "11"]):
        await fields.nth(index).fill(points)
    await tablet.get_by_role("button", name="保存，评下一个").click()
    await expect(tablet.get_by_text("要打 0 到 5 分")).to_be_visible()
    assert await fields.nth(0).input_value() == "9"
    await fields.nth(11).fill("0")
    await tablet.get_by_role("button", name="保存，评下一个").click()
    await expect(tablet.get_by_text("88.00 分")).to_be_visible()


def score_in_the_panel(staff: Desk, period: str) -> None:
    sheet = staff.ask("demo-town", "GET", f"/desk/grading/{period}/sheets")[0]
    scores = dict(zip((item["key"] for item in sheet["items"]), ["7.4"] * 10 + ["0", "0"], strict=True))
    for who in PANEL:
        body = {"candidate": sheet["candidate"], "scores": scores}
        staff.ask(who, "POST", f"/desk/grading/{period}/sheets", body)


async def says(page: Page, *words: str) -> None:
    for each in words:
        await expect(page.get_by_text(each).first).to_be_visible()


async def test_a_chair_from_the_application_to_the_certificate(
    phone: BrowserContext, desk: BrowserContext, product: Product
) -> None:
    with httpx.Client(base_url=f"{product}/api/v1", timeout=30) as http:
        await live_through(Desk(http), phone, desk, product)


async def live_through(staff: Desk, phone: BrowserContext, desk: BrowserContext, product: Product) -> None:
    chair, page = Somebody(), await phone.new_page()
    await page.goto("/sign-in?next=/me/grades")
    await sign_in(page, product, chair.phone)
    await page.wait_for_url("**/me/grades")
    await says(page, "还没有等级")
    await apply(page, staff, chair)
    period = open_period(staff)
    await page.reload()
    await says(page, "自评 95.00 分", "乡镇还没有评", "评审组 0 / 3")

    tablet = await desk.new_page()
    await score_on_a_tablet(tablet, period)
    score_in_the_panel(staff, period)
    await page.reload()
    await says(page, "乡镇已评", "评审组 3 / 3")
    assert "88.00" not in await page.locator("article").inner_text()

    await desk.clear_cookies()
    manager = await desk.new_page()
    await staff_sign_in(manager, "demo-county")
    await manager.goto(f"/desk/grading/{period}/dry-run")
    await says(manager, "77.15")
    await manager.goto(f"/desk/grading/{period}")
    await manager.get_by_role("button", name="公示结果").click()
    await says(manager, "结果已经公示")
    await read_and_object(page)
    await finish(manager, product, period)
    await take_certificate(page)


async def read_and_object(page: Page) -> None:
    await page.reload()
    await expect(page.get_by_role("heading", name="中级", exact=True)).to_be_visible()
    await says(page, "自评 5% × 95.00", "乡镇评价 15% × 88.00", "评审组评价 80% × 74.00")
    await says(page, "每月 200.00 元 × 12 个月", "¥2,400.00", "综合得分还差 12.85 分")
    await page.get_by_label("不服什么，依据是什么").fill("漏算了市级表彰")
    await page.get_by_role("button", name="交申诉").click()
    await says(page, "申诉已经交上去")


async def finish(manager: Page, product: Product, period: str) -> None:
    """Answered, the window over, final, and owed."""
    await manager.goto(f"/desk/grading/{period}")
    await manager.get_by_label("答复", exact=True).fill("表彰已经计入加分项")
    await manager.get_by_role("button", name="答复", exact=True).click()
    await says(manager, "申诉已经答复")
    over = "UPDATE grading_period SET objections_until = '2020-01-01' WHERE id = %s"
    product.database.execute(over, ids.parse(period))
    await manager.get_by_role("button", name="正式通报").click()
    await says(manager, "结果已经正式通报")
    await manager.get_by_role("button", name="列入待付").click()
    await says(manager, "补贴已经列入待付")


async def take_certificate(page: Page) -> None:
    link = page.get_by_role("link", name="看通知书")
    for _ in range(40):  # the worker issues it
        await page.goto("/me/grades")
        if await link.count():
            break
        await page.wait_for_timeout(500)
    await says(page, "表彰已经计入加分项")
    await link.click()
    await expect(page.get_by_role("heading", name="非公企业工会主席等级考核通知书")).to_be_visible()
    pdf = await page.request.get(f"{page.url}?format=pdf")
    assert (await pdf.body())[:5] == b"%PDF-"
