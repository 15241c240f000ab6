"""Somebody is taken out of a round before it is published, because they left the post; their sheets stay."""

from backend.core import audit, clock, database, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.grading.chair_inputs import WithdrawalInput
from backend.grading.chair_rows import CandidateRow, PeriodRow
from backend.grading.commands import publishing
from backend.grading.commands.enrolling import touch
from backend.grading.enums import PeriodState
from backend.grading.events import CandidateWithdrawn
from backend.grading.queries import rounds as reading


@command
async def withdraw(actor: Actor, *, period: str, data: WithdrawalInput) -> None:
    """Wait for no more sheets of a candidate, from a day on that was the last in post. While sheets are written it can
    be taken back; once results are shown only their own result follows, and what is published never changes."""
    found, reason = await reading.managed(period, actor), " ".join(data.reason.split())
    row = await reading.candidate_in(found.id, data.candidate)
    if not reason:
        raise invalid("reason", "grading_reason_missing")
    if data.on is None:
        await _take_back(actor, found, row, reason)
        return
    if not row.since <= data.on <= clock.today():
        raise invalid("on", "grading_withdrawn_outside")
    if row.withdrawn_on is not None:
        raise Conflict("grading_withdrawn_already")
    await _move(found)
    await database.execute(
        "UPDATE grading_candidate SET withdrawn_on = %s, withdrawn_reason = %s WHERE id = %s",
        data.on,
        reason,
        row.id,
    )
    if found.state == PeriodState.PROPOSED:
        await publishing.freeze_again(found, row.id)
    detail = {"period": found.id, "on": data.on.isoformat(), "reason": reason}
    await audit.record(actor, "grading.withdrawn", object_kind="grading_candidate", object_id=row.id, detail=detail)
    await outbox.emit(CandidateWithdrawn(row.id), key=f"{row.id}:{found.version}")


async def _take_back(actor: Actor, found: PeriodRow, row: CandidateRow, reason: str) -> None:
    if row.withdrawn_on is None:
        raise Conflict("grading_not_withdrawn")
    await touch(found.id)
    await database.execute(
        "UPDATE grading_candidate SET withdrawn_on = NULL, withdrawn_reason = '' WHERE id = %s", row.id
    )
    detail = {"period": found.id, "reason": reason}
    await audit.record(actor, "grading.returned", object_kind="grading_candidate", object_id=row.id, detail=detail)


async def _move(found: PeriodRow) -> None:
    """Not once it is published, and not beside a publication that is under way."""
    if found.state == PeriodState.PUBLISHED:
        raise Conflict("grading_published_already")
    moved = await database.execute(
        "UPDATE grading_period SET version = version + 1 WHERE id = %s AND version = %s", found.id, found.version
    )
    if not moved:
        raise Conflict("grading_period_moved")
