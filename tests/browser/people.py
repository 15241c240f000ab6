"""What a person does in the browser, in words: sign in, join, open a case."""

import json
import urllib.request
from datetime import date
from itertools import count

from playwright.async_api import Page

from backend.core.national import synthetic_id_no

_numbers = count(700)


class Somebody:
    """A synthetic person nobody used before: identity prefix 99, phone prefix 154."""

    def __init__(self) -> None:
        number = next(_numbers)
        self.phone = f"1549{number:07d}"
        self.id_no = synthetic_id_no(date(1990, 3, 7), number % 999 + 1)
        self.name = "王小测"


def outbox(address: str, phone: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{address}/api/v1/demo/outbox?to={phone}", timeout=5) as answer:  # noqa: S310
        return json.load(answer)["items"]


def sign_in_code(address: str, phone: str) -> str:
    text = next(item["text"] for item in outbox(address, phone) if item["template"] == "sign_in_code")
    return "".join(letter for letter in text if letter.isdigit())[:6]


async def sign_in(page: Page, address: str, phone: str) -> None:
    """From the page that asks for the phone to where it leads."""
    await page.get_by_label("手机号").fill(phone)
    await page.get_by_role("button", name="获取验证码").click()
    await page.get_by_label("6 位验证码").wait_for()
    await page.get_by_label("6 位验证码").fill(sign_in_code(address, phone))
    await page.get_by_role("button", name="登录", exact=True).click()


async def staff_sign_in(page: Page, username: str) -> None:
    await page.goto("/desk/sign-in")
    await page.locator("[name=username]").fill(username)
    await page.locator("[name=password]").fill("union-demo")
    await page.locator("main button[type=submit], form button[type=submit]").first.click()
    await page.wait_for_url("**/desk**")


async def fill_work(page: Page, *, town: str = "990121001") -> None:
    """The first screen of joining: a courier of a township."""
    await choose(page, "employ_form", "newform")
    await choose(page, "newform_group", "courier")
    await page.locator("[name=employer]").fill("测试快运")
    await choose(page, "division", town)


async def fill_person(page: Page, person: Somebody) -> None:
    await page.locator("[name=real_name]").fill(person.name)
    await page.locator("[name=id_no]").fill(person.id_no)


async def choose(page: Page, name: str, value: str) -> None:
    """A select or a group of radio buttons."""
    select = page.locator(f"select[name={name}]")
    if await select.count():
        await select.select_option(value)
    else:
        await page.locator(f"input[name={name}][value='{value}']").check()


async def agree(page: Page) -> None:
    await page.get_by_role("heading", name="确认并提交").wait_for()
    for box in await page.locator("input[type=checkbox]").all():
        await box.check()


async def go_on(page: Page) -> None:
    await page.locator("button[name=go][value=next]:visible, button[name=go][value=submit]:visible").last.click()
