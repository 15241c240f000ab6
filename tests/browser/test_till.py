"""P8: a cashier types the code of a member's voucher, is refused the second time, and gives it back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from backend.demo.places import phone_number
from tests.browser.people import sign_in_code
from tests.factories.pictures import picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CAMPAIGN = "会员消费券"


def voucher_of(address: str, phone: str) -> str:
    """The code that a member reads out."""
    with signed_in(address, phone) as http:
        return take(http)["code"]


def pictures_of(address: str, phone: str) -> list[str]:
    """What the codes of a member's vouchers say that may be used, one more taken."""
    with signed_in(address, phone) as http:
        take(http)
        mine = http.get("/me/vouchers").raise_for_status().json()["items"]
        usable = [one["id"] for one in mine if one["state"] == "issued" and one["name"] == CAMPAIGN]
        return [http.get(f"/me/vouchers/{one}/qr").raise_for_status().json()["text"] for one in usable]


@contextmanager
def signed_in(address: str, phone: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as http:
        http.post("/auth/sms-codes", json={"phone": phone}).raise_for_status()
        code = sign_in_code(address, phone)
        token = http.post("/auth/sessions", json={"phone": phone, "code": code}).json()["access_token"]
        http.cookies.clear()
        http.headers["authorization"] = f"Bearer {token}"
        yield http


def take(http: httpx.Client) -> Any:
    campaigns = http.get("/voucher-campaigns").raise_for_status().json()["items"]
    campaign = next(one["id"] for one in campaigns if one["name"] == CAMPAIGN)
    return http.post(f"/voucher-campaigns/{campaign}/claims").raise_for_status().json()


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


def use_elsewhere(address: str, picture: str) -> None:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as http:
        sent = {"username": "demo-cashier", "password": "union-demo"}
        token = http.post("/auth/staff/sessions", json=sent).raise_for_status().json()["access_token"]
        http.cookies.clear()
        used = {"code": picture, "amount_fen": 100_00, "receipt_no": "E-9"}
        headers = {"authorization": f"Bearer {token}"}
        http.post("/merchant/redemptions", json=used, headers=headers).raise_for_status()


async def until(page: Page, expression: str) -> None:
    """The page's policy lets nothing be evaluated that polls in it."""
    for _ in range(200):
        if await page.evaluate(expression):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(expression)


async def keep(page: Page, picture: str, amount: str, receipt_no: str) -> None:
    await page.get_by_label("二维码", exact=True).fill(picture)
    await page.get_by_label("消费金额").fill(amount)
    await page.get_by_label("小票号").fill(receipt_no)
    await page.get_by_role("button", name="收下这张券").click()


async def test_a_till_goes_on_without_a_connection_and_tells_afterwards(phone: BrowserContext, product: str) -> None:
    page = await phone.new_page()
    await sign_in(page)
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await until(page, "caches.match('/merchant/offline').then(Boolean)")
    [first] = pictures_of(product, phone_number(104))
    typed = voucher_of(product, phone_number(105))

    await phone.set_offline(True)
    await page.goto("/merchant")
    await expect(page.get_by_role("heading", name="断网核销")).to_be_visible()
    await expect(page.get_by_text("高桥老街饭店，今天断网还能抵扣")).to_be_visible()
    await keep(page, typed, "120", "")
    await expect(page.get_by_text("没有网络时只能扫会员手机上的二维码")).to_be_visible()
    await expect(page.get_by_text("请填写小票号。")).to_be_visible()
    said, _, signature = first.rpartition(".")
    await keep(page, f"{said}.{signature[::-1]}", "120", "D-1")
    await expect(page.get_by_text("这不是本县工会的券，不能收。")).to_be_visible()
    await keep(page, first, "88", "D-1")
    await expect(page.get_by_text("这张券要消费满 100.00 元才能用。")).to_be_visible()
    await keep(page, first, "128.50", "D-1")
    await expect(page.get_by_text("请收 78.50 元。")).to_be_visible()
    await keep(page, first, "128.50", "D-2")
    await expect(page.get_by_text("这张券刚才已经收过了。")).to_be_visible()
    await expect(page.get_by_text(f"{CAMPAIGN}，小票号 D-1")).to_be_visible()

    # A page that was loaded without network is not told of its return by every browser.
    await phone.set_offline(False)
    await page.get_by_role("button", name="现在同步").click()
    await expect(page.get_by_text("同步了 1 笔。")).to_be_visible()
    await expect(page.get_by_text(f"{CAMPAIGN}，小票号 D-1")).to_have_count(0)
    await page.goto("/merchant/redemptions")
    await expect(page.get_by_text("D-1")).to_be_visible()


async def test_what_was_used_elsewhere_meanwhile_is_listed(phone: BrowserContext, product: str) -> None:
    page = await phone.new_page()
    await sign_in(page)
    await until(page, "localStorage.getItem('till:terms')")
    await page.goto("/merchant/offline")
    picture = pictures_of(product, phone_number(101))[0]
    await phone.set_offline(True)
    await keep(page, picture, "120", "E-1")
    await expect(page.get_by_text("请收 70.00 元。")).to_be_visible()
    use_elsewhere(product, picture)
    await phone.set_offline(False)
    await expect(page.get_by_text("记上 0 笔。")).to_be_visible()
    await expect(page.get_by_text("这张券已经用过").first).to_be_visible()
    await page.get_by_role("button", name="知道了，不再显示").click()
    await expect(page.get_by_text(f"{CAMPAIGN}，小票号 E-1")).to_have_count(0)


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
