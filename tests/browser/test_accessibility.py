"""axe-core finds nothing on any page in any of the four modes; no page scrolls sideways at 320 px."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, ViewportSize

from backend.demo.places import phone_number
from tests.browser.people import sign_in, staff_sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Path(__file__).parents[2] / "portal_templates/assets/node_modules/axe-core/axe.min.js"
MODES = [(theme, size) for theme in ("light", "dark") for size in ("normal", "elder")]
MEMBER = phone_number(102)  # admitted through the portal
APPLICANT = phone_number(3)  # has a case that was returned
OTHER_APPLICANT = phone_number(19)  # one SMS code a minute and phone

GUEST_PAGES = ["/", "/services", "/services/member-join", "/sign-in", "/nowhere", "/offline"]
MEMBER_PAGES = ["/", "/services?q=住院", "/cases", "/me", "/me/card", "/me/inbox", "/me/views", "/me/consents"]
FORM_PAGES = [
    "/services/member-join/apply",
    "/services/member-join/apply?screen=2",
    "/services/member-join/apply?screen=3",
]
CLERK_PAGES = [
    "/desk/cases",
    "/desk/filing",
    "/desk/filing/member-join",
    "/desk/invites",
    "/desk/members",
    "/desk/nowhere",
]
ADMIN_PAGES = ["/desk/unions", "/desk/staff", "/desk/members/import"]


async def in_mode(context: BrowserContext, address: str, theme: str, size: str) -> None:
    await context.add_cookies(
        [{"name": "theme", "value": theme, "url": address}, {"name": "size", "value": size, "url": address}]
    )


async def findings(page: Page, path: str) -> list[str]:
    """What axe has to say, one line a finding."""
    await page.goto(path)
    await page.evaluate(AXE.read_text("utf-8"))
    result = await page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [
        f"{path} {violation['id']} {node['target']} {node.get('failureSummary', '')[:160]}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]


async def walk(context: BrowserContext, product: str, paths: list[str]) -> None:
    page = await context.new_page()
    found: list[str] = []
    for theme, size in MODES:
        await in_mode(context, product, theme, size)
        for path in paths:
            found += [f"{theme} {size} {line}" for line in await findings(page, path)]
    assert found == []


async def test_pages_of_guests(phone: BrowserContext, product: str) -> None:
    await walk(phone, product, GUEST_PAGES)


async def test_pages_of_members(phone: BrowserContext, product: str) -> None:
    page = await phone.new_page()
    await page.goto("/sign-in?next=/me")
    await sign_in(page, product, MEMBER)
    await page.wait_for_url("**/me")
    await walk(phone, product, MEMBER_PAGES)


async def test_pages_of_an_application(phone: BrowserContext, product: str) -> None:
    page = await phone.new_page()
    await page.goto("/sign-in?next=/cases")
    await sign_in(page, product, APPLICANT)
    await page.wait_for_url("**/cases")
    case = await page.locator("a[href^='/cases/RH']").first.get_attribute("href")
    assert case
    case = "/".join(case.split("/")[:3])
    await walk(phone, product, [*FORM_PAGES, case, f"{case}/correction", f"{case}/receipt"])


async def test_pages_of_the_desk(desk: BrowserContext, product: str) -> None:
    page = await desk.new_page()
    await staff_sign_in(page, "demo-town")
    await page.goto("/desk/cases")
    case = await page.locator("a[href*='/desk/cases/RH']").first.get_attribute("href")
    assert case
    await walk(desk, product, [*CLERK_PAGES, case])


async def test_pages_of_administration(desk: BrowserContext, product: str) -> None:
    await staff_sign_in(await desk.new_page(), "demo-admin")
    await walk(desk, product, ADMIN_PAGES)


async def test_no_page_scrolls_sideways_on_a_small_phone(chromium: Browser, product: str) -> None:
    viewport = ViewportSize(width=320, height=640)
    context = await chromium.new_context(base_url=product, viewport=viewport, is_mobile=True)
    page = await context.new_page()
    await page.goto("/sign-in?next=/cases")
    await sign_in(page, product, OTHER_APPLICANT)
    await page.wait_for_url("**/cases")
    for size in ("normal", "elder"):
        await in_mode(context, product, "light", size)
        for path in [*GUEST_PAGES, "/cases", *FORM_PAGES]:
            await page.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 320, (size, path)
    await context.close()


async def test_a_page_loads_little(phone: BrowserContext, product: str) -> None:
    """At most 150 KB and six requests, HTML included."""
    page = await phone.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - playwright wraps functions only
    await page.goto("/", wait_until="networkidle")
    sizes = {response.url: len(await response.body()) for response in responses}
    assert len(sizes) <= 6, sizes
    assert sum(sizes.values()) <= 150_000, sizes
