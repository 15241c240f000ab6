"""Asking to have nothing to do with a case; where nobody else is at the desk, it goes to the one above."""

from tortoise.exceptions import IntegrityError

from backend.casework import routing, rules, timeline
from backend.casework.commands import transitions
from backend.casework.commands.access import desk_case
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseTransferred
from backend.casework.models import Case
from backend.casework.queries import recusals
from backend.casework.schemas import RecusalInput
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.unions import queries as unions
from backend.unions.schemas import Desk as Place

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
    await _write(case, actor, post, reason)
    await transitions.note(case, CaseAction.RECUSE, actor, union_name=post.union_name)
    above = None if await _others_at(case) else await _desk_above(case)
    if above is not None:
        await _hand_up(case, data.version, above, actor, post)
    detail = {"handed_to": above.union_id if above else None}
    await audit.record(actor, "case.recuse", object_kind="case", object_id=case.id, detail=detail)


async def _write(case: Case, actor: Actor, post: Post, reason: str) -> None:
    row = {
        "id": ids.new_id(),
        "case_id": case.id,
        "account_id": actor.account_id,
        "actor_label": timeline.actor_label(actor, post.union_name),
        "reason": reason,
        "at": clock.now(),
    }
    try:
        await database.insert("case_recusal", row)
    except IntegrityError as exc:
        raise Conflict("recused_already") from exc


async def _others_at(case: Case) -> bool:
    """Whether somebody at the desk has a say in the case."""
    return bool(await _free_at(case.id, case.desk_union_id or 0, case.desk_role or ""))


async def _free_at(case_id: int, union_id: int, role: str) -> list[int]:
    return await recusals.free_of(case_id, await unions.holders(union_id, role))


async def _desk_above(case: Case) -> Place | None:
    """The nearest one where somebody has a say; None where up to the root nobody does, and the case stays."""
    async for place in routing.desks_above(case.desk_union_id or 0, case.desk_role or ""):
        if await _free_at(case.id, place.union_id, place.role):
            return place
    return None


async def _hand_up(case: Case, version: int, above: Place, actor: Actor, post: Post) -> None:
    before = transitions.place_of(case)
    changes = {
        "status": CaseStatus.IN_REVIEW.value,
        "desk_union_id": above.union_id,
        "desk_role": above.role,
        "desk_flagged": True,
    }
    await transitions.move(case, version=version, while_in=rules.UNDECIDED, changes=changes)
    words = f"转给{above.label}"
    event_id = await transitions.note(
        case, CaseAction.TRANSFER, actor, place=before, comment=words, union_name=post.union_name
    )
    handed_on = CaseTransferred(case.id, event_id, above.union_id, above.role)
    await outbox.emit(handed_on, key=f"{case.id}:{case.version}")
    await transitions.assigned(case, event_id)
