"""P8: a cashier types the code of a member's voucher, is refused the second time, and gives it back."""

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from backend.demo.places import phone_number
from tests.browser.people import sign_in_code
from tests.factories.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def voucher_of(address: str, phone: str) -> str:
    """The code that a member reads out."""
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as http:
        http.post("/auth/sms-codes", json={"phone": phone}).raise_for_status()
        code = sign_in_code(address, phone)
        token = http.post("/auth/sessions", json={"phone": phone, "code": code}).json()["access_token"]
        http.cookies.clear()
        http.headers["authorization"] = f"Bearer {token}"
        campaigns = http.get("/voucher-campaigns").raise_for_status().json()["items"]
        campaign = next(one["id"] for one in campaigns if one["name"] == "会员消费券")
        return http.post(f"/voucher-campaigns/{campaign}/claims").raise_for_status().json()["code"]


async def sign_in(page: Page) -> None:
    await page.goto("/merchant")
    await page.get_by_label("账号").fill("demo-cashier")
    await page.get_by_label("密码").fill("union-demo")
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url("**/merchant")


async def redeem(page: Page, code: str, amount: str, receipt_no: str) -> None:
    await page.get_by_label("券码").fill(code)
    await page.get_by_label("消费金额").fill(amount)
    await page.get_by_label("小票号").fill(receipt_no)
    await page.get_by_role("button", name="核销", exact=True).click()


async def test_a_voucher_is_redeemed_refused_the_second_time_and_undone(phone: BrowserContext, product: str) -> None:
    code = voucher_of(product, phone_number(103))
    page = await phone.new_page()
    await sign_in(page)
    await expect(page.get_by_text("高桥老街饭店").first).to_be_visible()

    await redeem(page, code.lower(), "88", "T-1")
    await expect(page.get_by_text("这张券要消费满 100.00 元才能用。")).to_be_visible()
    assert await page.get_by_label("小票号").input_value() == "T-1"
    await redeem(page, code, "128.50", "T-1")
    await page.wait_for_url("**/merchant/redemptions/*")
    result = page.url
    await expect(page.get_by_role("heading", name="核销成功")).to_be_visible()
    await expect(page.get_by_text("¥78.50")).to_be_visible()

    await page.get_by_role("link", name="核销下一张").click()
    await redeem(page, code, "128.50", "T-2")
    refused = page.get_by_role("alert").filter(has_text="这张券已经用过")
    await expect(refused).to_contain_text("高桥老街饭店")
    await expect(refused).to_contain_text("收银员01")
    await redeem(page, code, "100", "T-1")
    await expect(page.get_by_role("alert").filter(has_text="小票号 T-1 已经核销过另一笔")).to_be_visible()

    await page.goto(result)
    await page.get_by_text("弄错了？撤销这一笔").click()
    await page.get_by_role("button", name="撤销", exact=True).click()
    await expect(page.get_by_text("请写明撤销的原因，2 到 100 个字。")).to_be_visible()
    await page.get_by_label("撤销原因").fill("会员退菜")
    await page.get_by_role("button", name="撤销", exact=True).click()
    await expect(page.get_by_role("heading", name="已撤销")).to_be_visible()

    await page.goto("/merchant")
    await redeem(page, code, "128.50", "T-3")
    await expect(page.get_by_role("heading", name="核销成功")).to_be_visible()
    await page.goto("/merchant/statement?period=week")
    await expect(page.get_by_role("heading", name="本周的券款")).to_be_visible()
    await expect(page.locator(".sum__total")).to_contain_text(".00")


# Chromium on Linux reads no codes; phones do, through this interface.
READS_CODES = """
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["qr_code"]; }
    async detect() { return [{ rawValue: "V1.read.from.a.picture" }]; }
  };
"""


async def test_a_code_is_read_from_a_picture_where_the_browser_can(phone: BrowserContext, product: str) -> None:
    page = await phone.new_page()
    await sign_in(page)
    # Where it cannot, nothing offers it.
    await expect(page.get_by_label("券码")).to_be_visible()
    await expect(page.get_by_role("button", name="打开相机扫码")).to_be_hidden()
    await page.add_init_script(READS_CODES)
    await page.reload()
    await page.get_by_role("button", name="打开相机扫码").click()
    await expect(page.get_by_text("没有打开相机。")).to_be_visible()
    sent = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    await page.locator("[data-scan-file]").set_input_files(files=[sent])  # type: ignore[list-item]
    await expect(page.get_by_label("券码")).to_have_value("V1.read.from.a.picture")
    await expect(page.get_by_label("消费金额")).to_be_focused()


async def test_a_till_needs_no_javascript(plain_phone: BrowserContext, product: str) -> None:
    page = await plain_phone.new_page()
    await sign_in(page)
    await redeem(page, "ABCD", "12x", "")
    await expect(page.get_by_text("请填写小票号，最多 32 个字符。")).to_be_visible()
    assert await page.get_by_label("消费金额").input_value() == "12x"
