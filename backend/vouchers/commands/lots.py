"""A campaign by lot: members enter until it closes, one draw decides, the winners' vouchers are handed out in parts."""

from backend.allocation import commands as allocation
from backend.allocation import queries as pools
from backend.core import audit, clock, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.vouchers.commands import distribution
from backend.vouchers.commands.claims import require_eligible
from backend.vouchers.enums import CampaignMode
from backend.vouchers.events import EntriesLost
from backend.vouchers.queries import campaigns, lots
from backend.vouchers.schemas import EntryView

# Who won nothing is told in pieces of so many.
PART = 2_000


async def enter(*, campaign: str, actor: Actor, nonce: str | None = None) -> EntryView:
    """Take part, with a number of one's own: Conflict `already_claimed`, `not_eligible`, or why nobody enters now. The
    same nonce is the same entry."""
    found = await campaigns.open_campaign(ids.parse(campaign) or 0)
    if found.mode is not CampaignMode.LOTTERY or found.draw_id is None:
        raise Conflict("campaign_no_lots")
    member_id = await require_eligible(found, actor)
    key = f"l:{found.id}:{member_id}:{nonce or ids.new_id()}"[:100]
    entered = await allocation.enter(pool_id=found.draw_id, person_id=member_id, key=key, actor=actor)
    return lots.entry_view(entered, found.id)


async def draw_due(limit: int) -> int:
    """Hold up to `limit` draws whose entries are closed; how many. Run by the schedule."""
    found = await lots.due_draws(clock.now(), limit)
    for one in found:
        await _draw(one)
    return len(found)


@command
async def _draw(due: lots.DueDraw) -> None:
    """In one step: the lots, the winners as a frozen list that is being handed out, and who is to be told."""
    drawn = await allocation.draw(pool_id=due.draw_id, actor=SYSTEM)
    winners = await pools.drawn_order(due.draw_id, limit=drawn.places)
    if not await distribution.begin_drawn(due.campaign_id, [one.person_id for one in winners]):
        return
    detail = {"entries": drawn.entries, "winners": len(winners)}
    await audit.record(SYSTEM, "campaign.drawn", object_kind="campaign", object_id=due.campaign_id, detail=detail)
    for after in range(len(winners), drawn.entries, PART):
        until = min(after + PART, drawn.entries)
        event = EntriesLost(campaign_id=due.campaign_id, draw_id=due.draw_id, after=after, until=until)
        await outbox.emit(event, key=f"{due.campaign_id}:{after}")
