"""`make screenshots`: the pictures of docs/screenshots, from a running demo."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from backend.demo.places import phone_number
from tests.browser.people import sign_in, staff_sign_in
from tests.browser.product import DESK, PHONE, running_chromium, running_product

TARGET = Path(__file__).parents[2] / "docs" / "screenshots"
MEMBER = phone_number(100)  # admitted through the portal
RUNNING = phone_number(7)  # a case that was returned
CHAIR = phone_number(102)  # of a union whose chair was graded
STAY = {
    "入院日期": "2026-03-01",
    "出院日期": "2026-03-09",
    "医疗总费用": "30000",
    "医保统筹支付": "17700",
    "个人自付": "12300",
}


async def shoot(page: Page, name: str) -> None:
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=TARGET / f"{name}.png")


async def phone_pages(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, viewport=PHONE, device_scale_factor=2, is_mobile=True)
    page = await context.new_page()
    await page.goto("/")
    await shoot(page, "portal-guest")
    await page.goto("/sign-in?next=/")
    await sign_in(page, address, MEMBER)
    await page.wait_for_url(f"{address}/")
    await in_modes(context, page, "portal-home")
    for path, name in (("/services", "portal-services"), ("/me/card", "portal-card"), ("/me", "portal-me")):
        await page.goto(path)
        await shoot(page, name)
    await context.close()


async def in_modes(context: BrowserContext, page: Page, name: str) -> None:
    await shoot(page, name)
    for theme, size in (("dark", "normal"), ("light", "elder")):
        await context.add_cookies(
            [
                {"name": "theme", "value": theme, "url": page.url},
                {"name": "size", "value": size, "url": page.url},
            ]
        )
        await page.reload()
        await shoot(page, f"{name}-{'elder' if size == 'elder' else theme}")
    await context.clear_cookies(name="theme")
    await context.clear_cookies(name="size")


async def case_pages(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, viewport=PHONE, device_scale_factor=2, is_mobile=True)
    page = await context.new_page()
    await page.goto("/sign-in?next=/cases")
    await sign_in(page, address, RUNNING)
    await page.wait_for_url("**/cases")
    await shoot(page, "portal-cases")
    await page.locator("a[href^='/cases/RH']").first.click()
    await shoot(page, "portal-case")
    await page.goto(f"{page.url}/correction")
    await shoot(page, "portal-correction")
    await context.close()


async def explained_pages(browser: Browser, address: str) -> None:
    """What one will be paid, what one's grade is, and a voucher to show."""
    context = await browser.new_context(base_url=address, viewport=PHONE, device_scale_factor=2, is_mobile=True)
    page = await context.new_page()
    await page.goto("/sign-in?next=/me/grades")
    await sign_in(page, address, CHAIR)
    await page.wait_for_url("**/me/grades")
    await page.locator("article").nth(1).evaluate("one => one.scrollIntoView()")
    await shoot(page, "portal-grade")
    await page.goto("/aid/estimate")
    for label, given in STAY.items():
        await page.get_by_label(label).fill(given)
    await page.get_by_role("button", name="算一算").click()
    await page.wait_for_url("**/aid/estimate")
    await shoot(page, "portal-estimate")
    await page.goto("/vouchers")
    await page.get_by_role("link", name="会员消费券", exact=True).click()
    await page.get_by_role("button", name="立即领取").click()
    await page.wait_for_url("**/me/vouchers/*")
    await shoot(page, "portal-voucher")
    await context.close()


async def money_pages(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, viewport=DESK)
    page = await context.new_page()
    await staff_sign_in(page, "demo-finance")
    await page.goto("/desk/pay-runs")
    await page.locator("main a[href^='/desk/pay-runs/']").last.click()
    await shoot(page, "desk-pay-run")
    await context.close()


async def desk_pages(browser: Browser, address: str) -> None:
    context = await browser.new_context(base_url=address, viewport=DESK)
    page = await context.new_page()
    await staff_sign_in(page, "demo-town")
    await page.goto("/desk/cases")
    await page.locator("a[href*='/desk/cases/RH']").first.click()
    await shoot(page, "desk-queue")
    for path, name in (("/desk/invites", "desk-invites"), ("/desk/members", "desk-members")):
        await page.goto(path)
        await shoot(page, name)
    await context.close()


async def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with running_product() as address:
        async with running_chromium() as browser:
            await phone_pages(browser, address)
            await case_pages(browser, address)
            await desk_pages(browser, address)
            await explained_pages(browser, address)
            await money_pages(browser, address)


if __name__ == "__main__":
    asyncio.run(main())
