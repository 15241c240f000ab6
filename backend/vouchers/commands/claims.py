"""Taking a voucher: first come, first served, one each or as many as the campaign allows. Or getting one by joining."""

from backend.allocation import commands as allocation
from backend.allocation.commands import SoldOut
from backend.core import audit, clock, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid
from backend.membership import queries as members
from backend.vouchers.commands import issuing
from backend.vouchers.commands.handing import Promised, promise, promise_key
from backend.vouchers.commands.proposals import NotEligible
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.events import VoucherIssued
from backend.vouchers.queries import campaigns, stations, wallet
from backend.vouchers.queries.campaigns import OpenCampaign
from backend.vouchers.schemas import VoucherView


async def claim(*, campaign: str, actor: Actor, nonce: str | None = None, station: str = "") -> VoucherView:
    """A voucher for the actor, at once or not at all: Conflict `sold_out`, `already_claimed`, `not_eligible`, or why
    nobody takes one now. A gift is taken at one of its stations. The same nonce is the same claim."""
    found = await campaigns.open_campaign(ids.parse(campaign) or 0)
    if found.mode is not CampaignMode.CLAIM or found.pool_id is None:
        raise Conflict("campaign_draws_lots" if found.mode is CampaignMode.LOTTERY else "campaign_not_claimed")
    member_id = await require_eligible(found, actor)
    station_id = await _station_of(found, station)
    key = f"v:{found.id}:{member_id}:{nonce or ids.new_id()}"[:100]
    async with allocation.in_turn(pool_id=found.pool_id, person_id=member_id, key=key) as known:
        claim_id = known.id if known else await _claim(found, member_id, key, actor, station_id)
    return await wallet.voucher_of_claim(claim_id, actor)


async def _station_of(campaign: OpenCampaign, station: str) -> int | None:
    """Where the gift is to be had; None of what is no gift, or of one that shops give."""
    if campaign.kind is not CampaignKind.GIFT:
        return None
    known = {one.id: ids.parse(one.id) for one in await stations.stations_of(campaign.id)}
    if known and station not in known:
        raise invalid("station", "gift_station_missing")
    return known.get(station)


async def welcome(member_id: int) -> list[int]:
    """Whoever was admitted gets a voucher of every welcome campaign that means them and has one left; their campaigns.
    Again, and for somebody who comes back, they are the same."""
    given = []
    for campaign in await campaigns.open_welcomes(clock.now()):
        if await members.is_selected(campaigns.selection_of(campaign), member_id):
            try:
                await _claim(campaign, member_id, f"w:{campaign.id}:{member_id}", SYSTEM)
            except SoldOut:
                continue
            given.append(campaign.id)
    return given


async def require_eligible(campaign: OpenCampaign, actor: Actor) -> int:
    """The member's id, or NotEligible. Whoever lacks a fact that the rule asks is told what to do about it."""
    if actor.member_id is None:
        raise NotEligible("claim_no_member")
    meant = await members.is_selected(campaigns.selection_of(campaign), actor.member_id)
    if not meant:
        raise NotEligible("claim_fact_unknown" if meant is None else "not_eligible")
    return actor.member_id


@command
async def _claim(campaign: OpenCampaign, member_id: int, key: str, actor: Actor, station_id: int | None = None) -> int:
    assert campaign.pool_id is not None
    reserved = await allocation.reserve(pool_id=campaign.pool_id, person_id=member_id, key=key)
    claim_id, nth = reserved.claim.id, reserved.claim.nth
    if not reserved.is_new:
        return claim_id
    if nth is None:
        raise NotFound()
    voucher_id = await issuing.insert(campaign.id, member_id, nth, claim_id, clock.now())
    detail = {"campaign": campaign.id, "member": member_id}
    await audit.record(actor, "voucher.claimed", object_kind="voucher", object_id=voucher_id, detail=detail)
    event = VoucherIssued(campaign_id=campaign.id, voucher_id=voucher_id, member_id=member_id)
    await outbox.emit(event, key=str(voucher_id))
    # The pool says first that there is none left, so that it is known before the money is asked.
    await allocation.take(campaign.pool_id)
    if station_id is not None:
        promised = Promised(voucher_id=voucher_id, member_id=member_id, key=promise_key(voucher_id))
        await promise(campaign.id, station_id, promised)
    await issuing.move_worth(campaign.source, 1, key=f"voucher:{voucher_id}", actor=actor)
    return claim_id
