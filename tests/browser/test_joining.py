"""P1: a courier joins on the phone, the desk returns a field and approves, the card opens."""

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.people import (
    Somebody,
    agree,
    fill_person,
    fill_work,
    go_on,
    outbox,
    sign_in,
    staff_sign_in,
)
from tests.servers import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def apply(page: Page, address: str, person: Somebody) -> str:
    """From the home page to the receipt; the case number."""
    await page.goto("/")
    await page.get_by_role("link", name="我要入会").first.click()
    await sign_in(page, address, person.phone)
    await page.wait_for_url("**/apply**")
    screens = await page.locator("progress.screens").get_attribute("max")
    assert screens == "3", "joining takes at most three screens"
    await fill_work(page)
    await go_on(page)
    await fill_person(page, person)
    await go_on(page)
    await agree(page)
    await go_on(page)
    await expect(page.get_by_text(re.compile(r"RH\d{4}-\d{6}")).first).to_be_visible()
    found = re.search(r"RH\d{4}-\d{6}", await page.content())
    assert found
    return found[0]


def wait_for_message(address: str, phone: str, words: str) -> None:
    """The worker process delivers it."""
    until(
        lambda: any(words in item["text"] for item in outbox(address, phone)),
        seconds=60,
        what=f"a message with {words}",
    )


async def test_a_courier_joins_is_corrected_and_gets_her_card(
    phone: BrowserContext, desk: BrowserContext, product: str
) -> None:
    person = Somebody()
    member = await phone.new_page()
    number = await apply(member, product, person)
    await expect(member.get_by_text("前办结").first).to_be_visible()

    clerk = await desk.new_page()
    await staff_sign_in(clerk, "demo-town")
    await clerk.goto(f"/desk/cases/{number}")
    await clerk.locator("[name=flag][value=employer]").check(force=True)
    await clerk.locator("[name='comment.employer']").fill("请写平台全称")
    await clerk.locator(".act__button[value=return]").click()
    wait_for_message(product, person.phone, "补正")

    await member.goto(f"/cases/{number}")
    await member.get_by_role("link", name=re.compile("去修改|补正|修改")).first.click()
    await expect(member.get_by_text("请写平台全称")).to_be_visible()
    assert await member.locator("input[name=real_name]").count() == 0
    await member.locator("[name=employer]").fill("测试快运有限公司星城分公司")
    await member.get_by_role("button", name="提交补正").click()
    await member.wait_for_url(f"**/cases/{number}")

    await clerk.goto(f"/desk/cases/{number}")
    await expect(clerk.get_by_text("测试快运有限公司星城分公司").first).to_be_visible()
    await clerk.locator(".act__button[value=approve]").click()
    wait_for_message(product, person.phone, "已经办好了")

    await member.goto("/me/card")
    await expect(member.locator("svg").first).to_be_visible()
    await expect(member.get_by_text(re.compile(r"990121\s?2026")).first).to_be_visible()


async def test_the_whole_journey_without_javascript(
    plain_phone: BrowserContext, plain_desk: BrowserContext, product: str
) -> None:
    """Joining, the desk's return, the correction, the approval and the card: forms and links are enough."""
    person = Somebody()
    member = await plain_phone.new_page()
    number = await apply(member, product, person)

    clerk = await plain_desk.new_page()
    await staff_sign_in(clerk, "demo-town")
    await clerk.goto(f"/desk/cases/{number}")
    await clerk.locator("[name=flag][value=employer]").check(force=True)
    await clerk.locator(".act__button[value=return]").click()
    await expect(clerk.get_by_text("还没有提交，填的内容都还在")).to_be_visible()
    assert await clerk.locator("[name=flag][value=employer]").is_checked()
    await clerk.locator("[name='comment.employer']").fill("请写平台全称")
    await clerk.locator("[name=flag][value=id_no]").check(force=True)
    await clerk.locator("[name='comment.id_no']").fill("请再核对")
    await clerk.locator(".act__button[value=return]").click()
    wait_for_message(product, person.phone, "补正")

    await member.goto(f"/cases/{number}")
    await member.get_by_role("link", name=re.compile("去修改|补正|修改")).first.click()
    await expect(member.get_by_text("请写平台全称")).to_be_visible()
    await member.locator("[name=employer]").fill("测试快运有限公司星城分公司")
    await member.locator("[name=id_no]").fill(person.id_no[:-2])
    await member.get_by_role("button", name="提交补正").click()
    await expect(member.locator("#f-id_no-error")).to_contain_text("少了 2 位")
    assert await member.locator("[name=employer]").input_value() == "测试快运有限公司星城分公司"
    await member.locator("[name=id_no]").fill(person.id_no)
    await member.get_by_role("button", name="提交补正").click()
    await member.wait_for_url(f"**/cases/{number}")

    await clerk.goto(f"/desk/cases/{number}")
    await expect(clerk.get_by_text("测试快运有限公司星城分公司").first).to_be_visible()
    await clerk.locator("#comment").fill("材料核对无误")
    await clerk.locator(".act__button[value=approve]").click()
    wait_for_message(product, person.phone, "已经办好了")

    await member.goto("/me/card")
    await expect(member.locator(".qr svg")).to_be_visible()
    await expect(member.get_by_text("王小测")).to_be_visible()


async def test_wrong_values_get_sentences_and_are_kept(phone: BrowserContext, product: str) -> None:
    person = Somebody()
    page = await phone.new_page()
    await page.goto("/sign-in?next=/services/member-join/apply")
    await sign_in(page, product, person.phone)
    await page.wait_for_url("**/apply**")
    await fill_work(page)
    await go_on(page)
    await page.locator("[name=real_name]").fill("王小测")
    wrong = person.id_no[:-1] + ("1" if person.id_no[-1] != "1" else "2")
    await page.locator("[name=id_no]").fill(wrong)
    await go_on(page)
    await expect(page.get_by_role("alert").filter(has_text="最后一位校验不通过")).to_be_visible()
    assert await page.locator("[name=id_no]").input_value() == wrong
    assert await page.locator("[name=real_name]").input_value() == "王小测"
