"""Shops at the desk, over the wire and on their pages: opened, changed, stopped; their tills; what these took."""

import re
from typing import Any

import httpx
import pytest

from backend.core import clock, ids
from backend.home.callers import load_actor
from backend.identity import commands as identity
from backend.vouchers import queries
from tests.casework.browser import browse, hidden
from tests.casework.world import new_union, staff
from tests.factories.people import caller
from tests.vouchers.tills import redeem, shop_of, voucher_of
from tests.vouchers.world import County, broken

API = "/api/v1/desk/shops"


@pytest.fixture
async def desk(county: County, app: Any) -> httpx.AsyncClient:
    return await browse(app, county.welfare)


async def test_a_shop_is_opened_changed_and_stopped_by_the_api(county: County, desk: httpx.AsyncClient) -> None:
    sent = {"union_id": ids.public(county.union.id), "name": "望城老街饭店", "offline_limit_fen": 500_00}
    opened = await desk.post(API, json=sent, headers={"idempotency-key": "open-1"})
    assert (opened.status_code, opened.json()["settle_cycle"], opened.json()["may_manage"]) == (201, "weekly", True)
    at = f"{API}/{opened.json()['id']}"
    changed = await desk.put(at, json={"name": "老街饭店", "settle_cycle": "monthly", "version": 1})
    assert (changed.json()["name"], changed.json()["settle_cycle_text"]) == ("老街饭店", "月结")
    late = await desk.put(at, json={"name": "老街", "version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "shop_changed")
    assert (await desk.post(f"{at}/stop")).json()["state_text"] == "已停用"
    assert (await desk.post(f"{at}/resume")).json()["state_text"] == "营业中"
    wrong = await desk.post(API, json=sent | {"name": "店", "offline_limit_fen": -1})
    assert [one["field"] for one in wrong.json()["errors"]] == ["name", "offline_limit_fen"]
    assert [one["id"] for one in (await desk.get(API)).json()["items"]] == [opened.json()["id"]]


async def test_a_cashier_is_added_reset_and_removed_by_the_api(county: County, desk: httpx.AsyncClient) -> None:
    at = f"{API}/{(await shop_of(county)).shop}/cashiers"
    made = await desk.post(at, json={"username": "till-api", "display": "李小收"})
    assert (made.status_code, made.json()["number"]) == (201, "03")
    again = await desk.post(at, json={"username": "till-api", "display": "李小收"})
    assert again.status_code in (409, 422)
    one = f"{at}/{made.json()['id']}"
    reset = (await desk.post(f"{one}/password")).json()
    assert reset["username"] == "till-api" and reset["first_password"] != made.json()["first_password"]
    session = await identity.open_staff_session("till-api", reset["first_password"], None, caller())
    assert session.pending == "password"
    assert (await desk.delete(one)).status_code == 204
    assert [row["number"] for row in (await desk.get(at)).json()] == ["01", "02"]
    assert (await desk.post(f"{one}/password")).status_code == 404


async def test_the_desk_reads_what_a_till_reads(county: County, desk: httpx.AsyncClient, app: Any) -> None:
    counter = await shop_of(county)
    voucher, _ = await voucher_of(county)
    await redeem(counter.first, voucher.code)
    till = await browse(app, counter.first)
    for path, params in (("redemptions", {}), ("statements/week", {}), ("statements/day", {"day": "2026-03-10"})):
        at_desk = await desk.get(f"{API}/{counter.shop}/{path}", params=params)
        assert at_desk.status_code == 200
        assert at_desk.json() == (await till.get(f"/api/v1/merchant/{path}", params=params)).json()
    sheets = [
        (await client.get(f"{path}/statements/week/sheet?format=csv")).content
        for client, path in ((desk, f"{API}/{counter.shop}"), (till, "/api/v1/merchant"))
    ]
    assert sheets[0] == sheets[1]
    assert (await desk.get(f"{API}/{counter.shop}/statements/year")).status_code == 404


async def test_a_shop_is_opened_and_changed_on_its_pages(county: County, desk: httpx.AsyncClient) -> None:
    empty = (await desk.get("/desk/shops")).text
    assert "还没有商户" in empty and " selected>星城县总工会" in empty
    form = {
        "union_id": ids.public(county.union.id),
        "name": "望城老街饭店",
        "address": "望城街 8 号",
        "settle_cycle": "weekly",
        "offline_limit_fen": "五百",
        "submission_key": hidden(empty, "submission_key"),
    }
    wrong = await desk.post("/desk/shops", data=form)
    assert wrong.status_code == 422 and "金额的写法不对" in wrong.text
    assert 'value="望城老街饭店"' in wrong.text and 'value="五百"' in wrong.text
    made = [await desk.post("/desk/shops", data=form | {"offline_limit_fen": "500"}) for _ in range(2)]
    assert made[0].headers["location"] == made[1].headers["location"]
    at = made[0].headers["location"].partition("?")[0]
    shown = (await desk.get(made[0].headers["location"])).text
    assert "商户已经开通" in shown and "¥500.00" in shown and "还没有收银员" in shown
    terms = {"name": "店", "address": "新街 1 号", "settle_cycle": "monthly", "version": "1"}
    refused = await desk.post(f"{at}/terms", data=terms)
    assert refused.status_code == 422 and "门店名称要 2 到 40 个字。" in refused.text
    assert 'value="新街 1 号"' in refused.text
    await desk.post(f"{at}/terms", data=terms | {"name": "老街饭店"})
    changed = (await desk.get(at)).text
    assert "月结" in changed and "不允许离线核销" in changed and "老街饭店" in changed
    late = await desk.post(f"{at}/terms", data=terms | {"name": "新街饭店"})
    assert late.status_code == 409 and "这家门店刚刚被其他人改过" in late.text and 'value="新街饭店"' in late.text
    assert (await desk.post(f"{at}/stop")).headers["location"] == f"{at}?done=stopped"
    assert "恢复核销" in (await desk.get(at)).text
    await desk.post(f"{at}/resume")
    assert "停用这家商户" in (await desk.get(at)).text


async def test_a_first_password_is_shown_once_on_the_page(county: County, desk: httpx.AsyncClient) -> None:
    counter = await shop_of(county)
    at = f"/desk/shops/{counter.shop}"
    wrong = await desk.post(f"{at}/cashiers", data={"username": "中文", "display": "李小收"})
    assert wrong.status_code == 422 and 'value="李小收"' in wrong.text and 'value="中文"' in wrong.text
    made = await desk.post(f"{at}/cashiers", data={"username": "laojie-09", "display": "李小收"})
    assert made.status_code == 200 and "只显示这一次" in made.text
    username, password = re.findall(r"<code>([^<]+)</code>", made.text)
    session = await identity.open_staff_session(username, password, None, caller())
    later = (await desk.get(at)).text
    assert password not in later and "laojie-09" in later and "还没登录过" in later
    third = (await queries.cashiers_of(counter.shop, county.welfare))[2]
    reset = await desk.post(f"{at}/cashiers/{third.id}/reset")
    assert "只显示这一次" in reset.text and password not in reset.text
    gone = await desk.post(f"{at}/cashiers/{third.id}/remove")
    assert gone.headers["location"] == f"{at}?done=removed"
    assert "laojie-09" not in (await desk.get(at)).text
    assert await load_actor(session.access_token) is None


async def test_what_a_shop_took_is_listed_by_day_and_summed(county: County, desk: httpx.AsyncClient, app: Any) -> None:
    counter = await shop_of(county)
    voucher, _ = await voucher_of(county)
    await redeem(counter.first, voucher.code, "A-77", 123_45)
    at = f"/desk/shops/{counter.shop}"
    listed = (await desk.get(f"{at}/redemptions")).text
    assert "A-77" in listed and "123.45" in listed and "待结算" in listed
    assert "这一天没有核销" in (await desk.get(f"{at}/redemptions?day=2026-03-09")).text
    month = (await desk.get(f"{at}/statement")).text
    assert "¥50.00" in month and "下载结算单" in month and "数字会变" in month
    clock.advance(days=40)
    desk = await browse(app, county.welfare)
    before = (await desk.get(f"{at}/statement?period=week&day=2026-03-12")).text
    assert "¥50.00" in before and "数字会变" not in before and "下一周" in before
    sheet = await desk.get(f"{at}/statement/sheet?period=week&day=2026-03-12&format=csv")
    assert "A-77" in sheet.content.decode("utf-8-sig")
    assert await broken() == []


async def test_who_may_see_a_shop_and_who_may_change_it(county: County, app: Any) -> None:
    counter = await shop_of(county)
    at = f"/desk/shops/{counter.shop}"
    reader, other = await browse(app, county.treasurer), await browse(app, county.leader)
    shown = (await reader.get(at)).text
    assert "望城老街饭店" in shown and "添加收银员" not in shown and f"{at}/stop" not in shown
    assert "开通一家商户" not in (await reader.get("/desk/shops")).text
    for path in ("stop", "cashiers", "terms"):
        assert (await reader.post(f"{at}/{path}", data={})).status_code == 403
    assert (await reader.get(f"/api/v1{at}/cashiers")).status_code == 403
    assert (await other.get(at)).status_code == 403
    elsewhere = await new_union("黄枫县总工会", "county", "990122", None)
    stranger = await browse(app, await staff("邹小外", (elsewhere, "dept_welfare")))
    for path in ("", "/redemptions", "/statement", "/statement/sheet"):
        assert (await stranger.get(f"{at}{path}")).status_code == 404
    for path in ("/stop", "/resume"):
        assert (await stranger.post(f"{at}{path}")).status_code == 404
    sent = {"union_id": ids.public(county.union.id), "name": "别人的店"}
    assert (await stranger.post("/api/v1/desk/shops", json=sent)).status_code == 404
