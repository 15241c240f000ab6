"""Sixty cases cleared in one sitting by keyboard, as a clerk of a township does on a morning."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import BrowserContext, Page, expect

from backend.core import clock
from tests.browser.morning import CLERK, Morning
from tests.browser.people import staff_sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPENED = "document.querySelector('[data-case]')?.dataset.case ?? ''"
# The scripts of the page have taken the keys.
READY = "document.documentElement.classList.contains('js')"


class Clerk:
    """A person at the keyboard who counts what they press, by what it was for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed: Counter[str] = Counter()
        self.purpose = ""

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)
            self.pressed[self.purpose] += 1

    async def write(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def opened(self) -> str:
        return await self.page.evaluate(OPENED)

    async def past(self, number: str) -> None:
        """Another case has come up, or there is none left."""
        await self.page.wait_for_function(f"number => ({OPENED}) !== number && {READY}", arg=number)

    async def ready(self) -> None:
        await self.page.wait_for_function(READY)


class Sitting:
    """What is meant with each case. `meant` is the state that it should have in the end."""

    def __init__(self, morning: Morning) -> None:
        self.meant: dict[str, str] = {}
        for number in morning.waiting():
            self._add(number)
        self.plain = [self._add(morning.join()) for _ in range(27)]
        self.batch = [self._add(morning.join()) for _ in range(12)]
        self.with_photos = self._add(morning.join(photos=2))
        for _ in range(3):
            self._add(morning.card(), "approved")
        for _ in range(5):
            self._add(morning.work(), "in_review")  # goes on to the county
        self._add(morning.loan(), "in_review")
        self.returned = self._add(morning.join(), "returned")
        self.rejected = self._add(morning.join(), "rejected")
        phone = morning.person()["mobile"]
        self.first_of_two = self._add(morning.join(mobile=phone))
        self.second_of_two = self._add(morning.join(mobile=phone), "rejected")
        self.handed_on = self._add(morning.join(), "in_review")
        self.held = self._add(morning.join(), "on_hold")
        self.lost = self._add(morning.join())
        self.searched = self._add(morning.join(real_name="诸葛样例"))
        self.insurance = self._add(morning.insurance())
        self.relief = self._add(morning.relief(), "in_review")

    def _add(self, number: str, meant: str = "approved") -> str:
        self.meant[number] = meant
        return number


@pytest.fixture
def morning(product: str) -> Iterator[Morning]:
    made = Morning(product)
    with made.clerk:
        yield made


@pytest.fixture
async def clerk(desk: BrowserContext, morning: Morning) -> AsyncIterator[Clerk]:
    page = await desk.new_page()
    await staff_sign_in(page, CLERK)
    yield Clerk(page)


async def approve(clerk: Clerk, number: str) -> None:
    clerk.purpose = "approve"
    await clerk.press("a")
    await clerk.past(number)


async def send_back(clerk: Clerk, number: str) -> None:
    """Two lines, each with its words: one typed, one a saved phrase."""
    clerk.purpose = "return"
    await clerk.press("f", "f")
    await clerk.write("请照合同写")
    await clerk.press("Enter", "ArrowDown", "ArrowDown", "f", "2", "Control+Enter")
    await clerk.past(number)
    await expect(clerk.page.locator("[data-told]")).to_contain_text("已退回")


async def reject(clerk: Clerk, number: str) -> None:
    clerk.purpose = "reject"
    await clerk.press("x", "6", "Control+Enter")
    await clerk.past(number)


async def hand_on(clerk: Clerk, number: str) -> None:
    clerk.purpose = "transfer"
    await clerk.press("t")
    role = clerk.page.locator("#f-act-role")
    held = json.loads(await clerk.page.locator(".act__panel[data-held]").get_attribute("data-held") or "{}")
    for _ in held:
        await clerk.press("ArrowDown")
        # Where one post is held it is chosen by itself.
        if await role.input_value():
            break
    await expect(role).not_to_have_value("")
    await clerk.press("Enter")
    await clerk.past(number)


async def hold(clerk: Clerk, number: str) -> None:
    clerk.purpose = "hold"
    await clerk.press("h")
    message = clerk.page.locator("#f-act-message")
    while not await message.evaluate("field => field === document.activeElement"):
        await clerk.press("Tab")
    await clerk.write("等平台开在职证明")
    await clerk.press("Enter")
    await clerk.past(number)


async def find_out_too_late(clerk: Clerk, number: str, morning: Morning) -> None:
    """A colleague was faster; the page says so, and J goes to the one after it."""
    clerk.purpose = "lost"
    morning.colleague_approves(number)
    await clerk.press("a")
    await expect(clerk.page.get_by_text("这一件刚刚有人办过了")).to_be_visible()
    await clerk.ready()
    await clerk.press("j")
    await clerk.past(number)


async def look_at_photos(clerk: Clerk, number: str) -> None:
    clerk.purpose = "photos"
    viewer = clerk.page.locator("[data-viewer]")
    await clerk.press("v", "ArrowRight")
    await expect(viewer).to_contain_text("2 / 2")
    await clerk.press("z", "c")
    await expect(viewer).to_have_attribute("data-zoom", "2")
    await expect(viewer).to_have_attribute("data-turn", "1")
    await clerk.press("Escape")
    await expect(viewer).to_be_hidden()
    await approve(clerk, number)


async def note_down(clerk: Clerk, number: str) -> None:
    """The step needs a record: the page says which, E goes to it."""
    clerk.purpose = "record"
    await clerk.press("a")
    await expect(clerk.page.get_by_text("请先办理“导办记录”")).to_be_visible()
    await clerk.ready()
    await clerk.press("e", "Enter")
    await clerk.page.wait_for_url("**/actions/guide-record*")
    await clerk.ready()
    await clerk.press("Space", "Tab")
    await clerk.write("在微信里打开湘税社保")
    await clerk.press("Tab", "Space", "Tab", "Enter")
    await clerk.page.wait_for_url(f"**/desk/cases/{number}*")
    await clerk.ready()
    await approve(clerk, number)


async def visit(clerk: Clerk, number: str) -> None:
    clerk.purpose = "record"
    await clerk.press("e", "Enter")
    await clerk.page.wait_for_url("**/actions/visit-record*")
    await clerk.ready()
    # How a day is typed depends on the language of the browser.
    day = clerk.page.locator("[name=visited_on]")
    await expect(day).to_be_focused()
    await day.fill(clock.today().isoformat())
    await clerk.page.locator("[name=visitors]").focus()
    await clerk.write("邹小明、李小安")
    await clerk.press("Tab")
    await clerk.write("本人")
    await clerk.press("Tab")
    await clerk.write("情况属实，家里三口人。")
    await clerk.press("Tab", "Space")
    await clerk.page.get_by_role("button", name="保存").focus()
    await clerk.press("Enter")
    await clerk.page.wait_for_url(f"**/desk/cases/{number}*")
    await clerk.ready()
    await approve(clerk, number)


async def tick_and_undo(clerk: Clerk, batch: list[str]) -> None:
    """A dozen together, looked at, confirmed, taken back."""
    clerk.purpose = "batch"
    page = clerk.page
    for number in batch:
        assert await clerk.opened() == number
        await clerk.press("s", "j")
        await clerk.past(number)
    await expect(page.locator("[data-picked]")).to_have_text(f"已选 {len(batch)} 件")
    await clerk.press("b")
    await page.wait_for_url("**/batches/preview")
    await expect(page.get_by_role("button", name=f"确认通过这 {len(batch)} 件")).to_be_focused()
    await clerk.press("Enter")
    await expect(page.get_by_role("link", name="接着办下一件")).to_be_focused()
    await clerk.press("u")
    await expect(page.get_by_text("已经撤回")).to_be_visible()
    await expect(page.get_by_role("link", name="接着办下一件")).to_be_focused()
    await clerk.press("Enter")
    await page.wait_for_url(f"**/desk/cases/{batch[0]}")
    await clerk.ready()


async def search(clerk: Clerk, number: str) -> None:
    clerk.purpose = "search"
    await clerk.press("/")
    await clerk.write("zgyl")
    await clerk.press("Enter")
    await expect(clerk.page.locator(f"[data-case='{number}']")).to_be_visible()
    await approve(clerk, number)
    # Back in the queue, not in the results.
    assert "q=" not in clerk.page.url


async def test_sixty_cases_are_cleared_by_keyboard(clerk: Clerk, morning: Morning) -> None:
    sitting = Sitting(morning)
    assert len(sitting.meant) >= 60
    acts = {
        sitting.returned: send_back,
        sitting.rejected: reject,
        sitting.second_of_two: reject,
        sitting.handed_on: hand_on,
        sitting.held: hold,
        sitting.with_photos: look_at_photos,
        sitting.insurance: note_down,
        sitting.relief: visit,
    }
    page = clerk.page
    await page.goto("/desk/cases")
    await clerk.ready()
    await search(clerk, sitting.searched)
    plain = approvals = 0
    while True:
        number = await clerk.opened()
        if not number and not await page.locator("[data-queue] [data-number]").count():
            break
        if not number:
            clerk.purpose = "walk"
            await clerk.press("j")
            await clerk.past("")
        elif number == sitting.batch[0]:
            await tick_and_undo(clerk, sitting.batch)
            sitting.batch = [""]
        elif number == sitting.lost:
            await find_out_too_late(clerk, number, morning)
        elif number in acts:
            await acts.pop(number)(clerk, number)
        else:
            before = clerk.pressed["approve"]
            await approve(clerk, number)
            approvals += 1
            plain += clerk.pressed["approve"] - before

    # One key for a plain approval, and next to none to find one's way: every decision brings up the next case.
    assert approvals > 40
    assert plain == approvals
    assert clerk.pressed["walk"] <= 3
    assert not acts
    await expect(page.get_by_text("今天的办件都办完了")).to_be_visible()
    assert morning.waiting() == []
    assert {number: morning.case(number)["status"] for number in sitting.meant} == sitting.meant
    returned = morning.case(sitting.returned)["corrections"]
    assert [one["comment"] for one in returned] == ["请照合同写", "请写单位全称，与劳动合同或营业执照一致。"]
    assert morning.case(sitting.rejected)["decision"]["comment"] == "不属于本工会，请改选工作所在地的工会。"
