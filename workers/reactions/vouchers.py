"""What follows from what happens to campaigns and vouchers."""

from collections.abc import Sequence
from typing import Any

from backend.core.money import yuan
from backend.membership import events as membership
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.vouchers import commands as vouchers
from backend.vouchers import events as voucher_events
from backend.vouchers import queries as voucher_queries
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.web.pages import date_zh
from workers.reactions.telling import TOLD_AT_ONCE


async def refuse_campaign(event: Any, key: str) -> bool:
    """The plan of a campaign was refused or withdrawn; of another case there is none."""
    await vouchers.refuse(case_id=event.case_id)
    return True


async def hand_out(event: voucher_events.DistributionStarted, key: str) -> bool:
    return await vouchers.run(event.distribution_id)


async def give_welcome(event: membership.MemberAdmitted, key: str) -> bool:
    for campaign_id in await vouchers.welcome(event.member_id):
        await _tell_of_vouchers(campaign_id, [event.member_id])
    return True


async def tell_owners(event: voucher_events.VouchersIssued, key: str) -> bool:
    """All of one part."""
    await _tell_of_vouchers(event.campaign_id, await voucher_queries.members_of_part(event.distribution_id, event.part))
    return True


async def _tell_of_vouchers(campaign_id: int, owners: Sequence[int]) -> None:
    """The key is the campaign's, so that nobody is told twice."""
    campaign = await voucher_queries.campaign_words(campaign_id)
    is_gift = campaign.kind is CampaignKind.GIFT
    notice = Notice.DRAW_WON if campaign.mode is CampaignMode.LOTTERY else Notice.VOUCHER_ISSUED
    values = {
        "campaign": campaign.name,
        "worth": "凭券领取礼包" if is_gift else f"面额 {yuan(campaign.face_value_fen)} 元",
        "until": date_zh(campaign.valid_until),
    }
    for start in range(0, len(owners), TOLD_AT_ONCE):
        some = owners[start : start + TOLD_AT_ONCE]
        await notifications.notify_many(notice, Audience.MEMBER, members=some, values=values, key=str(campaign_id))


async def tell_losers(event: voucher_events.EntriesLost, key: str) -> bool:
    """All on these ranks. The key is the campaign's, so that nobody is told twice."""
    draw = await voucher_queries.public_draw_words(event.campaign_id)
    losers = await voucher_queries.losers(event.draw_id, after=event.after, until=event.until)
    for start in range(0, len(losers), TOLD_AT_ONCE):
        some = losers[start : start + TOLD_AT_ONCE]
        await notifications.notify_many(
            Notice.DRAW_LOST, Audience.MEMBER, members=some, values=draw, key=str(event.campaign_id)
        )
    return True
