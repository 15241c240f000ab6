"""What assessors write: a sheet, or that they stay out of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from backend.casework.queries import recusals
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, invalid, sentence
from backend.grading.chair_inputs import RecusalInput, SheetInput
from backend.grading.chair_views import SheetView
from backend.grading.commands.enrolling import touch
from backend.grading.enums import Assessor, SheetState
from backend.grading.queries import scoring
from backend.grading.queries.scoring import Own
from backend.grading.rules import chairs
from backend.grading.schemes import ChairVersion


@command
async def score(actor: Actor, *, period: str, data: SheetInput) -> SheetView:
    """Save one's own sheet, all of it; again replaces it. 409 when results are out, or when the assessor has no say."""
    own = await scoring.assessed(period, data.candidate, actor)
    _refuse_withdrawn(own)
    scores = _checked(own.period.rules, data.scores)
    await _refuse_close(own, actor)
    total = chairs.sheet_total(own.period.rules, scores)
    written = {key: f"{points:f}" for key, points in scores.items()}
    await touch(own.period.id)
    await write(own, actor.account_id, SheetState.SCORED, scores=written, total=str(total))
    await _record(actor, own, "grading.scored")
    return await scoring.own_sheet(period, data.candidate, actor)


@command
async def recuse(actor: Actor, *, period: str, data: RecusalInput) -> SheetView:
    """Stay out of one candidate's appraisal, with a reason. What was scored before counts no more."""
    own = await scoring.assessed(period, data.candidate, actor)
    _refuse_withdrawn(own)
    reason = " ".join(data.reason.split())
    if not reason:
        raise invalid("reason", "grading_reason_missing")
    await touch(own.period.id)
    await write(own, actor.account_id, SheetState.RECUSED, reason=reason)
    await _record(actor, own, "grading.recused")
    return await scoring.own_sheet(period, data.candidate, actor)


def _refuse_withdrawn(own: Own) -> None:
    if own.row.withdrawn_on is not None:
        raise Conflict("grading_withdrawn")


def _checked(version: ChairVersion, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Every item with points that it can have; every wrong one is named."""
    wrong, known = [], {item.key for item in version.items}
    for item in version.items:
        if item.key not in given:
            wrong.append(FieldError(f"scores.{item.key}", sentence("grading_item_missing", name=item.name)))
        elif chairs.item_problem(given[item.key], item.most):
            said = sentence("grading_item_wrong", name=item.name, most=f"{item.most:f}")
            wrong.append(FieldError(f"scores.{item.key}", said))
    wrong += [FieldError("scores", sentence("grading_item_unknown")) for key in given if key not in known][:1]
    if wrong:
        raise Invalid(wrong)
    return {item.key: given[item.key] for item in version.items}


async def _refuse_close(own: Own, actor: Actor) -> None:
    """Nobody scores themselves or somebody close to them; and nobody writes two sheets for one candidate."""
    if not await recusals.free_of(own.row.case_id, [actor.account_id]):
        raise Conflict("grading_no_say")
    if own.sheet is not None and own.sheet.assessor is not own.assessor:
        raise Conflict("grading_scored_twice")
    if own.sheet is not None and own.sheet.state is SheetState.ABSENT:
        raise Conflict("grading_marked_absent")


async def write(
    own: Own,
    account_id: int,
    state: SheetState,
    *,
    scores: dict[str, str] | None = None,
    total: str = "",
    reason: str = "",
) -> None:
    """The one sheet of this assessor for this candidate."""
    await write_sheet(
        own.period.id, own.row.id, account_id, own.assessor, state, scores=scores, total=total, reason=reason
    )


async def write_sheet(
    period_id: int,
    candidate_id: int,
    account_id: int,
    assessor: Assessor,
    state: SheetState,
    *,
    scores: dict[str, str] | None = None,
    total: str = "",
    reason: str = "",
) -> None:
    """Within a command that has touched the period: nobody else writes to it meanwhile."""
    columns: dict[str, Any] = {
        "assessor": assessor.value,
        "state": state.value,
        "scores": msgspec.json.encode(scores or {}).decode(),
        "total": total,
        "reason": reason[:200],
        "at": clock.now(),
    }
    known = await database.scalar(
        "SELECT id FROM grading_sheet WHERE candidate_id = %s AND account_id = %s", candidate_id, account_id
    )
    if known is None:
        row = {"id": ids.new_id(), "period_id": period_id, "candidate_id": candidate_id, "account_id": account_id}
        await database.insert("grading_sheet", row | columns)
    else:
        await database.execute(
            "UPDATE grading_sheet SET assessor = %s, state = %s, scores = %s, total = %s, reason = %s, at = %s"
            " WHERE id = %s",
            *columns.values(),
            known,
        )


async def _record(actor: Actor, own: Own, action: str) -> None:
    detail = {"period": own.period.id, "assessor": own.assessor.value}
    await audit.record(actor, action, object_kind="grading_candidate", object_id=own.row.id, detail=detail)
