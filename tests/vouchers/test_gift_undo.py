"""A gift that was handed over by mistake is taken back the same day: stock, voucher and money are as before."""

from typing import Any

import pytest

from backend.core import clock, database
from backend.core.errors import AppError, Conflict
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignMode
from backend.vouchers.station_schemas import HandoverView
from tests.allocation.samples import answers_of
from tests.casework.browser import browse
from tests.casework.world import staff
from tests.unguarded import without_lock, without_words
from tests.vouchers.gifts import Stations, hand_over, stations_of
from tests.vouchers.test_distribution import finished
from tests.vouchers.world import County, broken

REASON = "扫错了码，礼品没有拿走"


async def take_back(there: Stations, given: HandoverView, reason: str = REASON) -> HandoverView:
    return await commands.take_back(handover=given.id, reason=reason, actor=there.giver)


async def balances() -> dict[str, int]:
    found = await database.rows("SELECT kind, balance_fen FROM ledger_account WHERE kind IN ('paid', 'issued')")
    return {row["kind"]: row["balance_fen"] for row in found}


async def stocks(county: County, there: Stations) -> list[tuple[int, int, int]]:
    shown = (await queries.desk_campaign(there.campaign, county.welfare)).stocks
    return [(one.taken, one.handed, one.left) for one in shown]


async def test_a_gift_is_taken_back_and_handed_over_again(county: County) -> None:
    there, member = await stations_of(county), await county.member()
    taken = await commands.claim(campaign=there.campaign, actor=member, station=there.near)
    given = await hand_over(there.giver, there.near, taken.code)
    assert (given.may_undo, await balances()) == (True, {"paid": 50_00, "issued": 0})
    undone = await take_back(there, given)
    assert (undone.undo_reason, undone.undone_at, undone.may_undo) == (REASON, "2026-03-10T09:00:00+08:00", False)
    assert await take_back(there, given, "再说一次") == undone  # undone before, it is the first answer
    mine = await queries.own_voucher(taken.id, member)
    assert (mine.state, mine.use, mine.station is not None) == ("issued", None, True)
    assert (await balances(), await stocks(county, there)) == ({"paid": 0, "issued": 50_00}, [(1, 0, 4), (0, 0, 5)])
    assert await broken() == []
    with pytest.raises(Conflict, match="gift_elsewhere"):
        await hand_over(there.giver, there.far, taken.code)
    clock.advance(minutes=5)
    again = await hand_over(there.giver, there.near, taken.code)
    assert (again.id != given.id, await balances()) == (True, {"paid": 50_00, "issued": 0})
    listed = (await queries.handovers(there.giver, station=there.near)).items
    assert [(one.id, one.undo_reason) for one in listed] == [(again.id, ""), (given.id, REASON)]
    await take_back(there, again)
    await hand_over(there.giver, there.near, taken.code)
    assert (await balances(), await stocks(county, there)) == ({"paid": 50_00, "issued": 0}, [(1, 1, 4), (0, 0, 5)])
    assert await broken() == []


async def test_what_was_promised_nowhere_may_be_fetched_anywhere_again(county: County) -> None:
    there = await stations_of(county, mode=CampaignMode.TARGETED, total=10)
    member = await county.member()
    await commands.distribute(campaign=there.campaign, actor=county.welfare)
    await finished(await database.scalar("SELECT id FROM voucher_distribution"))
    [mine] = (await queries.own_vouchers(member)).items
    given = await hand_over(there.giver, there.near, mine.code)
    assert await stocks(county, there) == [(1, 1, 4), (0, 0, 5)]
    await take_back(there, given)
    assert await stocks(county, there) == [(0, 0, 5), (0, 0, 5)]
    assert await broken() == []
    await hand_over(there.giver, there.far, mine.code)
    assert await stocks(county, there) == [(0, 0, 5), (1, 1, 4)]
    assert await broken() == []


async def test_only_with_a_reason_on_the_same_day_by_who_hands_over_there(county: County) -> None:
    there = await stations_of(county)
    taken = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    given = await hand_over(there.giver, there.near, taken.code)
    with pytest.raises(AppError) as without:
        await take_back(there, given, " 错 ")
    assert [one.field for one in without.value.errors] == ["reason"]
    other = await staff("李小外", (county.unit, "chair"))
    with pytest.raises(AppError, match="not_found"):
        await commands.take_back(handover=given.id, reason=REASON, actor=other)
    clock.advance(hours=15)
    with pytest.raises(Conflict, match="handover_undo_late"):
        await take_back(there, given)
    assert await stocks(county, there) == [(1, 1, 4), (0, 0, 5)]
    assert await broken() == []


async def test_it_is_taken_back_on_its_page(county: County, app: Any) -> None:
    there = await stations_of(county)
    taken = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    desk = await browse(app, there.giver)
    given = await desk.post("/desk/handovers", data={"station": there.near, "code": taken.code})
    assert "发错了，撤销" in (await desk.get(given.headers["location"])).text
    [one] = (await queries.handovers(there.giver, station=there.near)).items
    at = f"/desk/handovers/{one.id}"
    assert "发错了？撤销这一份" in (await desk.get(at)).text
    short = await desk.post(f"{at}/undo", data={"reason": "错"})
    assert (short.status_code, "请写明撤销的原因，2 到 100 个字。" in short.text) == (422, True)
    assert 'value="错"' in short.text
    assert (await desk.post(f"{at}/undo", data={"reason": REASON})).status_code == 303
    shown = (await desk.get(at)).text
    assert "发放已经撤销" in shown and REASON in shown and "发错了？" not in shown
    assert f"已撤销：{REASON}" in (await desk.get(f"/desk/handovers?station={there.near}")).text
    again = await hand_over(there.giver, there.near, taken.code)
    answer = await desk.post(f"/api/v1/desk/handovers/{again.id}/undo", json={"reason": REASON})
    assert (answer.status_code, answer.json()["undo_reason"]) == (200, REASON)
    assert await broken() == []


async def undone_at_once(county: County) -> int:
    """One handing over taken back ten times at once; how often its worth was moved back."""
    there = await stations_of(county)
    for _ in range(4):  # so that there is money to be lost
        other = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.far)
        await hand_over(there.giver, there.far, other.code)
    taken = await commands.claim(campaign=there.campaign, actor=await county.member(), station=there.near)
    given = await hand_over(there.giver, there.near, taken.code)
    # Each with another reason: a row is changed where it says something else than before.
    await answers_of(*(take_back(there, given, f"{REASON}{number}") for number in range(10)))
    return await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'gift.taken_back'")


@pytest.mark.race(control="test_control_without_its_condition_it_is_taken_back_several_times")
async def test_ten_at_once_take_it_back_once(county: County) -> None:
    assert await undone_at_once(county) == 1
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_it_is_taken_back_several_times(county: County) -> None:
    state = without_words(
        "version = version + 1 WHERE id = %s AND state = %s", "version = version + 1 WHERE id = %s AND %s <> ''"
    )
    with without_lock(), without_words(" AND live IS NOT NULL"), state:
        assert await undone_at_once(county) > 1
