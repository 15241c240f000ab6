"""axe-core finds nothing on any page in any mode; everything can be hit with a thumb; nothing scrolls sideways."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, ViewportSize

from tests.browser.pages import DESK, LOOKS, PORTAL, TILL, Facts, Look, gather
from tests.browser.people import Somebody, agree, fill_person, fill_work, go_on
from tests.browser.product import DESK as WIDE
from tests.browser.product import PHONE, Product

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

AXE = (Path(__file__).parents[2] / "portal_templates/assets/node_modules/axe-core/axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES, THEMES = ("normal", "elder"), ("light", "dark")
# Swagger's own page; nobody opens it with a thumb.
FOR_PROGRAMMERS = {"/api/docs"}
NARROW = ViewportSize(width=320, height=640)

# What is pressed, chosen or typed into. Boxes and radio buttons are hit by their labels.
SMALL = """() => {
  const controls = "button, summary, select, textarea, .weui-btn, .weui-tabbar__item, label:has(input),"
    + " input:not([type=hidden], [type=checkbox], [type=radio])";
  const hidden = (one) => one.closest(".sr-only, .skip, [hidden], [inert]") || !one.checkVisibility();
  return [...document.querySelectorAll(controls)].filter((one) => !hidden(one) && !one.disabled).flatMap((one) => {
    const box = one.getBoundingClientRect();
    const small = box.width > 1 && (Math.round(box.height) < 44 || Math.round(box.width) < 44);
    return small ? [`${one.outerHTML.slice(0, 120)} ${Math.round(box.width)}x${Math.round(box.height)}`] : [];
  });
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def facts(product: Product) -> Facts:
    return gather(product)


Visitor = Callable[[str], Awaitable[Page]]


@asynccontextmanager
async def visitors(chromium: Browser, product: Product, facts: Facts, size: ViewportSize) -> AsyncIterator[Visitor]:
    """One window for everybody who looks."""
    async with AsyncExitStack() as stack:
        pages: dict[str, Page] = {}

        async def page_of(who: str) -> Page:
            if who not in pages:
                made = await chromium.new_context(
                    base_url=product, locale="zh-CN", viewport=size, reduced_motion="reduce"
                )
                context = await stack.enter_async_context(made)
                context.set_default_timeout(30_000)
                if token := facts.tokens[who]:
                    await context.add_cookies([{"name": "session", "value": token, "url": product}])
                pages[who] = await context.new_page()
            return pages[who]

        yield page_of


@pytest.fixture
async def phones(chromium: Browser, product: Product, facts: Facts) -> AsyncIterator[Visitor]:
    async with visitors(chromium, product, facts, PHONE) as page_of:
        yield page_of


@pytest.fixture
async def screens(chromium: Browser, product: Product, facts: Facts) -> AsyncIterator[Visitor]:
    async with visitors(chromium, product, facts, WIDE) as page_of:
        yield page_of


async def arrive(page: Page, look: Look, facts: Facts) -> None:
    """The page that was meant, and not where somebody without a session ends up."""
    path = facts.path(look)
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == look.status, path
    there = urlsplit(page.url)
    if look.lands:
        assert there.path == look.lands.format_map(facts.values), path
    else:
        assert f"{unquote(there.path)}{'?' + unquote(there.query) if there.query else ''}" == path


async def in_size(page: Page, product: Product, size: str) -> None:
    await page.context.add_cookies([{"name": "size", "value": size, "url": product}])


async def axe(page: Page, name: str) -> list[str]:
    """What axe has to say in both themes, one line a finding.

    The whole page is seen at once: a bar at the foot of the screen covers what one would scroll to.
    """
    found, size = [], page.viewport_size
    assert size is not None
    height = max(size["height"], await page.evaluate("document.documentElement.scrollHeight"))
    await page.set_viewport_size({"width": size["width"], "height": height})
    await page.evaluate(AXE)
    for theme in THEMES:
        await page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        result = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        found += [
            f"{theme} {name} {violation['id']} {node['target']} {node.get('failureSummary', '')[:200]}"
            for violation in result["violations"]
            for node in violation["nodes"][:3]
        ]
    await page.set_viewport_size(size)
    return found


async def walk(visitor: Visitor, product: Product, facts: Facts, looks: list[Look]) -> list[str]:
    found = []
    for size in SIZES:
        for look in looks:
            page = await visitor(look.who)
            await in_size(page, product, size)
            await arrive(page, look, facts)
            name = f"{size} {look.who} {look.path}"
            if look.door not in FOR_PROGRAMMERS:
                found += [f"{name}: too small: {one}" for one in await page.evaluate(SMALL)]
            found += await axe(page, name)
    return found


async def test_pages_of_the_portal(phones: Visitor, product: Product, facts: Facts) -> None:
    found = await walk(phones, product, facts, [*PORTAL, *TILL])
    assert found == [], "\n".join(found)


async def test_pages_of_the_desk(screens: Visitor, product: Product, facts: Facts) -> None:
    found = await walk(screens, product, facts, DESK)
    assert found == [], "\n".join(found)


SEND = """([path, fields]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: path});
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  document.body.append(form);
  form.submit();
}"""


class Sent(msgspec.Struct, frozen=True):
    """A form as somebody sends it, and what comes of it."""

    who: str
    path: str
    fields: dict[str, str]
    status: int


SENT = [
    Sent("guest", "/sign-in/code", {"phone": "154"}, 422),
    Sent("guest", "/sign-in/code", {"phone": "15499900001"}, 200),
    Sent("guest", "/sign-in/code", {"phone": "15499900001"}, 429),
    Sent("guest", "/sign-in", {"phone": "15499900001", "code": "12"}, 422),
    Sent("guest", "/sign-in", {"phone": "15499900001", "code": "000000"}, 401),
    Sent("guest", "/desk/sign-in", {"username": "demo-town", "password": "wrong"}, 401),
    Sent("nobody", "/me/confirm", {"id_no": "990001"}, 422),
    Sent("nobody", "/services/member-join/apply?screen=1", {"go": "next", "employ_form": "newform"}, 422),
    Sent("nobody", "/services/member-join/apply?screen=2", {"go": "next", "id_no": "990001"}, 422),
    Sent("nobody", "/cases/{case}/withdraw", {}, 404),
    Sent("applicant", "/cases/{case}/correction", {"employer": "", "version": "2"}, 405),
    Sent("applicant", "/cases/{case}/corrections", {"employer": "快" * 200, "version": "2"}, 422),
    Sent("clerk", "/desk/cases/{desk_case}/decisions", {"action": "reject", "version": "1"}, 422),
    Sent("clerk", "/desk/cases/{desk_case}/decisions", {"action": "return", "flag": "employer", "version": "1"}, 422),
    Sent("clerk", "/desk/cases/{desk_case}/decisions", {"action": "approve", "version": "99"}, 409),
    Sent("applicant", "/cases/{case}/messages", {"text": ""}, 422),
    Sent("clerk", "/desk/cases/{case}/messages", {"text": "请打 15400000001"}, 422),
    Sent("clerk", "/desk/cases/{asked}/questions", {"text": "", "due_on": "2020-01-01"}, 422),
    Sent("county", "/desk/questions/{question}/answer", {"text": ""}, 422),
    Sent("clerk", "/desk/phrases", {"text": ""}, 422),
    Sent("clerk", "/desk/filing/member-join", {"real_name": "王", "id_no": "1"}, 422),
    Sent("clerk", "/desk/invites", {"union_id": "{union}", "max_uses": "0", "expires_on": "2020-01-01"}, 422),
    Sent("clerk", "/desk/members/import", {"union_id": "{union}"}, 422),
    Sent("clerk", "/desk/password", {"current": "x", "new": "y", "again": "z"}, 422),
    Sent("clerk", "/desk/totp", {"code": "000000"}, 422),
    Sent("clerk", "/desk/unions", {"name": "不行"}, 403),
    Sent("admin", "/desk/unions", {"name": "", "kind": "grassroots", "level": "unit", "parent_id": "{union}"}, 422),
    Sent("admin", "/desk/unions/{union}/name", {"name": "", "version": "1"}, 422),
    Sent("admin", "/desk/unions/{union}/dissolve", {"confirm": "别的", "version": "1"}, 422),
    Sent("admin", "/desk/staff", {"username": "x", "display": "", "union_id": "{union}", "roles": "desk"}, 422),
]


async def test_what_comes_of_sending_something_wrong(phones: Visitor, product: Product, facts: Facts) -> None:
    found = []
    for sent in SENT:
        page = await phones(sent.who)
        path = sent.path.format_map(facts.values)
        fields = {name: value.format_map(facts.values) for name, value in sent.fields.items()}
        await page.goto("/offline")
        async with page.expect_navigation(wait_until="load") as arriving:
            await page.evaluate(SEND, [path, fields])
        answer = await arriving.value
        name = f"{sent.who} {sent.path} {sent.status}"
        if answer.status != sent.status:
            found.append(f"{name}: {answer.status}")
        found += [f"{name}: too small: {one}" for one in await page.evaluate(SMALL)]
        found += await axe(page, name)
    assert found == [], "\n".join(found)


async def test_the_last_screen_before_sending(phones: Visitor, product: Product, facts: Facts) -> None:
    """What a person reads before she agrees, with everything filled in."""
    page = await phones("nobody")
    await page.goto("/services/member-join/apply")
    await fill_work(page)
    await go_on(page)
    await fill_person(page, Somebody())
    await go_on(page)
    await agree(page)
    assert await axe(page, "filled") == []
    assert await page.evaluate(SMALL) == []


@pytest.mark.parametrize(
    ("size", "text"),
    [(NARROW, 100), (PHONE, 200), (WIDE, 200)],
    ids=["320 px", "phone, large text", "desk, large text"],
)
async def test_no_page_scrolls_sideways(
    chromium: Browser, product: Product, facts: Facts, size: ViewportSize, text: int
) -> None:
    wide = []
    async with visitors(chromium, product, facts, size) as page_of:
        for mode in SIZES:
            for look in LOOKS if size != WIDE else DESK:
                page = await page_of(look.who)
                await in_size(page, product, mode)
                await arrive(page, look, facts)
                await page.evaluate("text => { document.documentElement.style.fontSize = `${text}%` }", text)
                if over := await page.evaluate(SIDEWAYS):
                    wide.append(f"{mode} {look.who} {look.path}: {over} px too wide")
    assert wide == [], "\n".join(wide)


async def test_a_page_loads_little(phone: BrowserContext, product: Product) -> None:
    """At most 150 KB and six requests, HTML included."""
    page = await phone.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - playwright wraps functions only
    await page.goto("/", wait_until="networkidle")
    sizes = {response.url: len(await response.body()) for response in responses}
    assert len(sizes) <= 6, sizes
    assert sum(sizes.values()) <= 150_000, sizes
