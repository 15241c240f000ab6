"""Sheets out and in, in a real Chromium: an export watched until it can be fetched, a list without JavaScript."""

import asyncio
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import BrowserContext, expect

from backend.core import sheets
from backend.core.national import synthetic_id_no
from tests.browser.people import Somebody, sign_in, staff_sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEADING = ["姓名", "身份证号", "手机号", "从事的行业"]


async def test_a_clerk_takes_the_queue_out(desk: BrowserContext) -> None:
    page = await desk.new_page()
    await staff_sign_in(page, "demo-town")
    await page.goto("/desk/cases?overdue=1")
    await page.get_by_role("link", name="导出", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("导出办件台账")
    await expect(page.get_by_text("只要逾期的")).to_be_visible()
    await page.get_by_label("用途").fill("逾期件核对")
    await page.get_by_role("button", name="开始导出").click()
    await page.wait_for_url("**/desk/exports")
    # The list asks again by itself until the worker has made the file.
    fetch = page.get_by_role("link", name="下载").first
    await expect(fetch).to_be_visible()
    async with page.expect_download() as begun:
        await fetch.click()
    file = await begun.value
    assert file.suggested_filename.startswith("办件台账_DC")
    content = await asyncio.to_thread(Path.read_bytes, Path(await file.path()))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    mark, names, *rows = sheet.iter_rows(values_only=True)
    assert (str(mark[0]).startswith("DC"), names[0], len(rows) > 0) == (True, "办件编号", True)


def people(count: int) -> bytes:
    """In a workbook; the third of them without a name."""
    rows = [
        ["王小测", synthetic_id_no(date(1991, 5, 1), one), f"154{one:08d}", "快递员"] for one in range(1, count + 1)
    ]
    rows[2][0] = ""
    return sheets.xlsx_bytes(HEADING, rows)


async def test_a_workplace_brings_its_list_without_javascript(plain_phone: BrowserContext, product: str) -> None:
    page, who = await plain_phone.new_page(), Somebody()
    await page.goto("/sign-in?next=/services")
    await sign_in(page, product, who.phone)
    await page.wait_for_url("**/services")
    await page.goto("/services/member-recruit/apply?screen=2")
    await page.locator("[name='roster.0.name']").fill("李手填")
    await page.locator("button[value='table.roster']").click()
    await expect(page.get_by_text("现在有 1 行")).to_be_visible()
    sheet = {"name": "花名册.xlsx", "mimeType": sheets.XLSX, "buffer": people(70)}
    await page.locator("input[name=sheet]").set_input_files(files=[sheet])  # type: ignore[arg-type]
    await page.get_by_role("button", name="上传并核对").click()
    await expect(page.get_by_text("第 4 行 姓名：请填写姓名")).to_be_visible()
    await page.get_by_role("button", name="填入这 69 行").click()
    await expect(page.get_by_text("申请表里现在有 70 行。还有 1 行没有填入")).to_be_visible()
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="下载要改的行").click()
    assert (await begun.value).suggested_filename == "花名册要改的行.xlsx"
    await page.get_by_role("link", name="回到申请表").click()
    await expect(page.get_by_text("已填 70 行，下面是前 5 行")).to_be_visible()
    await expect(page.get_by_text("李手填")).to_be_visible()
