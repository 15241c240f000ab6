"""What outcomes left behind, through the doors: JSON and pages."""

from typing import Any

import msgspec
import pytest

from backend.core import ids
from backend.core.settings import Settings
from tests.bindings.acting import approved, form
from tests.bindings.test_outcomes import roster
from tests.casework.browser import application, browse
from tests.casework.world import World, person


@pytest.fixture(scope="session")
def app(settings: Settings, kernel: None) -> Any:
    return application(settings)


async def test_the_applicant_reads_entries_and_amounts(world: World, app: Any) -> None:
    actor = await person(world)
    policy = await approved(world, "mutual-aid-enrol", form(world, plan_ref="hospital", period="2026"), actor)
    aid = await approved(world, "temporary-aid", form(world, request_amount=123_400), actor)
    async with await browse(app, actor) as browser:
        [record] = (await browser.get("/api/v1/me/records")).json()["items"]
        assert (record["number"], record["state"], record["case_number"]) == (
            policy["record_no"],
            "active",
            policy["number"],
        )
        [due] = (await browser.get("/api/v1/me/payments")).json()["items"]
        assert (due["amount_fen"], due["state"], due["case_number"]) == (123_400, "waiting", aid["number"])
        page = (await browser.get("/me/records")).text
        for words in ("互助凭证", policy["record_no"], "1,234.00 元", "已核定，等待拨付"):
            assert words in page
        case = (await browser.get(f"/cases/{policy['number']}")).text
        assert "办理结果" in case
        assert policy["record_no"] in case
        assert "已核定，等待拨付" in (await browser.get(f"/cases/{aid['number']}")).text
    async with await browse(app, await person(world)) as stranger:
        assert (await stranger.get("/api/v1/me/records")).json() == {"items": [], "next_cursor": None}
        assert (await stranger.get("/api/v1/me/payments")).json() == {"items": [], "next_cursor": None}
        assert "还没有登记" in (await stranger.get("/me/records")).text


async def test_the_desk_reads_its_registers(world: World, app: Any) -> None:
    policy = await approved(world, "mutual-aid-enrol", form(world, plan_ref="hospital", period="2026"))
    async with await browse(app, world.clerk) as browser:
        [row] = (await browser.get("/api/v1/desk/records", params={"kind": "policy"})).json()["items"]
        assert (row["number"], row["subject"]) == (policy["record_no"], "王小测")
        page = (await browser.get("/desk/records", params={"status": "active", "q": policy["record_no"]})).text
        assert policy["record_no"] in page
        assert f"/desk/cases/{policy['number']}" in page
        assert "没有找到" in (await browser.get("/desk/records", params={"q": "没有的人"})).text
        assert policy["record_no"] in (await browser.get(f"/desk/cases/{policy['number']}")).text
    async with await browse(app, world.far_clerk) as stranger:
        assert (await stranger.get("/api/v1/desk/records")).json()["items"] == []
    async with await browse(app, await person(world)) as nobody:
        assert (await nobody.get("/api/v1/desk/records")).status_code == 403


async def test_a_list_is_reported_row_by_row(world: World, app: Any) -> None:
    actor = await person(world)
    rows = [*roster(1), {"name": "李小试", "id_no": "1", "mobile": "2", "group": ""}]
    values = {"org_ref": ids.public(world.unit.id), "roster": rows}
    answer = await approved(world, "member-recruit", values, actor)
    async with await browse(app, actor) as browser:
        page = (await browser.get(f"/cases/{answer['number']}")).text
        assert "1 人" in page
        assert "第 2 行没有入会" in page
    assert msgspec.json.encode(answer).count(b"roster") == 0
