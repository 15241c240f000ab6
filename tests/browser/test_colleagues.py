"""Desks and people who talk to each other about a case: a question to another desk, a message, a colleague's look."""

from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from backend.demo.places import phone_number
from tests.browser.people import sign_in, staff_sign_in
from tests.browser.product import DESK, Product
from tests.browser.test_desk import Api

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPLICANT = phone_number(19)  # has a case that was returned
COUNTY = "星城县总工会"


@pytest.fixture
def api(product: str) -> Any:
    made = Api(product)
    yield made
    made.close()


@pytest.fixture
async def clerk(desk: BrowserContext) -> Page:
    page = await desk.new_page()
    await staff_sign_in(page, "demo-town")
    return page


@pytest.fixture
async def colleague(chromium: Any, product: str) -> Any:
    """Somebody of the county, in a window of their own."""
    context = await chromium.new_context(base_url=product, locale="zh-CN", viewport=DESK)
    context.set_default_timeout(20_000)
    page = await context.new_page()
    await staff_sign_in(page, "demo-county")
    yield page
    await context.close()


async def test_a_question_goes_to_another_desk_and_comes_back(clerk: Page, colleague: Page, api: Api) -> None:
    number = next(one["number"] for one in api.ask("GET", "/desk/cases")["items"] if not one["asking"])
    await clerk.goto(f"/desk/cases/{number}")
    await clerk.get_by_role("link", name="征询别的窗口").first.click()
    await clerk.get_by_label("问哪个工会").select_option(label=COUNTY)
    await clerk.get_by_label("问哪个岗位").select_option(label="基层组织部")
    await clerk.get_by_label("问什么").fill("这家单位建过会吗？")
    await clerk.get_by_role("button", name="发出征询").click()
    await expect(clerk.get_by_text("还有 1 个征询没有答复")).to_be_visible()

    await colleague.goto("/desk/cases?asked=1")
    await colleague.locator(f"[data-number='{number}']").click()
    pane = colleague.locator("#pane")
    await pane.get_by_text("供参考").click()
    await pane.get_by_label("答复", exact=True).fill("2023 年建的会。")
    await pane.get_by_role("button", name="答复").click()
    await colleague.wait_for_url("**/desk/cases?asked=1")
    await expect(colleague.locator(f"[data-number='{number}']")).to_have_count(0)

    await clerk.reload()
    await expect(clerk.locator(".question__answer")).to_contain_text("2023 年建的会。")
    await expect(clerk.get_by_text("还有 1 个征询没有答复")).to_have_count(0)


async def test_the_applicant_and_the_desk_write_to_each_other(clerk: Page, phone: BrowserContext, product: str) -> None:
    page = await phone.new_page()
    await page.goto("/sign-in?next=/cases")
    await sign_in(page, product, APPLICANT)
    await page.locator("a[href^='/cases/RH']").first.click()
    await page.get_by_role("link", name="留言").click()
    await page.get_by_label("写给窗口").fill("单位写站点的名字行吗？")
    await page.get_by_role("button", name="发送").click()
    await expect(page.locator(".talk__item_mine").last).to_contain_text("单位写站点的名字行吗？")
    number = page.url.split("/")[4]

    await clerk.goto(f"/desk/cases/{number}")
    await clerk.get_by_role("link", name="1 条新留言").click()
    await expect(clerk.locator("#talk")).to_contain_text("单位写站点的名字行吗？")
    await clerk.get_by_label("写给申请人").fill("要写营业执照上的全称。")
    await clerk.get_by_role("button", name="发送").click()
    await expect(clerk.locator(".talk__item_mine")).to_contain_text("要写营业执照上的全称。")
    await clerk.goto(f"/desk/cases/{number}")
    await expect(clerk.get_by_role("link", name="条新留言")).to_have_count(0)

    await page.goto("/cases")
    await expect(page.get_by_text("窗口给您留了 1 条言")).to_be_visible()
    async with page.expect_response("**/messages/read"):
        await page.goto(f"/cases/{number}/messages")
    await expect(page.locator(".talk__item").last).to_contain_text("新")
    await page.goto("/cases")
    await expect(page.get_by_text("窗口给您留了 1 条言")).to_have_count(0)


async def test_a_phrase_is_kept_and_filled_in(clerk: Page, api: Api) -> None:
    number = api.ask("GET", "/desk/cases")["items"][3]["number"]
    await clerk.goto(f"/desk/cases/{number}")
    comment = clerk.locator("#comment")
    await comment.fill("已经电话核实过。")
    await clerk.get_by_role("button", name="把写好的意见存为常用语").click()
    await expect(clerk.get_by_text("已存为常用语。")).to_be_visible()
    await comment.fill("")
    await comment.press("1")
    await expect(comment).to_have_value("已经电话核实过。")
    await clerk.get_by_role("link", name="管理常用语").click()
    await clerk.locator(".phrase-list__item", has_text="已经电话核实过。").get_by_role("button").click()
    await expect(clerk.get_by_text("还没有存过")).to_be_visible()


async def test_two_clerks_of_one_desk_see_each_other(clerk: Page, colleague: Page, product: Product, api: Api) -> None:
    number = api.ask("GET", "/desk/cases")["items"][4]["number"]
    place = (
        "SELECT union_id FROM staff_post p JOIN account a ON a.id = p.account_id WHERE a.username = 'demo-town' LIMIT 1"
    )
    whose = "(SELECT id FROM account WHERE username = 'demo-county') AND role = 'desk'"
    held = f"UPDATE staff_post SET union_id = (SELECT union_id FROM ({place}) x) WHERE account_id = {whose}"
    product.database.execute(held)
    await colleague.goto(f"/desk/cases/{number}")
    await expect(colleague.locator(f"[data-case='{number}']")).to_be_visible()
    await colleague.wait_for_load_state("networkidle")
    await clerk.goto("/desk/cases")
    await expect(clerk.locator(f"[data-number='{number}']")).to_contain_text("周明正在看")
    await clerk.locator(f"[data-number='{number}']").click()
    await expect(clerk.locator(".presence")).to_contain_text("打开了这一件")
    await colleague.goto("/desk/phrases")
    await clerk.wait_for_timeout(500)
    await clerk.goto("/desk/cases")
    await expect(clerk.locator(f"[data-number='{number}']")).not_to_contain_text("正在看")
