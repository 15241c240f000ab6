"""Handing a campaign out to everybody who is meant: the list frozen once, then part by part.

A part is one transaction: the cursor first, then vouchers, posting, audit and event. So however often it is started
and wherever a process dies, each member on the list has one voucher, and the money is where the vouchers are.
"""

from collections.abc import Sequence
from datetime import datetime

from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.membership import queries as members
from backend.membership.schemas import Selection
from backend.vouchers.commands import issuing
from backend.vouchers.enums import CampaignKind, CampaignMode, DistributionState
from backend.vouchers.events import DistributionStarted, VouchersIssued
from backend.vouchers.models import Distribution
from backend.vouchers.queries import campaigns, parts

PART = 2_000
# Short, for the tries of whoever runs it are counted until a slice is done: being killed now and then is no failure.
SLICE_SECONDS = 1.0
_GOING = (DistributionState.WAITING, DistributionState.RUNNING)


@command
async def distribute(*, campaign: str, actor: Actor) -> None:
    """Begin, or go on where it was stopped. While it runs, or is done, starting it again changes nothing."""
    found = await campaigns.managed(campaign, actor)
    known = await Distribution.get_or_none(campaign_id=found.id)
    if known is not None:
        await _go_on(known, actor)
    elif found.mode is not CampaignMode.TARGETED or found.kind is CampaignKind.WELCOME:
        raise Conflict("campaign_not_distributed")
    else:
        await _begin(found.id, DistributionState.WAITING, actor)


async def _go_on(known: Distribution, actor: Actor) -> None:
    changed = await database.execute(
        "UPDATE voucher_distribution SET state = %s, problem = %s, runs = runs + 1, run_from = done, run_began_at = %s"
        " WHERE id = %s AND state IN (%s, %s)",
        (DistributionState.RUNNING if known.parts else DistributionState.WAITING).value,
        "",
        clock.now(),
        known.id,
        DistributionState.STOPPED.value,
        DistributionState.FAILED.value,
    )
    if changed:
        await _started(known.id, known.runs + 1, actor)


async def _begin(campaign_id: int, state: DistributionState, actor: Actor, members_listed: Sequence[int] = ()) -> bool:
    """False when another one has begun it."""
    now = clock.now()
    row = {
        "id": ids.new_id(),
        "campaign_id": campaign_id,
        "state": state.value,
        "problem": "",
        **dict.fromkeys(("unknown", "next_part", "done", "run_from"), 0),
        "total": len(members_listed),
        "parts": -(-len(members_listed) // PART),
        "runs": 1,
        "run_began_at": now,
        "started_by": actor.account_id,
        "started_at": now,
        "moved_at": now,
    }
    begun = await database.insert_if_absent("voucher_distribution", row, key="campaign_id")
    if begun:
        await _started(row["id"], 1, actor)
        for part, start in enumerate(range(0, len(members_listed), PART)):
            await _write_part(row["id"], part, members_listed[start : start + PART])
    return begun


async def begin_drawn(campaign_id: int, winners: Sequence[int]) -> bool:
    """Hand vouchers out to those whom a draw has chosen; False when that has begun already. Inside a command."""
    return await _begin(campaign_id, DistributionState.RUNNING, SYSTEM, winners)


async def _started(distribution_id: int, run_number: int, actor: Actor) -> None:
    detail = {"run": run_number}
    await audit.record(
        actor, "distribution.started", object_kind="distribution", object_id=distribution_id, detail=detail
    )
    event = DistributionStarted(distribution_id=distribution_id, run=run_number)
    await outbox.emit(event, key=f"{distribution_id}:{run_number}")


@command
async def stop(*, campaign: str, actor: Actor) -> None:
    """After the part that is being handed out. What was handed out stays."""
    found = await campaigns.managed(campaign, actor)
    changed = await database.execute(
        "UPDATE voucher_distribution SET state = %s WHERE campaign_id = %s AND state IN (%s, %s)",
        DistributionState.STOPPED.value,
        found.id,
        *(state.value for state in _GOING),
    )
    if not changed:
        raise Conflict("distribution_not_running")
    await audit.record(actor, "distribution.stopped", object_kind="campaign", object_id=found.id)


async def run(distribution_id: int) -> bool:
    """Hand out parts for a slice of time; whether nothing is left to do. Called by the worker until it is so."""
    end = clock.monotonic() + SLICE_SECONDS
    while clock.monotonic() < end:
        found = await Distribution.get_or_none(id=distribution_id)
        if found is None or found.state not in _GOING:
            return True
        if found.state == DistributionState.WAITING:
            await _freeze(found)
        elif found.next_part >= found.parts:
            await _finish(found)
        else:
            await _hand_out(found)
    return False


@command
async def _freeze(found: Distribution) -> None:
    """Who is meant at this moment is on the list, in order; a list that is longer than the plan is not begun."""
    begun = await database.execute(
        "UPDATE voucher_distribution SET state = %s WHERE id = %s AND state = %s",
        DistributionState.RUNNING.value,
        found.id,
        DistributionState.WAITING.value,
    )
    if not begun:
        return  # stopped, or another process was quicker
    campaign = await campaigns.open_campaign(found.campaign_id)
    selection = campaigns.selection_of(campaign)
    counted = await members.count_selected(selection)
    too_many = counted.eligible > campaign.total
    count, total = (0, 0) if too_many else await _list(found.id, selection)
    await database.execute(
        "UPDATE voucher_distribution SET state = %s, problem = %s, total = %s, unknown = %s, parts = %s, moved_at = %s"
        " WHERE id = %s",
        (DistributionState.FAILED if too_many else DistributionState.RUNNING).value,
        "distribution_too_many" if too_many else "",
        total,
        counted.unknown,
        count,
        clock.now(),
        found.id,
    )
    detail = {"members": counted.eligible, "unknown": counted.unknown}
    await audit.record(SYSTEM, "distribution.frozen", object_kind="distribution", object_id=found.id, detail=detail)


async def _list(distribution_id: int, selection: Selection) -> tuple[int, int]:
    """Write the list down in parts; how many parts and members."""
    after, part, total = 0, 0, 0
    while listed := await members.select_ids(selection, after=after, limit=PART):
        await _write_part(distribution_id, part, listed)
        after, part, total = listed[-1], part + 1, total + len(listed)
    return part, total


async def _write_part(distribution_id: int, part: int, listed: Sequence[int]) -> None:
    row = {
        "id": ids.new_id(),
        "distribution_id": distribution_id,
        "part": part,
        "size": len(listed),
        "members": parts.pack(listed),
    }
    await database.insert("voucher_part", row)


@command
async def _hand_out(found: Distribution) -> None:
    part, now = found.next_part, clock.now()
    listed = await parts.members_of_part(found.id, part)
    moved = await database.execute(
        "UPDATE voucher_distribution SET next_part = next_part + 1, done = done + %s, moved_at = %s"
        " WHERE id = %s AND next_part = %s AND state = %s",
        len(listed),
        now,
        found.id,
        part,
        DistributionState.RUNNING.value,
    )
    if not moved:
        return  # stopped, or another process was quicker
    campaign = await campaigns.open_campaign(found.campaign_id)
    detail = {"part": part, "vouchers": len(listed)}
    await audit.record(SYSTEM, "vouchers.issued", object_kind="distribution", object_id=found.id, detail=detail)
    event = VouchersIssued(campaign_id=campaign.id, distribution_id=found.id, part=part)
    await outbox.emit(event, key=f"{found.id}:{part}")
    await issuing.insert_for(campaign.id, listed, now)
    await issuing.move_worth(campaign.source, len(listed), key=f"distribution:{found.id}:{part}", actor=SYSTEM)


@command
async def _finish(found: Distribution) -> None:
    now: datetime = clock.now()
    changed = await database.execute(
        "UPDATE voucher_distribution SET state = %s, finished_at = %s, moved_at = %s WHERE id = %s AND state = %s",
        DistributionState.DONE.value,
        now,
        now,
        found.id,
        DistributionState.RUNNING.value,
    )
    if changed:
        detail = {"vouchers": found.done}
        await audit.record(SYSTEM, "distribution.done", object_kind="distribution", object_id=found.id, detail=detail)
