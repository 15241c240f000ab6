"""Everybody sees how many gifts were given, by campaign and place, and nobody sees who got one."""

from typing import Any

from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignKind
from tests.casework.browser import browse
from tests.vouchers.gifts import hand_over, stations_of
from tests.vouchers.tills import redeem, shop_of, voucher_of
from tests.vouchers.world import County, opened


async def test_everybody_sees_how_many_were_given_and_where(county: County, app: Any) -> None:
    there, visitor = await stations_of(county), await browse(app)
    assert "还没有发出" in (await visitor.get("/vouchers/given")).text
    given = []
    for station in (there.near, there.near, there.near, there.far):
        taken = await commands.claim(campaign=there.campaign, actor=await county.member(), station=station)
        given.append(await hand_over(there.giver, station, taken.code))
    await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.far)  # not fetched
    await commands.take_back(handover=given[0].id, reason="扫错了码", actor=there.giver)
    await opened(county, name="消费券")  # no gift
    gift, _ = await voucher_of(county, name="毛巾礼包", kind=CampaignKind.GIFT, threshold_fen=0)
    await redeem((await shop_of(county)).first, gift.code)
    shown = [(one.name, one.given, [(at.place, at.given) for at in one.places]) for one in await all_given()]
    assert shown == [
        ("毛巾礼包", 1, [("望城老街饭店", 1)]),
        ("清凉包", 3, [("快递驿站", 2), ("黄枫驿站", 1)]),
    ]
    page = (await visitor.get("/vouchers/given")).text
    assert "礼品发放公示" in page and "快递驿站</dt><dd>2 份" in page and "王" not in page
    assert "/vouchers/given" in (await visitor.get("/vouchers")).text


async def all_given() -> list[Any]:
    return (await queries.gifts_given()).items


async def test_the_door_of_what_was_given_goes_on_page_by_page(county: County, app: Any) -> None:
    await stations_of(county)
    await opened(county, name="毛巾礼包", kind=CampaignKind.GIFT, threshold_fen=0)
    visitor, door = await browse(app), "/api/v1/gift-statistics?limit=1"
    first = (await visitor.get(door)).json()
    second = (await visitor.get(f"{door}&cursor={first['next_cursor']}")).json()
    assert [one["name"] for one in (*first["items"], *second["items"])] == ["毛巾礼包", "清凉包"]
    assert second["next_cursor"] is None
    assert second["items"][0] | {"campaign_id": ""} == {
        "campaign_id": "",
        "name": "清凉包",
        "state_text": "进行中",
        "total": 100,
        "given": 0,
        "opens_at": second["items"][0]["opens_at"],
        "closes_at": second["items"][0]["closes_at"],
        "places": [],
    }
