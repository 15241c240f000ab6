"""Gifts: taken at a station that has them, handed over there once, and counted all the way."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.core import clock, database
from backend.core.errors import AppError, Conflict, Invalid
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.station_schemas import StationChange, StockInput
from tests.allocation.samples import answers_of
from tests.casework.world import staff
from tests.unguarded import without_keys, without_lock, without_words
from tests.vouchers.gifts import bring, hand_over, station_of, stations_of
from tests.vouchers.test_distribution import finished
from tests.vouchers.tills import redeem, shop_of, voucher_of
from tests.vouchers.world import County, broken, opened


async def refusal(awaitable: Any) -> tuple[str, str]:
    with pytest.raises(AppError) as refused:
        await awaitable
    error = refused.value
    return error.code, error.errors[0].message if error.errors else error.detail


async def test_a_gift_is_taken_at_a_station_and_handed_over_there_once(county: County) -> None:
    there, member = await stations_of(county), await county.member()
    taken = await commands.claim(campaign=there.campaign, actor=member, station=there.near)
    assert taken.station is not None and (taken.station.name, taken.state) == ("快递驿站", "issued")
    left = {one.name: one.left for one in (await queries.public_campaign(there.campaign)).stations}
    assert left == {"快递驿站": 4, "黄枫驿站": 5}
    assert (await refusal(hand_over(there.giver, there.far, taken.code)))[1] == (
        "这份礼品要到“快递驿站”领取，这里不能发。"
    )
    given = await hand_over(there.giver, there.near, taken.code)
    assert (given.gift, given.station, given.at) == ("清凉包", "快递驿站", "2026-03-10T09:00:00+08:00")
    clock.advance(minutes=9)
    for station in (there.near, there.far):
        assert await refusal(hand_over(there.giver, station, taken.code)) == (
            "already_handed_over",
            "这份礼品已经发过：3月10日 09:00 在“快递驿站”。",
        )
    mine = await queries.own_voucher(taken.id, member)
    assert mine.use is not None and (mine.state, mine.use.kind, mine.use.shop_name) == ("redeemed", "gift", "快递驿站")
    shown = await queries.desk_campaign(there.campaign, county.welfare)
    assert [(one.stock, one.taken, one.handed, one.left) for one in shown.stocks] == [(5, 1, 1, 4), (5, 0, 0, 5)]
    assert [one.id for one in (await queries.handovers(there.giver, station=there.near)).items] == [given.id]
    assert await broken() == []


async def test_a_picture_is_scanned_while_it_lives(county: County) -> None:
    there, member = await stations_of(county), await county.member()
    taken = await commands.claim(campaign=there.campaign, actor=member, station=there.near)
    picture = (await queries.scan_code(taken.id, member)).text
    clock.advance(seconds=61)
    assert (await refusal(hand_over(there.giver, there.near, picture)))[0] == "code_stale"
    picture = (await queries.scan_code(taken.id, member)).text
    assert (await hand_over(there.giver, there.near, picture)).gift == "清凉包"


async def test_one_chooses_a_station_that_has_some_left(county: County) -> None:
    there = await stations_of(county, near=1)
    first, second = [await county.member() for _ in range(2)]
    for station in ("", "0000000000001"):
        code, words = await refusal(commands.claim(campaign=there.campaign, actor=first, station=station))
        assert (code, words) == ("gift_station_missing", "请选择在哪里领，只能选列出的领取点。")
    await commands.claim(campaign=there.campaign, actor=first, station=there.near)
    assert await refusal(commands.claim(campaign=there.campaign, actor=second, station=there.near)) == (
        "gift_gone_here",
        "“快递驿站”的礼品已经领完，请换一个领取点。",
    )
    assert (await refusal(commands.claim(campaign=there.campaign, actor=first, station=there.far)))[0] == (
        "already_claimed"
    )
    version = (await queries.desk_station(there.far, county.welfare)).version
    change = StationChange(name="黄枫新站", active=False, version=version)
    await commands.change_station(county.welfare, station=there.far, data=change)
    assert [one.name for one in (await queries.public_campaign(there.campaign)).stations] == ["快递驿站"]
    assert (await refusal(commands.claim(campaign=there.campaign, actor=second, station=there.far)))[0] == (
        "gift_station_missing"
    )
    with pytest.raises(Conflict, match="station_changed"):
        await commands.change_station(county.welfare, station=there.far, data=change)
    assert await broken() == []


async def test_stock_is_never_more_than_approved_and_never_less_than_promised(county: County) -> None:
    there = await stations_of(county, near=5, far=5, total=12)
    await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    await bring(county, there.campaign, there.near, 7)
    assert await refusal(bring(county, there.campaign, there.near, 8)) == (
        "stock_too_much",
        "这里最多能放 7 份，各领取点加起来不能超过批准的总数。",
    )
    assert (await refusal(bring(county, there.campaign, there.near, 0)))[0] == "stock_below_taken"
    stale = StockInput(station=there.near, stock=6, version=0)
    assert (await refusal(commands.set_stock(county.welfare, campaign=there.campaign, data=stale)))[0] == (
        "stock_changed"
    )
    voucher = await opened(county, name="消费券")
    data = StockInput(station=there.near, stock=1)
    assert (await refusal(commands.set_stock(county.welfare, campaign=voucher, data=data)))[0] == "stock_no_gift"
    with pytest.raises(Invalid):
        await station_of(county, "站")
    assert await broken() == []


async def test_what_was_handed_out_takes_from_the_station_when_it_is_fetched(county: County) -> None:
    there = await stations_of(county, near=1, mode=CampaignMode.TARGETED, total=10)
    first, second = [await county.member() for _ in range(2)]
    await commands.distribute(campaign=there.campaign, actor=county.welfare)
    await finished(await database.scalar("SELECT id FROM voucher_distribution"))
    [one], [other] = [(await queries.own_vouchers(actor)).items for actor in (first, second)]
    assert one.station is None
    await hand_over(there.giver, there.near, one.code)
    assert (await refusal(hand_over(there.giver, there.near, other.code)))[0] == "gift_gone_here"
    await hand_over(there.giver, there.far, other.code)
    lone = await station_of(county, "高桥驿站")
    assert (await refusal(hand_over(there.giver, lone, one.code)))[0] == "already_handed_over"
    assert await broken() == []


async def test_tills_take_no_gift_and_stations_no_voucher(county: County) -> None:
    there, counter = await stations_of(county), await shop_of(county)
    gift = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    with pytest.raises(Conflict, match="voucher_at_stations"):
        await redeem(counter.first, gift.code)
    voucher, _ = await voucher_of(county)
    assert (await refusal(hand_over(there.giver, there.near, voucher.code)))[0] == "gift_is_voucher"
    assert (await refusal(hand_over(there.giver, there.near, "ABCD")))[0] == "gift_unknown"
    other = await staff("李小外", (county.unit, "chair"))
    assert (await refusal(hand_over(other, there.near, gift.code)))[0] == "not_found"
    await database.execute("UPDATE voucher SET state = 'frozen' WHERE member_id > 0")
    assert (await refusal(hand_over(there.giver, there.near, gift.code)))[0] == "voucher_frozen"


async def test_what_nobody_fetched_goes_back(county: County) -> None:
    there = await stations_of(county, valid_until=date(2026, 3, 31))
    kept = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    given = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.far)
    await hand_over(there.giver, there.far, given.code)
    clock.freeze(datetime(2026, 4, 2, tzinfo=UTC))
    assert (await refusal(hand_over(there.giver, there.near, kept.code)))[0] == "voucher_expired"
    assert await commands.expire(20) == 1
    states = await database.rows("SELECT state FROM pool WHERE kind = 'gift'")
    assert {row["state"] for row in states} == {"closed"}
    shown = (await queries.desk_campaign(there.campaign, county.welfare)).stocks
    assert [(one.station_name, one.stock, one.taken, one.handed, one.left) for one in shown] == [
        ("快递驿站", 5, 0, 0, 5),
        ("黄枫驿站", 5, 1, 1, 4),
    ]
    kinds = await database.rows("SELECT kind, balance_fen FROM ledger_account WHERE kind IN ('paid', 'issued', 'held')")
    assert {row["kind"]: row["balance_fen"] for row in kinds} == {"paid": 50_00, "issued": 0, "held": 0}
    assert await broken() == []


async def test_without_stations_a_gift_is_for_shops_as_before(county: County) -> None:
    gift, _ = await voucher_of(county, kind=CampaignKind.GIFT, threshold_fen=0)
    assert gift.station is None
    assert (await redeem((await shop_of(county)).first, gift.code)).worth_fen == 50_00
    assert await broken() == []


async def handed_at_once(county: County) -> Counter[str]:
    """One code at one station twenty times at once."""
    there = await stations_of(county)
    for _ in range(4):  # so that there is money to be lost
        await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.far)
    gift = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    return await answers_of(*(hand_over(there.giver, there.near, gift.code) for _ in range(20)))


@pytest.mark.race(control="test_control_without_state_and_keys_a_gift_is_given_several_times")
async def test_twenty_scans_at_once_give_one(county: County) -> None:
    assert await handed_at_once(county) == {"ok": 1, "already_handed_over": 19}
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_state_and_keys_a_gift_is_given_several_times(county: County) -> None:
    words = "version = version + 1 WHERE id = %s AND state = %s"
    async with without_keys("voucher_use"):
        with without_lock(), without_words(words, "version = version + 1 WHERE id = %s AND %s <> ''"):
            assert (await handed_at_once(county))["ok"] > 1


async def twenty_for_five(county: County) -> int:
    """Twenty ask at once for the five of a station; how many were promised one."""
    there = await stations_of(county, near=5)
    people = [await county.member() for _ in range(20)]
    await answers_of(*(commands.claim(campaign=there.campaign, actor=one, station=there.near) for one in people))
    return await database.scalar("SELECT COUNT(*) FROM gift_pick")


@pytest.mark.race(control="test_control_without_its_condition_a_station_promises_too_many")
async def test_twenty_at_once_are_promised_the_five_that_are_there(county: County) -> None:
    assert await twenty_for_five(county) == 5
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_station_promises_too_many(county: County) -> None:
    unguarded = without_words(" AND taken + %s <= capacity", " AND %s > 0")
    with without_lock(), unguarded, without_words("capacity - taken", "1000"):
        assert await twenty_for_five(county) > 5
