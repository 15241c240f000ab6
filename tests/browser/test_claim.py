"""P2: a sick member claims mutual aid from bed: four sums, photos of which one fails, the estimate, and the money."""

import io
import re
import zlib
from datetime import date
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.async_api import BrowserContext, Page, Route, expect

from backend.core import clock
from backend.demo.places import phone_number
from tests.browser.people import choose, go_on, sign_in, staff_sign_in
from tests.browser.product import Product
from tests.browser.test_grades import Desk, says

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INSURED = phone_number(100)
# As the settlement slip calls them: 12,300 yuan of one's own.
SLIP = {"total_fee": "30000", "insurance_paid": "17700", "self_pay_fund": "12300", "self_fund": "0"}
LINES = ("10,000.00 元 × 30%", "2,000.00 元 × 40%", "3,000.00", "800.00", "3,800.00")


def photo(name: str) -> Any:
    """No two are alike: the same photo twice is refused."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (zlib.crc32(name.encode()) % 256, 90, 160)).save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


class Signal:
    """One upload gets lost on its way."""

    def __init__(self) -> None:
        self.asked = 0

    async def handle(self, route: Route) -> None:
        self.asked += 1
        if self.asked == 2:
            await route.abort("connectionfailed")
        else:
            await route.continue_()


async def fill_stay(page: Page) -> None:
    today = clock.today().isoformat()
    await expect(page.locator("[name=policy_no]")).to_have_value(re.compile(r"YLHZ\d{4}-\d+"))
    await choose(page, "claim_kind", "hospital")
    await page.locator("[name=hospital]").fill("星城示例医院")
    await page.locator("[name=admit_date]").fill(today)
    await page.locator("[name=discharge_date]").fill(today)
    await page.locator("[name=diagnosis]").fill("示例诊断")
    await go_on(page)


async def fill_money(page: Page) -> None:
    """Of three photos the second does not get through, and is sent again alone."""
    await expect(page.get_by_role("heading", name="花了多少钱")).to_be_visible()
    for name, yuan in SLIP.items():
        await page.locator(f"[name={name}]").fill(yuan)
    await page.locator("[name='invoices.0.invoice_no']").fill(f"25{date.today():%m%d}0012")  # noqa: DTZ011
    await page.locator("[name='invoices.0.date']").fill(clock.today().isoformat())
    await page.locator("[name='invoices.0.amount']").fill("12300")
    signal = Signal()
    await page.route("**/api/v1/attachments", signal.handle)
    slot = page.locator("[data-slot=invoice_photos]")
    await slot.locator("input[type=file]").set_input_files([photo(f"发票{number}.jpg") for number in (1, 2, 3)])
    await expect(slot.locator("[name='attach.invoice_photos']")).to_have_count(2)
    await expect(slot.get_by_text("照片还在，点“重试”接着传")).to_have_count(1)
    before = signal.asked
    await slot.get_by_role("button", name="重试上传 发票2.jpg").click()
    await expect(slot.locator("[name='attach.invoice_photos']")).to_have_count(3)
    assert signal.asked == before + 1
    for name in ("settlement", "discharge_note"):
        other = page.locator(f"[data-slot={name}]")
        await other.locator("input[type=file]").set_input_files(photo(f"{name}.jpg"))
        await expect(other.locator(f"[name='attach.{name}']")).to_have_count(1)
    await go_on(page)


async def fill_account(page: Page) -> None:
    """The estimate stands above the button that hands in."""
    await expect(page.get_by_role("heading", name="本人和收款账户")).to_be_visible()
    await says(page, *LINES, "以审核为准")
    await page.locator("[name=bank_name]").fill("示例银行星城支行")
    await page.locator("[name=bank_card]").fill("6222020000000000003")
    for box in await page.locator("#apply input[type=checkbox]").all():
        await box.check()
    await go_on(page)


async def claim(page: Page, product: Product) -> str:
    """From one's own policies to the receipt; the number of the case."""
    await page.goto("/sign-in?next=/me/aid")
    await sign_in(page, product, INSURED)
    await page.wait_for_url("**/me/aid")
    await says(page, "YLHZ")
    await page.get_by_role("link", name="生病住院了，申请补助").click()
    await page.wait_for_url("**/services/mutual-aid-claim")
    await page.goto("/services/mutual-aid-claim/apply")
    await fill_stay(page)
    await fill_money(page)
    await fill_account(page)
    await says(page, "MA")
    found = re.search(r"MA\d{4}-\d{6}", await page.content())
    assert found
    return found[0]


async def calculate(clerk: Page, number: str) -> None:
    """The county looks at every line, confirms and approves."""
    await staff_sign_in(clerk, "demo-county")
    await clerk.goto(f"/desk/cases/{number}/actions/calc-confirm")
    await says(clerk, "起付线 -300.00 元", "10,000.00 元 × 30%：3,000.00 元", "核定补助 3,800.00 元", "系统按计划算出")
    await clerk.get_by_role("button", name="保存", exact=True).click()
    await clerk.wait_for_url(f"**/desk/cases/{number}**")
    await clerk.locator(".act__button[value=approve]").click()


async def pay(maker: Page, checker: Page, number: str) -> None:
    """Made by one, checked by another; the bank gets its file and says that all was paid."""
    await staff_sign_in(maker, "demo-finance")
    await maker.goto("/desk/pay-runs/new?budget_name=医疗互助")
    await says(maker, number)
    for box in await maker.locator("input[name=dues]").all():
        await box.uncheck()
    await maker.locator("tr", has_text=number).locator("input[name=dues]").check()
    await maker.get_by_role("button", name="制单并占用预算").click()
    await says(maker, "请另一个人复核", "1 笔，¥3,800.00")
    assert await maker.get_by_role("button", name="复核通过").count() == 0
    at = maker.url.partition("?")[0]
    await staff_sign_in(checker, "demo-admin")
    await checker.goto(at)
    await checker.get_by_role("button", name="复核通过").click()
    await says(checker, "已经复核")
    await maker.goto(at)
    async with maker.expect_download() as waiting:
        await maker.get_by_role("button", name="下载 CSV").click()
    file = (await (await waiting.value).path()).read_text("utf-8-sig")
    [heading, line] = file.split()
    assert (heading.split(",")[5], line.split(",")[5]) == ("金额（元）", "3800.00")
    answer = f"{heading}\n{line.rstrip(',')},成功,\n".encode()
    await maker.goto(at)
    for _ in range(2):  # the same answer twice pays nothing more
        sheet: Any = {"name": "回盘.csv", "mimeType": "text/csv", "buffer": answer}
        await maker.locator("input[name=sheet]").set_input_files(sheet)
        await maker.get_by_role("button", name="登记", exact=True).click()
        await says(maker, "结果已经登记", "已结清", "1 笔，¥3,800.00")


async def read_what_became_of_it(page: Page, number: str) -> None:
    await page.goto("/me/payments")
    mine = page.locator("li", has=page.locator(f"a[href='/cases/{number}']"))
    await expect(mine.get_by_text("3,800.00 元")).to_be_visible()
    await expect(mine.get_by_text("已付款")).to_be_visible()
    await page.goto("/me/aid/remaining")
    await says(page, "¥46,200.00", "-3,800.00", "本年度的起付线已经扣完")
    await page.goto(f"/cases/{number}")
    await page.get_by_role("link", name="职工医疗互助补助核定通知书").click()
    await says(page, "10,000.00 元 × 30%：3,000.00 元", "核定补助 3,800.00 元")
    pdf = await page.request.get(f"{page.url}?format=pdf")
    assert (await pdf.body())[:5] == b"%PDF-"


async def appeal(page: Page, staff: Desk, number: str) -> None:
    """Once; whoever worked it out does not answer it (a colleague does in tests/aid/test_claims.py)."""
    body, origin = {"form": {"grounds": "自费药也应当计入补助"}}, {"origin": page.url.partition("/cases")[0]}
    path = f"/api/v1/cases/{number}/actions/appeal"
    first = await page.request.post(path, data=body, headers=origin)
    assert first.ok, await first.text()
    assert not (await page.request.post(path, data=body, headers=origin)).ok
    reply = {"form": {"result": "same", "words": "自费部分不在计划的范围里，维持原来的金额"}}
    own = staff.http.post(
        f"/desk/cases/{number}/actions/appeal-reply",
        json=reply,
        headers={"authorization": f"Bearer {staff.tokens['demo-county']}"},
    )
    assert own.status_code in (403, 409), own.text
    await page.goto(f"/cases/{number}")
    await says(page, "核定复议申请")


async def test_a_sick_member_from_the_form_to_the_money(
    phone: BrowserContext, desk: BrowserContext, product: Product
) -> None:
    with httpx.Client(base_url=f"{product}/api/v1", timeout=30) as http:
        staff, page = Desk(http), await phone.new_page()
        number = await claim(page, product)
        for who in ("demo-town", "demo-town"):  # the member belongs to the township
            approve(staff, who, number)
        await calculate(await desk.new_page(), number)
        approve(staff, "demo-county", number)
        await desk.clear_cookies()
        maker = await desk.new_page()
        assert desk.browser is not None
        other = await desk.browser.new_context(base_url=product, locale="zh-CN")
        try:
            await pay(maker, await other.new_page(), number)
        finally:
            await other.close()
        await read_what_became_of_it(page, number)
        await appeal(page, staff, number)


def approve(staff: Desk, who: str, number: str) -> None:
    version = staff.ask(who, "GET", f"/desk/cases/{number}")["version"]
    staff.ask(who, "POST", f"/desk/cases/{number}/decisions", {"action": "approve", "version": version})
