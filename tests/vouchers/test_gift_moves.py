"""Pieces of a gift go from one station to another: all of them together stay as many as there were."""

from collections import Counter
from typing import Any

import pytest

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.vouchers import commands, queries
from backend.vouchers.station_schemas import MoveInput, StationChange
from tests.allocation.samples import answers_of
from tests.casework.browser import browse, hidden
from tests.casework.world import new_union, staff
from tests.unguarded import without_lock, without_words
from tests.vouchers.gifts import Stations, bring, hand_over, station_of, stations_of
from tests.vouchers.world import County, broken


async def clerk_of(county: County) -> Actor:
    """At the window of the whole county; towns have the same role."""
    return await staff("周小窗", (county.union, "desk"))


async def move(there: Stations, actor: Actor, count: int, nonce: str | None = None, **changes: Any) -> str:
    given = {"from_station": there.near, "to_station": there.far, "campaign": there.campaign, "count": count}
    return await commands.move_stock(actor, data=MoveInput(**(given | changes)), nonce=nonce)


async def refusals(awaitable: Any) -> dict[str, str]:
    with pytest.raises(AppError) as refused:
        await awaitable
    return {one.field: one.message for one in refused.value.errors}


async def stock(county: County, campaign: str) -> dict[str, tuple[int, int]]:
    """Of each station what it has and what it may give."""
    shown = (await queries.desk_campaign(campaign, county.welfare)).stocks
    return {one.station_name: (one.stock, one.left) for one in shown}


async def test_pieces_go_to_another_station_and_are_written_down(county: County) -> None:
    there, clerk = await stations_of(county, near=5, far=5), await clerk_of(county)
    made = await move(there, clerk, 3, nonce="once", remark="  中午  来取 ")
    assert await move(there, clerk, 3, nonce="once") == made  # the same form sent again
    assert await stock(county, there.campaign) == {"快递驿站": (2, 2), "黄枫驿站": (8, 8)}
    for station in (there.near, there.far):
        [moved, brought] = (await queries.station_moves(station, clerk)).items
        assert (moved.id, moved.gift, moved.count) == (made, "清凉包", 3)
        assert (moved.from_station, moved.to_station) == ("快递驿站", "黄枫驿站")
        assert (moved.remark, moved.moved_by, moved.at) == ("中午 来取", "周小窗", "2026-03-10T09:00:00+08:00")
        assert (brought.from_station, brought.count, brought.moved_by) == ("", 5, "邹小红")
    await bring(county, there.campaign, there.far, 6)
    back = (await queries.station_moves(there.far, clerk)).items[0]
    assert (back.from_station, back.to_station, back.count) == ("黄枫驿站", "", 2)
    noted = await database.rows("SELECT action FROM audit WHERE object_kind = 'gift_move'")
    assert [row["action"] for row in noted] == ["stock.moved"]
    assert await broken() == []


async def test_what_is_promised_or_handed_over_stays(county: County) -> None:
    there, clerk = await stations_of(county, near=5, far=5), await clerk_of(county)
    taken = [
        await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near) for _ in range(2)
    ]
    await hand_over(there.giver, there.near, taken[0].code)
    assert await refusals(move(there, clerk, 4)) == {"count": "“快递驿站”还能调出 3 份，其余的已领走或给会员留着。"}
    await move(there, clerk, 3)
    assert await stock(county, there.campaign) == {"快递驿站": (2, 0), "黄枫驿站": (8, 8)}
    await hand_over(there.giver, there.near, taken[1].code)
    lone = await station_of(county, "高桥驿站")
    await move(there, clerk, 8, from_station=there.far, to_station=lone)
    assert await stock(county, there.campaign) == {"快递驿站": (2, 0), "黄枫驿站": (0, 0), "高桥驿站": (8, 8)}
    assert await broken() == []


async def test_what_cannot_be_moved_is_said_beside_the_field(county: County) -> None:
    there, clerk = await stations_of(county), await clerk_of(county)
    assert await refusals(move(there, clerk, 0, to_station="", remark="长" * 101)) == {
        "to_station": "请选择调到哪个领取点。",
        "count": "请填写调拨的份数，至少 1 份。",
        "remark": "备注最多写 100 个字。",
    }
    assert await refusals(move(there, clerk, 1, to_station=there.near)) == {
        "to_station": "调出和调入不能是同一个领取点。"
    }
    assert await refusals(move(there, clerk, 1, campaign="0000000000001")) == {
        "campaign": "“快递驿站”没有正在发放的这项礼品，请重新选择。"
    }
    version = (await queries.desk_station(there.far, county.welfare)).version
    closed = StationChange(name="黄枫驿站", active=False, version=version)
    await commands.change_station(county.welfare, station=there.far, data=closed)
    assert await refusals(move(there, clerk, 1)) == {"to_station": "“黄枫驿站”已停用，不能调入。"}
    await move(there, clerk, 1, from_station=there.far, to_station=there.near)
    await database.execute("UPDATE voucher_campaign SET state = 'closed' WHERE id > 0")
    assert list(await refusals(move(there, clerk, 1, from_station=there.far, to_station=there.near))) == ["campaign"]


async def test_a_town_moves_between_its_own_stations_only(county: County) -> None:
    there = await stations_of(county)
    other = await new_union("高桥镇总工会", "town", "990121002", county.union)
    stranger = await staff("李小外", (other, "desk"))
    with pytest.raises(AppError) as refused:
        await move(there, stranger, 1)
    assert refused.value.status == 404
    assert await queries.moving_stations(stranger) == []
    town = await database.scalar("SELECT id FROM union_org WHERE name = '黄枫镇总工会'")
    own = await staff("周小镇", (await type(other).get(id=town), "desk"))
    await move(there, own, 1)
    assert await stock(county, there.campaign) == {"快递驿站": (4, 4), "黄枫驿站": (6, 6)}


async def test_a_desk_moves_stock_on_its_page(county: County, app: Any) -> None:
    there = await stations_of(county)
    desk, at = await browse(app, await clerk_of(county)), f"/desk/gift-moves?station={there.near}"
    page = (await desk.get(at)).text
    assert "从快递驿站调出" in page and "清凉包（可调 5 份）" in page and "入库到快递驿站" in page
    form = {"from_station": there.near, "campaign": there.campaign, "to_station": there.far, "remark": "周二送去"}
    form |= {"submission_key": hidden(page, "submission_key"), "count": "6"}
    refused = await desk.post("/desk/gift-moves", data=form)
    assert (refused.status_code, "“快递驿站”还能调出 5 份" in refused.text) == (422, True)
    assert 'value="周二送去"' in refused.text and 'value="6"' in refused.text
    wrong = await desk.post("/desk/gift-moves", data=form | {"count": "几个"})
    assert (wrong.status_code, 'value="几个"' in wrong.text) == (422, True)
    for _ in range(2):  # pressed twice
        moved = await desk.post("/desk/gift-moves", data=form | {"count": "2"})
        assert moved.status_code == 303
    shown = (await desk.get(moved.headers["location"])).text
    assert "已经调拨" in shown and "快递驿站 → 黄枫驿站" in shown and "周小窗：周二送去" in shown
    assert await stock(county, there.campaign) == {"快递驿站": (3, 3), "黄枫驿站": (7, 7)}
    assert (await (await browse(app, there.giver)).get("/desk/gift-moves")).status_code == 403
    assert "库存和进出记录" in (await (await browse(app, county.welfare)).get(f"/desk/gift-stations/{there.near}")).text


async def test_doors_of_moves(county: County, app: Any) -> None:
    there = await stations_of(county)
    desk, base = await browse(app, await clerk_of(county)), "/api/v1/desk"
    body = {"from_station": there.near, "to_station": there.far, "campaign": there.campaign, "count": 2}
    headers = {"Idempotency-Key": ids.public(ids.new_id())}
    answers = [await desk.post(f"{base}/gift-moves", json=body, headers=headers) for _ in range(2)]
    assert [(one.status_code, one.json()["count"]) for one in answers] == [(201, 2), (201, 2)]
    gifts = (await desk.get(f"{base}/gift-stations/{there.near}/gifts")).json()
    assert [(one["gift"], one["stock"], one["left"]) for one in gifts] == [("清凉包", 3, 3)]
    listed = (await desk.get(f"{base}/gift-stations/{there.far}/moves")).json()["items"]
    assert [(one["from_station"], one["to_station"], one["count"]) for one in listed] == [
        ("快递驿站", "黄枫驿站", 2),
        ("", "黄枫驿站", 5),
    ]
    assert await broken() == []


async def moved_at_once(county: County) -> tuple[Counter[str], int]:
    """Twenty of the five that a station has go at once, while three members ask for one there; and their sum."""
    there, clerk = await stations_of(county, near=5, far=5), await clerk_of(county)
    people = [await county.member() for _ in range(3)]
    asked = [commands.claim(campaign=there.campaign, actor=one, station=there.near) for one in people]
    counted = await answers_of(*asked, *(move(there, clerk, 1) for _ in range(20)))
    total = await database.scalar(
        "SELECT CAST(SUM(p.capacity) AS SIGNED) FROM gift_stock g JOIN pool p ON p.id = g.pool_id"
    )
    return counted, int(total)


@pytest.mark.race(control="test_control_without_its_condition_a_station_gives_more_than_it_has")
async def test_twenty_at_once_move_no_more_than_is_free(county: County) -> None:
    counted, total = await moved_at_once(county)
    assert (counted["ok"], total) == (5, 10)
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_station_gives_more_than_it_has(county: County) -> None:
    with without_lock(), without_words(" AND capacity - %s >= taken", " AND %s <> 0"):
        assert (await moved_at_once(county))[0]["ok"] > 5
