"""The network goes away while a courier fills in the form: nothing is lost, and one case comes of it."""

import re

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.people import Somebody, agree, fill_person, fill_work, go_on, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RECEIPT = re.compile(r"/cases/RH\d{4}-\d{6}/submitted")


async def begin(phone: BrowserContext, product: str, person: Somebody) -> Page:
    page = await phone.new_page()
    await page.goto("/sign-in?next=/services/member-join/apply")
    await sign_in(page, product, person.phone)
    await page.wait_for_url("**/apply**")
    # Only then is there something that answers while the network is away.
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


async def cases_of(phone: BrowserContext, product: str) -> list[str]:
    answer = await phone.request.get(f"{product}/api/v1/cases")
    assert answer.ok
    return [case["number"] for case in (await answer.json())["items"]]


async def test_every_screen_is_filled_in_without_network_and_sent_once(phone: BrowserContext, product: str) -> None:
    person = Somebody()
    page = await begin(phone, product, person)

    await phone.set_offline(True)
    await fill_work(page)
    await go_on(page)
    await expect(page.locator("[data-saved]")).to_contain_text("没有网络，填的内容已存在这台手机上")
    assert await page.locator("[name=employer]").input_value() == "测试快运"
    await phone.set_offline(False)
    await go_on(page)

    await page.locator("[name=real_name]").wait_for()
    await phone.set_offline(True)
    await fill_person(page, person)
    await expect(page.locator("[data-saved]")).to_contain_text("已存在这台手机上")
    await phone.set_offline(False)
    await go_on(page)

    await agree(page)
    await phone.set_offline(True)
    await go_on(page)
    await expect(page.locator("[data-saved]")).to_contain_text("现在没有网络，已存好，有网络会自动提交")
    await go_on(page)
    assert await page.locator("input[type=checkbox]:checked").count() >= 2
    await phone.set_offline(False)

    await page.wait_for_url(RECEIPT)
    await expect(page.get_by_role("heading", name="提交成功")).to_be_visible()
    [number] = await cases_of(phone, product)
    assert number in page.url


async def test_who_leaves_the_page_finds_it_all_on_the_offline_page(phone: BrowserContext, product: str) -> None:
    person = Somebody()
    page = await begin(phone, product, person)
    await fill_work(page)
    await go_on(page)
    await fill_person(page, person)
    await go_on(page)
    await agree(page)
    await phone.set_offline(True)
    await go_on(page)
    await expect(page.locator("[data-saved]")).to_contain_text("现在没有网络")

    await page.goto("/cases")
    await expect(page.get_by_role("heading", name="现在没有网络")).to_be_visible()
    await expect(page.get_by_text("填好，有网络会自动提交")).to_be_visible()
    # The page kept for such times knows no person.
    assert not re.search(r"154\d{8}|99\d{16}", await page.content())
    await phone.set_offline(False)
    # A page that was loaded without network is not told of its return by every browser.
    if not RECEIPT.search(page.url):
        await page.get_by_role("link", name="再试一次").click()

    await page.wait_for_url(RECEIPT)
    [number] = await cases_of(phone, product)
    assert number in page.url


async def test_half_a_form_is_there_after_a_reload(phone: BrowserContext, product: str) -> None:
    page = await begin(phone, product, Somebody())
    await phone.set_offline(True)
    await fill_work(page)
    await expect(page.locator("[data-saved]")).to_contain_text("已存在这台手机上")
    await phone.set_offline(False)
    await page.reload()
    await expect(page.locator("[name=employer]")).to_have_value("测试快运")
    await expect(page.locator("[name=newform_group]:checked")).to_have_value("courier")
