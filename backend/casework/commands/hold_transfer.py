"""Putting a case aside for a while, taking it up again, and handing it to another desk."""

from datetime import timedelta

from backend.casework import routing, rules
from backend.casework.commands import transitions
from backend.casework.commands.deskwork import Desk, require_comment, running_clock, stopped_clock
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseHeld, CaseReleased, CaseTransferred
from backend.casework.models import Case
from backend.core import audit, clock, ids, outbox
from backend.core.actor import SYSTEM, Post
from backend.core.command import command
from backend.core.errors import FieldError, Invalid, invalid, sentence
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel, UnionState
from backend.unions.schemas import Desk as Place

LONGEST_HOLD = timedelta(days=180)
MAX_MESSAGE = 200


async def hold(desk: Desk) -> None:
    """Until a day and with a message that the applicant reads; the clock stops."""
    case, data = desk.case, desk.data
    today, message = clock.today(), data.message.strip()
    errors = []
    if data.until is None or not today < data.until <= today + LONGEST_HOLD:
        errors.append(FieldError("until", sentence("hold_until")))
    if not message or len(message) > MAX_MESSAGE:
        errors.append(FieldError("message", sentence("hold_message", limit=MAX_MESSAGE)))
    if errors:
        raise Invalid(errors)
    stopped = {"held_until": data.until, "hold_message": message, **stopped_clock(case)}
    await desk.move(rules.UNDECIDED, status=CaseStatus.ON_HOLD.value, **stopped)
    event_id = await desk.note(CaseAction.HOLD, message)
    await outbox.emit(CaseHeld(case.id, event_id), key=f"{case.id}:{case.version}")


async def release(desk: Desk) -> None:
    comment = require_comment(desk.data, required=False)
    await desk.move((CaseStatus.ON_HOLD,), status=CaseStatus.IN_REVIEW.value, **running_clock(desk.case))
    await _released(desk.case, await desk.note(CaseAction.RELEASE, comment))


async def _released(case: Case, event_id: int) -> None:
    await outbox.emit(CaseReleased(case.id, event_id), key=f"{case.id}:{case.version}")


async def transfer(desk: Desk) -> None:
    """To another desk of the same county with somebody in post; step and clock go on."""
    case, data, before = desk.case, desk.data, transitions.place_of(desk.case)
    place = await other_desk(case, desk.post, to_union=data.to_union, role=data.role)
    comment = require_comment(data, required=False)
    words = f"转给{place.label}" + (f"：{comment}" if comment else "")
    await desk.move(
        rules.UNDECIDED,
        status=CaseStatus.IN_REVIEW.value,
        desk_union_id=place.union_id,
        desk_role=place.role,
        desk_flagged=False,
    )
    event_id = await desk.note(CaseAction.TRANSFER, words, before)
    handed_on = CaseTransferred(case.id, event_id, place.union_id, place.role)
    await outbox.emit(handed_on, key=f"{case.id}:{case.version}")
    await transitions.assigned(case, event_id)


async def other_desk(case: Case, post: Post, *, to_union: str, role: str) -> Place:
    """A desk of the same county that is not the case's own, with somebody in post."""
    union = await unions.place(ids.parse(to_union) or 0)
    inside = await routing.county_path(post.path)
    if union is None or union.state != UnionState.ACTIVE or not union.path.startswith(inside):
        raise invalid("to_union", "union_unknown")
    place = await unions.desk_for(union.id, role, UnionLevel(union.level))
    if place is None or place.union_id != union.id:
        raise invalid("role", "nobody_there")
    if (place.union_id, place.role) == (case.desk_union_id, case.desk_role):
        raise invalid("to_union", "already_there")
    return place


@command
async def wake(case_id: int) -> bool:
    """The system takes up a held case whose day has come. False when somebody did so before."""
    case = await Case.get(id=case_id)
    if case.status != CaseStatus.ON_HOLD or case.held_until is None or case.held_until > clock.today():
        return False
    changes = {"status": CaseStatus.IN_REVIEW.value, **running_clock(case)}
    await transitions.move(case, version=case.version, while_in=(CaseStatus.ON_HOLD,), changes=changes)
    await _released(case, await transitions.note(case, CaseAction.RELEASE, SYSTEM))
    await audit.record(SYSTEM, "case.release", object_kind="case", object_id=case.id)
    return True
