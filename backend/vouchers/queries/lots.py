"""Draws of campaigns: one's own entry, and what anybody needs to draw the lots again."""

from datetime import datetime

import msgspec

from backend.allocation import queries as allocation
from backend.allocation.enums import ClaimState, DrawState
from backend.allocation.schemas import Claim
from backend.core import clock, database, ids
from backend.core.errors import NotFound
from backend.vouchers.enums import ENTRY_TEXT, CampaignState, EntryState
from backend.vouchers.schemas import DeskDraw, DrawView, EntryNumber, EntryView

_STATES = {ClaimState.ENTERED: EntryState.ENTERED, ClaimState.LOST: EntryState.LOST}


class _Drawn(msgspec.Struct, kw_only=True):
    id: int
    name: str
    draw_id: int


class DueDraw(msgspec.Struct, kw_only=True):
    """A campaign whose entries are closed, and its draw."""

    campaign_id: int
    draw_id: int


async def entry(member_id: int, *, campaign_id: int, draw_id: int) -> EntryView | None:
    """The member's entry, whatever has become of it."""
    found = await allocation.entry_of(member_id, draw_id)
    return entry_view(found, campaign_id) if found else None


def entry_view(claim: Claim, campaign_id: int) -> EntryView:
    state = _STATES.get(claim.state, EntryState.WON)
    return EntryView(
        campaign_id=ids.public(campaign_id),
        number=claim.entry_no or 0,
        state=state.value,
        state_text=ENTRY_TEXT[state],
        rank=claim.rank,
    )


async def public_draw(campaign: str) -> DrawView:
    """NotFound for a campaign that draws no lots. Results stay public after a campaign's end."""
    found = await database.view(
        _Drawn,
        "SELECT id, name, draw_id FROM voucher_campaign WHERE id = %s AND draw_id IS NOT NULL AND state IN (%s, %s)",
        ids.parse(campaign) or 0,
        CampaignState.OPEN.value,
        CampaignState.CLOSED.value,
    )
    if found is None:
        raise NotFound()
    draw = await allocation.draw(found.draw_id)
    order = [one.number for one in await allocation.drawn_order(found.draw_id)]
    capacity = (await allocation.figures(found.draw_id)).capacity
    return DrawView(
        campaign_id=ids.public(found.id),
        name=found.name,
        state=draw.state.value,
        closes_at=clock.iso(draw.closes_at) or "",
        drawn_at=clock.iso(draw.drawn_at),
        entered=draw.entered,
        places=capacity,
        commitment=draw.commitment,
        seed=draw.seed,
        entries=[EntryNumber(number=number) for number in sorted(order)],
        order=order,
        winners=order[:capacity],
    )


async def desk_draw(draw_id: int) -> DeskDraw:
    draw = await allocation.draw(draw_id)
    return DeskDraw(entered=draw.entered, commitment=draw.commitment, drawn_at=clock.iso(draw.drawn_at))


async def due_draws(now: datetime, limit: int) -> list[DueDraw]:
    return await database.views(
        DueDraw,
        "SELECT c.id AS campaign_id, c.draw_id FROM voucher_campaign c JOIN pool_draw d ON d.id = c.draw_id"
        " WHERE c.state = %s AND d.state = %s AND d.closes_at <= %s ORDER BY c.id LIMIT %s",
        CampaignState.OPEN.value,
        DrawState.OPEN.value,
        now,
        limit,
    )


async def public_draw_words(campaign_id: int) -> dict[str, str]:
    """What is said of a draw that was held to whoever took part."""
    shown = await public_draw(ids.public(campaign_id))
    winners, entries = len(shown.winners), len(shown.entries)
    return {"campaign": shown.name, "entries": str(entries), "places": str(winners), "public": shown.campaign_id}


async def losers(draw_id: int, *, after: int, until: int) -> list[int]:
    """The members on these ranks."""
    return [one.person_id for one in await allocation.drawn_order(draw_id, after=after, limit=until - after)]
