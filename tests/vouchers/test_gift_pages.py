"""Pages and doors of gifts: bring them to a station, take one, hand it over, and say why not."""

from typing import Any

from backend.core import ids
from backend.vouchers import queries
from backend.vouchers.enums import CampaignKind
from tests.casework.browser import browse, hidden
from tests.vouchers.gifts import hand_over, stations_of
from tests.vouchers.world import County, broken, opened


async def test_a_station_is_opened_changed_and_given_stock(county: County, app: Any) -> None:
    campaign = await opened(county, name="清凉包", kind=CampaignKind.GIFT, threshold_fen=0)
    desk, list_ = await browse(app, county.welfare), "/desk/gift-stations"
    new = {"union_id": ids.public(county.unit.id), "name": "站", "address": "望城街 3 号", "hours": "9:00–17:00"}
    short = await desk.post(list_, data=new)
    assert (short.status_code, "领取点名称要 2 到 40 个字。" in short.text) == (422, True)
    assert 'value="望城街 3 号"' in short.text
    assert (await desk.post(list_, data=new | {"name": "快递驿站"})).status_code == 303
    [station] = (await queries.desk_stations(county.welfare)).items
    assert "快递驿站" in (await desk.get(list_)).text
    changed = {"name": "望城驿站", "address": "", "hours": "", "active": "1", "version": str(station.version)}
    assert (await desk.post(f"{list_}/{station.id}", data=changed)).status_code == 303
    stale = await desk.post(f"{list_}/{station.id}", data=changed)
    assert (stale.status_code, "刚刚被其他人改过" in stale.text) == (409, True)
    at = f"/desk/voucher-campaigns/{campaign}"
    assert "新增领取点" in (await desk.get(at)).text
    too_much = await desk.post(f"{at}/stocks", data={"station": station.id, "stock": "101"})
    assert (too_much.status_code, "这里最多能放 100 份" in too_much.text) == (422, True)
    assert (await desk.post(f"{at}/stocks", data={"station": station.id, "stock": "60"})).status_code == 303
    shown = (await desk.get(at)).text
    assert "望城驿站入库总数" in shown and 'value="60"' in shown and "新增领取点" not in shown


async def test_a_member_takes_a_gift_and_shows_its_code(county: County, app: Any) -> None:
    there, member = await stations_of(county, near=1), await county.member()
    browser, at = await browse(app, member), f"/vouchers/{there.campaign}"
    page = (await browser.get(at)).text
    assert "快递驿站（剩 1 份）" in page and "望城街 3 号" in page
    nonce = {"nonce": hidden(page, "nonce")}
    without = await browser.post(f"{at}/claim", data=nonce)
    assert (without.status_code, "请选择在哪里领" in without.text) == (422, True)
    taken = await browser.post(f"{at}/claim", data=nonce | {"station": there.near})
    assert taken.status_code == 303
    shown = (await browser.get(taken.headers["location"])).text
    assert "快递驿站 望城街 3 号 9:00–17:00" in shown and "扫不了就报领取码" in shown
    late = await browse(app, await county.member())
    gone = await late.post(f"{at}/claim", data={"nonce": "late", "station": there.near})
    assert (gone.status_code, "“快递驿站”的礼品已经领完" in gone.text) == (409, True)
    assert "快递驿站（已领完）" in gone.text
    [voucher] = (await queries.own_vouchers(member)).items
    await hand_over(there.giver, there.near, voucher.code)
    assert "在“快递驿站”领的" in (await browser.get(taken.headers["location"])).text
    assert "在“快递驿站”领了" in (await browser.get("/me/vouchers?over=1")).text
    assert "快递驿站" in (await (await browse(app)).get(at)).text


async def test_staff_of_a_station_hand_over_by_code(county: County, app: Any) -> None:
    there, member = await stations_of(county), await county.member()
    door = f"/api/v1/voucher-campaigns/{there.campaign}/claims?station={there.near}"
    taken = (await (await browse(app, member)).post(door)).json()
    assert taken["station"]["name"] == "快递驿站"
    desk, form = await browse(app, there.giver), {"station": there.near, "code": taken["code"]}
    assert "快递驿站" in (await desk.get("/desk/handovers")).text
    wrong = await desk.post("/desk/handovers", data=form | {"code": "ABCD"})
    assert (wrong.status_code, "没有这个领取码" in wrong.text, 'value="ABCD"' in wrong.text) == (422, True, True)
    given = await desk.post("/desk/handovers", data=form)
    assert given.status_code == 303
    assert "可以发了：清凉包" in (await desk.get(given.headers["location"])).text
    again = await desk.post("/desk/handovers", data=form)
    assert (again.status_code, "已经发过：3月10日 09:00 在“快递驿站”" in again.text) == (409, True)
    answer = await desk.post("/api/v1/desk/handovers", json=form)
    assert (answer.status_code, answer.json()["station"], answer.json()["at"]) == (
        409,
        "快递驿站",
        "2026-03-10T09:00:00+08:00",
    )
    assert (await (await browse(app, county.treasurer)).get("/desk/handovers")).status_code == 403
    assert await broken() == []


async def test_doors_of_stations(county: County, app: Any) -> None:
    there = await stations_of(county)
    desk, base = await browse(app, county.welfare), "/api/v1/desk/gift-stations"
    made = await desk.post(base, json={"union_id": ids.public(county.unit.id), "name": "高桥驿站"})
    assert (made.status_code, made.json()["state"]) == (201, "active")
    at = f"{base}/{made.json()['id']}"
    changed = await desk.post(at, json={"name": "高桥驿站", "version": 1})
    assert (changed.status_code, changed.json()["state_text"]) == (200, "已停用")
    assert (await desk.get(at)).json() == changed.json()
    assert [one["name"] for one in (await desk.get(base)).json()["items"]] == ["高桥驿站", "黄枫驿站", "快递驿站"]
    stock = {"station": made.json()["id"], "stock": 9}
    brought = await desk.post(f"/api/v1/desk/voucher-campaigns/{there.campaign}/stocks", json=stock)
    assert [one["left"] for one in brought.json()["stocks"]] == [5, 9, 5]
    public = (await (await browse(app)).get(f"/api/v1/voucher-campaigns/{there.campaign}")).json()
    assert {one["name"] for one in public["stations"]} == {"快递驿站", "黄枫驿站"}
