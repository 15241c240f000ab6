"""The desk at 1366×768: a whole morning by keyboard, a poster that brings somebody, a person at the window."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from backend.core import clock
from backend.web.qr import qr_svg
from tests.browser.people import Somebody, agree, fill_person, fill_work, go_on, sign_in, staff_sign_in
from tests.factories.people import join_form
from tests.factories.people import somebody as synthetic
from tests.servers import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NUMBER = re.compile(r"RH\d{4}-\d{6}")
TOWN = "高桥街道总工会"


class Api:
    """What the clerk's own token shows of the same cases."""

    def __init__(self, product: str) -> None:
        self._http = httpx.Client(base_url=f"{product}/api/v1", timeout=30)
        sent = {"username": "demo-town", "password": "union-demo"}
        self._token = self._ok(self._http.post("/auth/staff/sessions", json=sent))["access_token"]
        self._http.cookies.clear()

    def _ok(self, answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        headers = {"authorization": f"Bearer {self._token}"}
        return self._ok(self._http.request(method, path, headers=headers, **sent))

    def file(self, person: Somebody) -> str:
        """A case at the town's desk, filed at the window."""
        union = self.ask("GET", f"/unions?q={TOWN}")["items"][0]["id"]
        who = {"name": person.name, "id_no": person.id_no, "phone": person.phone, "bank_card": ""}
        form = join_form(type(synthetic(1))(**who), division="990121001", target_org=union)
        return self.ask("POST", "/desk/services/member-join/cases", json={"form": form})["number"]

    def status(self, number: str) -> str:
        return self.ask("GET", f"/desk/cases/{number}")["status"]

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def api(product: str) -> Any:
    made = Api(product)
    yield made
    made.close()


@pytest.fixture
async def clerk(desk: BrowserContext) -> Page:
    page = await desk.new_page()
    await staff_sign_in(page, "demo-town")
    await page.goto("/desk/cases")
    return page


def current(page: Page) -> Any:
    return page.locator("[data-queue] [aria-current=true]")


async def find(page: Page, number: str) -> None:
    """As a scanner does: the search, the number, Enter; one hit opens by itself."""
    await page.keyboard.press("/")
    await expect(page.locator("[data-search]")).to_be_focused()
    await page.keyboard.type(number)
    await page.keyboard.press("Enter")
    await expect(page.locator(f"[data-case='{number}']")).to_be_visible()
    await page.keyboard.press("Escape")


def is_decided(api: Api, number: str, status: str) -> None:
    until(lambda: api.status(number) == status, seconds=20, what=f"{number} to be {status}")


async def test_the_list_is_walked_by_keyboard(clerk: Page) -> None:
    rows = clerk.locator("[data-queue] [data-number]")
    numbers = [await rows.nth(place).get_attribute("data-number") for place in range(3)]
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        await clerk.keyboard.press(key)
        await expect(clerk.locator(f"[data-case='{numbers[place]}']")).to_be_visible()
        await expect(current(clerk)).to_have_attribute("data-number", numbers[place] or "")
    # The whole decision is on the screen: the case, and the bar with every act.
    await expect(clerk.locator("[data-heading]")).to_be_in_viewport()
    for act in ("approve", "return", "reject"):
        await expect(clerk.locator(f"#decide [value={act}]")).to_be_in_viewport(ratio=1)
    assert await clerk.evaluate("document.documentElement.scrollHeight <= innerHeight")

    await clerk.keyboard.press("?")
    await expect(clerk.locator("#keys")).to_have_attribute("open", "")
    await clerk.keyboard.press("Escape")
    await expect(clerk.locator("#keys")).not_to_have_attribute("open", "")
    for key, act in (("h", "h"), ("t", "t")):
        await clerk.keyboard.press(key)
        await expect(clerk.locator(f"[data-act='{act}']")).to_have_attribute("open", "")
        await clerk.keyboard.press("Escape")
        await expect(clerk.locator(f"[data-act='{act}']")).not_to_have_attribute("open", "")


async def test_approving_is_one_key(clerk: Page, api: Api) -> None:
    number = api.file(Somebody())
    await find(clerk, number)
    await clerk.keyboard.press("a")
    is_decided(api, number, "approved")


async def test_fields_are_flagged_and_returned_by_keyboard(clerk: Page, api: Api) -> None:
    number = api.file(Somebody())
    await find(clerk, number)
    await clerk.keyboard.press("r")
    await expect(clerk.locator("[data-say]")).to_contain_text("先标记要退回的项")
    await clerk.keyboard.press("f")  # no line has the focus: it goes to the first
    first, second = clerk.locator("[data-flag]").nth(0), clerk.locator("[data-flag]").nth(1)
    await expect(first).to_be_focused()
    await clerk.keyboard.press("ArrowDown")
    await expect(second).to_be_focused()
    await clerk.keyboard.press("f")
    await expect(second).to_be_checked()
    await clerk.keyboard.type("请按证件写全称")
    await clerk.keyboard.press("Enter")
    await expect(second).to_be_focused()
    await clerk.keyboard.press("a")
    await expect(clerk.locator("[data-say]")).to_contain_text("还有 1 项标记着退回")
    await clerk.keyboard.press("r")
    is_decided(api, number, "returned")
    [correction] = api.ask("GET", f"/desk/cases/{number}")["corrections"]
    assert correction["comment"] == "请按证件写全称"


async def test_rejecting_needs_a_reason(clerk: Page, api: Api) -> None:
    number = api.file(Somebody())
    await find(clerk, number)
    await clerk.keyboard.press("x")
    await expect(clerk.locator("[data-say]")).to_contain_text("先写明不予通过的原因")
    await expect(clerk.locator("#comment")).to_be_focused()
    assert api.status(number) in ("submitted", "in_review")
    await clerk.keyboard.type("不在本县工作，请向工作所在地工会申请")
    await clerk.keyboard.press("Escape")
    await clerk.keyboard.press("x")
    is_decided(api, number, "rejected")
    assert api.ask("GET", f"/desk/cases/{number}")["decision"]["comment"] == "不在本县工作，请向工作所在地工会申请"


async def test_a_poster_brings_somebody_else(clerk: Page, phone: BrowserContext, product: str, api: Api) -> None:
    await clerk.goto("/desk/invites")
    await clerk.locator("[name=union_id]").select_option(label=TOWN)
    place = "星湖站门口"
    await clerk.locator("[name=place]").fill(place)
    await clerk.locator("[name=max_uses]").fill("5")
    await clerk.locator("[name=expires_on]").fill((clock.today() + timedelta(days=9)).isoformat())
    await clerk.get_by_role("button", name="做邀请码").click()
    await clerk.wait_for_url("**/poster")
    code = (await clerk.locator(".poster__end strong").first.inner_text()).strip()
    # The picture on the wall is the address that the phone opens.
    printed = await clerk.locator(".poster .qr svg path").first.get_attribute("d")
    assert printed
    assert f'd="{printed}"' in qr_svg(f"{product}/i/{code}", "")

    person = Somebody()
    page = await phone.new_page()
    await page.goto(f"/i/{code}")
    await expect(page.get_by_role("heading", name=TOWN)).to_be_visible()
    await expect(page.get_by_text(place)).to_be_visible()
    await page.get_by_role("link", name="开始入会").click()
    await sign_in(page, product, person.phone)
    await page.wait_for_url("**/apply**")
    await fill_work(page)
    await go_on(page)
    await fill_person(page, person)
    await go_on(page)
    await agree(page)
    await go_on(page)
    await page.wait_for_url("**/submitted")
    found = NUMBER.search(page.url)
    assert found
    case = api.ask("GET", f"/desk/cases/{found[0]}")
    assert case["step"]["desk"] == TOWN
    await clerk.goto("/desk/invites")
    await expect(clerk.locator(".invite", has_text=place)).to_contain_text("已入会 1 / 5 人")


async def test_somebody_without_a_phone_at_the_window(clerk: Page, api: Api) -> None:
    person = Somebody()
    await clerk.goto("/desk/filing")
    await clerk.get_by_role("link", name=re.compile("会员入会申请")).first.click()
    await clerk.wait_for_url("**/desk/filing/member-join")
    await fill_work(clerk)
    await clerk.locator("[name=real_name]").fill(person.name)
    await clerk.locator("[name=id_no]").fill(person.id_no[:-2])
    await clerk.get_by_role("button", name="提交并打印回执").click()
    await expect(clerk.locator("#f-id_no-error")).to_contain_text("少了 2 位")
    assert await clerk.locator("[name=real_name]").input_value() == person.name
    await clerk.locator("[name=id_no]").fill(person.id_no)
    await clerk.locator("[name=mobile]").fill(person.phone)
    for box in await clerk.locator(".agree__input").all():
        await box.check(force=True)
    await clerk.get_by_role("button", name="提交并打印回执").click()
    await clerk.wait_for_url("**/desk/filing/done/**")
    found = NUMBER.search(clerk.url)
    assert found
    await clerk.get_by_role("link", name="打印回执").click()
    await expect(clerk.get_by_text(found[0]).first).to_be_visible()
    await expect(clerk.locator(".slip .qr svg")).to_be_visible()
    assert api.status(found[0]) == "submitted"
