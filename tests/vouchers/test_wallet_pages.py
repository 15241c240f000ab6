"""Pages of campaigns and of the wallet: what a member sees, takes and shows; what others see."""

import asyncio
from typing import Any

from backend.core import clock, database
from backend.core.settings import CONFIG_DIR
from backend.membership.enums import Outer
from backend.notifications import templates
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignMode
from backend.vouchers.events import VouchersIssued
from backend.web.shared_pages import ASKED_EVERY
from tests.cancelling import Progress, watched
from tests.casework.browser import browse, hidden
from tests.vouchers.test_distribution import finished
from tests.vouchers.tills import redeem, shop_of
from tests.vouchers.world import County, opened
from workers import reactions, tasks


async def test_a_guest_sees_what_is_left_and_is_asked_to_sign_in(county: County, app: Any) -> None:
    campaign = await opened(county)
    guest = await browse(app)
    assert "还剩 100 张" in (await guest.get("/vouchers")).text
    shown = (await guest.get(f"/vouchers/{campaign}")).text
    assert f'href="/sign-in?next=/vouchers/{campaign}"' in shown
    await commands.claim(campaign=campaign, actor=await county.member())
    await asyncio.sleep(2 * ASKED_EVERY)
    left = await guest.get(f"/vouchers/{campaign}/left", headers={"hx-request": "true"})
    assert "还剩 <strong>99</strong> 张" in left.text
    assert "还剩 99 张" in (await guest.get("/vouchers")).text


async def test_a_member_takes_a_voucher_on_its_page(county: County, app: Any) -> None:
    campaign, member = await opened(county), await county.member()
    browser = await browse(app, member)
    assert campaign in (await browser.get("/")).text
    page = (await browser.get(f"/vouchers/{campaign}")).text
    taken = await browser.post(f"/vouchers/{campaign}/claim", data={"nonce": hidden(page, "nonce")})
    [voucher] = (await queries.own_vouchers(member)).items
    assert (taken.status_code, taken.headers["location"]) == (303, f"/me/vouchers/{voucher.id}")
    assert campaign not in (await browser.get("/")).text
    again = await browser.post(f"/vouchers/{campaign}/claim", data={"nonce": "another"})
    assert again.status_code == 409
    assert "您已经有 1 张" in again.text and "立即领取" not in again.text


async def test_three_campaigns_to_take_cost_what_one_costs(county: County) -> None:
    member, asked = await county.member(), []
    mine = [await opened(county, target_rule="member.newform_group in courier|delivery|ride")]
    mine.append(await opened(county, mode=CampaignMode.LOTTERY))
    for others in ([], ["member.gender == f", "member.gender == m", ""]):
        mine += [await opened(county, target_rule=rule) for rule in others]
        progress = Progress()
        with watched(progress):
            found = await queries.claimable(member)
        asked.append(len(progress.sent))
    not_me = mine[3]
    assert [one.id for one in found] == [one for one in reversed(mine) if one != not_me]
    assert asked[0] == asked[1]
    await commands.claim(campaign=mine[0], actor=member)
    await commands.enter(campaign=mine[1], actor=member)
    assert [one.id for one in await queries.claimable(member)] == [mine[4], mine[2]]
    assert await queries.claimable(await county.member(status="kept")) == []


async def test_whoever_is_not_meant_is_told_before_pressing_anything(county: County, app: Any) -> None:
    rule = {"target_rule": "member.household_province != 43", "outer": Outer.INCLUDE}
    campaign = await opened(county, **rule)
    for household, words in (("43", "您不在这次的发放对象里"), ("", "还不能确认您在不在发放对象里")):
        page = (await (await browse(app, await county.member(household=household))).get(f"/vouchers/{campaign}")).text
        assert words in page and "立即领取" not in page
    assert (
        "立即领取" in (await (await browse(app, await county.member(household="44"))).get(f"/vouchers/{campaign}")).text
    )


async def test_a_refusal_is_said_on_the_page(county: County, app: Any) -> None:
    campaign = await opened(county, total=1)
    await commands.claim(campaign=campaign, actor=await county.member())
    late = await (await browse(app, await county.member())).post(f"/vouchers/{campaign}/claim", data={"nonce": "late"})
    assert late.status_code == 409
    assert "没有领到" in late.text and "已经领完" in late.text


async def test_the_wallet_shows_what_may_be_used_and_what_was(county: County, app: Any) -> None:
    campaign, member = await opened(county, per_member=2), await county.member()
    used, kept = [await commands.claim(campaign=campaign, actor=member) for _ in range(2)]
    await redeem((await shop_of(county)).first, used.code)
    browser = await browse(app, member)
    usable, over = [(await browser.get(f"/me/vouchers?over={flag}")).text for flag in (0, 1)]
    assert kept.id in usable and used.id not in usable
    assert used.id in over and kept.id not in over and "望城老街饭店" in over
    assert "1 张可用" in (await browser.get("/me")).text
    gone = (await browser.get(f"/me/vouchers/{used.id}")).text
    assert "3月10日 09:00 在“望城老街饭店”，消费 120.00 元，抵了 50.00 元" in gone
    assert "<svg" not in gone.partition('class="qr"')[2]


async def test_the_picture_is_another_one_each_time_and_only_the_owner_sees_it(county: County, app: Any) -> None:
    campaign, member = await opened(county), await county.member()
    voucher = await commands.claim(campaign=campaign, actor=member)
    browser, address = await browse(app, member), f"/me/vouchers/{voucher.id}"
    first = await browser.get(address)
    assert voucher.code in first.text
    clock.advance(seconds=30)
    part = await browser.get(address, headers={"hx-request": "true"})
    assert part.text.startswith('<div class="pass__code" id="voucher-code"')
    assert part.text.partition("<svg")[2].partition("</svg>")[0] not in first.text
    assert (await (await browse(app, await county.member())).get(address)).status_code == 404


async def test_owners_are_told_once_in_inbox_and_by_message(county: County) -> None:
    templates.load(CONFIG_DIR)
    owner = await county.member(household="44")
    await county.member(household="43")
    rule = {"target_rule": "member.household_province != 43", "outer": Outer.EXCLUDE}
    campaign = await opened(county, mode=CampaignMode.TARGETED, **rule)
    await commands.distribute(campaign=campaign, actor=county.welfare)
    await finished(await database.scalar("SELECT id FROM voucher_distribution"))
    await tasks.drain_outbox({})
    [event] = await database.rows("SELECT campaign_id, id FROM voucher_distribution")
    issued = VouchersIssued(campaign_id=event["campaign_id"], distribution_id=event["id"], part=0)
    assert await reactions.vouchers.tell_owners(issued, "again")
    told = await database.rows("SELECT account_id, title, text, link FROM notification WHERE event = 'voucher.issued'")
    assert [(row["account_id"], row["title"], row["link"]) for row in told] == [
        (owner.account_id, "工会发给您一张券", "/me/vouchers")
    ]
    assert told[0]["text"].startswith("“三月消费券”已经放进您的券包，面额 50.00 元。")
    sent = await database.rows("SELECT text FROM delivery WHERE template = 'voucher.issued'")
    assert [row["text"][:16] for row in sent] == ["工会发给您“三月消费券”一张，面"]
