"""Asking to have nothing to do with a case; where nobody else is at the desk, it goes to the one above."""

from tortoise.exceptions import IntegrityError

from backend.casework import rules, timeline
from backend.casework.commands import colleagues, transitions
from backend.casework.commands.access import desk_case
from backend.casework.enums import CaseAction
from backend.casework.models import Case
from backend.casework.schemas import RecusalInput
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, invalid

MAX_REASON = 200


@command
async def recuse(*, number: str, data: RecusalInput, actor: Actor) -> None:
    """The reason stays among staff: the applicant reads only that it was done."""
    case, post = await desk_case(number, actor, version=data.version, action=CaseAction.RECUSE)
    if case.status not in rules.UNDECIDED or case.version != data.version:
        await transitions.lost(case.id)
    reason = data.reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise invalid("reason", "recusal_reason_missing", limit=MAX_REASON)
    await _in_turn(case)
    await _write(case, actor, post, reason)
    await transitions.note(case, CaseAction.RECUSE, actor, post=post)
    if case.signed_by == actor.account_id:
        changes = {"signed_by": None}
        await transitions.move(case, version=data.version, while_in=rules.UNDECIDED, changes=changes)
    above = await colleagues.hand_up_alone(case, actor, post)
    detail = {"handed_to": above.union_id if above else None, **post.trace}
    await audit.record(actor, "case.recuse", object_kind="case", object_id=case.id, detail=detail)


async def _in_turn(case: Case) -> None:
    """The last two of a desk who ask at the same moment do so one after the other: the second finds nobody left."""
    await database.execute("UPDATE case_file SET version = version WHERE id = %s", case.id)


async def _write(case: Case, actor: Actor, post: Post, reason: str) -> None:
    row = {
        "id": ids.new_id(),
        "case_id": case.id,
        "account_id": actor.account_id,
        "actor_label": timeline.actor_label(actor, post),
        "reason": reason,
        "at": clock.now(),
    }
    try:
        await database.insert("case_recusal", row)
    except IntegrityError as exc:
        raise Conflict("recused_already") from exc
