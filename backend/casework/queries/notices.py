"""What a notice about a case may say, and to whom it goes."""

from datetime import date

import msgspec

from backend.casework import catalogue
from backend.casework.enums import NoticeEvent
from backend.casework.flows import ActionSpec, NoticeSpec
from backend.casework.queries import records
from backend.casework.schemas import Moment, NoticeContext
from backend.core import crypto, database
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel

LEADER = "leader"


def notices_of(context: NoticeContext, event: NoticeEvent) -> list[NoticeSpec]:
    """Who is told of this event, by the flow under which the case began."""
    return catalogue.version(context.flow, context.flow_version).told_of(event)


def action_of(context: NoticeContext, key: str) -> ActionSpec | None:
    """One of the flow's own actions, as the flow was when the case began."""
    return catalogue.version(context.flow, context.flow_version).action(key)


class _Line(msgspec.Struct):
    comment: str
    desk_union_id: int | None
    desk_role: str | None
    due_on: date | None
    held_until: date | None


async def notice_context(moment: Moment) -> NoticeContext:
    """The phone of the form is for applicants without an account; it comes sealed under its own context."""
    case = await records.record_by_id(moment.case_id)
    line = await _line(moment)
    union_id, role = moment.union_id or line.desk_union_id, moment.role or line.desk_role
    desk = await unions.place(union_id) if union_id is not None else None
    phone = case.content.sensitive.get(case.spec.subject.mobile)
    context = f"case_file/phone/{case.id}"
    return NoticeContext(
        case_id=case.id,
        number=case.number,
        flow=case.flow,
        flow_version=case.flow_version,
        service_name=case.spec.name,
        applicant_id=case.applicant_id,
        phone_sealed=crypto.seal(phone, context=context) if phone else None,
        phone_context=context,
        subject_name=case.subject_name,
        due_on=moment.due_on or line.due_on,
        held_until=line.held_until,
        comment=line.comment,
        desk_name=desk.name if desk is not None else "",
        desk_union_id=union_id,
        handlers=await unions.holders(union_id, role) if union_id is not None and role else [],
        leaders=await _leaders(union_id),
    )


async def _line(moment: Moment) -> _Line:
    """Of the history; empty for an event that has none there."""
    found = await database.view(
        _Line,
        "SELECT comment, desk_union_id, desk_role, due_on, held_until FROM case_event WHERE id = %s",
        moment.event_id,
    )
    return found or _Line("", None, None, None, None)


async def _leaders(union_id: int | None) -> list[int]:
    """At the desk's own union, or at the nearest one above it that has a leader."""
    place = await unions.desk_for(union_id, LEADER, UnionLevel.UNIT) if union_id is not None else None
    return await unions.holders(place.union_id, LEADER) if place is not None else []
