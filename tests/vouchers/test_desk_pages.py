"""Desk pages of campaigns: begin, watch, stop, go on, and what became of the vouchers."""

from typing import Any

from backend.core import database
from backend.membership.enums import Outer
from backend.vouchers import commands
from backend.vouchers.enums import CampaignMode
from tests.casework.browser import browse
from tests.vouchers.test_distribution import finished
from tests.vouchers.tills import redeem, shop_of
from tests.vouchers.world import County, opened

RULE = {"target_rule": "member.household_province != 43", "outer": Outer.EXCLUDE}


async def test_a_campaign_is_handed_out_watched_and_stopped(county: County, app: Any) -> None:
    await county.roll(30, household="44")
    await county.roll(3, household="")
    campaign = await opened(county, mode=CampaignMode.TARGETED, **RULE)
    desk, at = await browse(app, county.welfare), f"/desk/voucher-campaigns/{campaign}"
    before = (await desk.get(at)).text
    assert "开始发放" in before and "有 3 人的资料里缺少条件要看的一项" in before and "every 1s" not in before
    begun = await desk.post(f"{at}/distribute")
    assert (begun.status_code, begun.headers["location"]) == (303, at)
    going = (await desk.get(at)).text
    assert 'hx-trigger="every 1s"' in going and "停止发放" in going
    await desk.post(f"{at}/stop")
    assert "接着发放" in (await desk.get(at)).text
    again = await desk.post(f"{at}/stop")
    assert again.status_code == 409 and "现在没有正在进行的发放" in again.text
    await desk.post(f"{at}/distribute")
    await finished(await database.scalar("SELECT id FROM voucher_distribution"))
    done = (await desk.get(at)).text
    assert "已发 30 / 30 张，100%" in done and "已发完" in done and "every 1s" not in done


async def test_what_became_of_the_vouchers_is_a_chart_and_a_table(county: County, app: Any) -> None:
    campaign = await opened(county)
    taken = [await commands.claim(campaign=campaign, actor=await county.member()) for _ in range(4)]
    await redeem((await shop_of(county)).first, taken[0].code)
    desk = await browse(app, county.welfare)
    shown = (await desk.get(f"/desk/voucher-campaigns/{campaign}")).text
    assert 'aria-label="已用 1 张，没用 3 张，过期 0 张"' in shown
    assert '<tr><th scope="row">已使用</th><td>1</td><td>25.0%</td></tr>' in shown
    assert 'width="150.0"' in shown and 'width="450.0"' in shown
    assert "¥50.00" in shown
    listed = (await desk.get("/desk/voucher-campaigns")).text
    assert "已发 4 / 100 张 · 已用 1 张" in listed


async def test_only_those_who_manage_campaigns_see_them(county: County, app: Any) -> None:
    campaign = await opened(county)
    other = await browse(app, county.treasurer)
    assert (await other.get(f"/desk/voucher-campaigns/{campaign}")).status_code == 403
    assert (await (await browse(app, county.welfare)).get("/desk/voucher-campaigns/0000000000001")).status_code == 404
