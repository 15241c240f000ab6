"""Rows of cases as the reads need them, decoded straight from SQL."""

from datetime import date, datetime
from functools import cached_property
from typing import Any

import msgspec

from backend.casework import catalogue, contents, rules
from backend.casework.contents import Content, Stored
from backend.casework.enums import CaseStatus, Recusal, StraightVerdict
from backend.casework.flows import Flow
from backend.casework.protocols import Question
from backend.casework.queries import recusals
from backend.casework.queries.scope import JOINS, readable_by, visible_to
from backend.casework.timeline import EventRow
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.errors import NotFound


class CaseRecord(msgspec.Struct, kw_only=True, dict=True):
    """A whole case with the names of its unions."""

    id: int
    number: str
    flow: str
    flow_version: int
    status: CaseStatus
    step_index: int
    plan: str
    passed: str
    round: int
    version: int
    applicant_id: int | None
    filed_by: int | None
    agent_label: str
    member_id: int | None
    subject_name: str
    id_no_index: str | None
    phone_index: str | None
    summary: str
    target_union_id: int | None
    desk_union_id: int | None
    desk_role: str | None
    desk_flagged: bool
    desk_name: str | None
    form: str
    sealed: str
    attachments: str
    submitted_at: datetime
    due_on: date | None
    calendar_due_on: date | None
    next_due_on: date | None
    days_left: int | None
    held_until: date | None
    hold_message: str
    urged_at: datetime | None
    decided_at: datetime | None
    decision_action: str | None
    decision_comment: str
    outcome: str | None
    open_questions: int
    desk_unread: int
    applicant_unread: int
    signed_by: int | None
    duplicate_of: str
    batch_id: int | None
    recusal: Recusal | None = None  # of the member of staff for whom it was read

    @property
    def spec(self) -> Flow:
        return catalogue.version(self.flow, self.flow_version)

    @cached_property
    def content(self) -> Content:
        return contents.unpack(Stored(self.form, self.sealed, self.attachments), context=contents.case_context(self.id))

    @property
    def standing(self) -> rules.Standing:
        return rules.Standing(
            status=self.status,
            applicant_id=self.applicant_id,
            member_id=self.member_id,
            desk_union_id=self.desk_union_id,
            desk_role=self.desk_role,
            urged_at=self.urged_at,
            held_until=self.held_until,
            batch_id=self.batch_id,
            signed_by=self.signed_by,
            recusal=self.recusal,
        )

    def question(self, actor: Actor) -> Question:
        today = clock.today()
        return Question(
            flow=self.flow,
            actor=actor,
            today=today,
            values=self.content.values,
            params=self.spec.params_on(today),
            member_id=self.member_id,
            target_union_id=self.target_union_id,
            case_id=self.id,
        )


_NOT_OWN = ("desk_name", "recusal")
_OWN_COLUMNS = [field.encode_name for field in msgspec.structs.fields(CaseRecord) if field.name not in _NOT_OWN]
_RECORD = f"SELECT {', '.join(f'c.`{name}`' for name in _OWN_COLUMNS)}, d.name AS desk_name FROM case_file c{JOINS}"  # noqa: S608


async def record(number: str, actor: Actor) -> CaseRecord:
    """The case, if the actor may see it."""
    condition, values = readable_by(actor)
    case = await _one(f"{_RECORD} WHERE c.number = %s AND {condition}", number, *values)
    return await seen_by(case, actor)


async def seen_by(case: CaseRecord, actor: Actor) -> CaseRecord:
    """With what keeps this member of staff from having a say in it."""
    case.recusal = await recusals.of_one(case.id, actor)
    return case


async def records_of_numbers(numbers: list[str], actor: Actor) -> list[CaseRecord]:
    """Those of the cases that the actor may see, in two queries."""
    if not numbers:
        return []
    condition, values = visible_to(actor)
    marks = ", ".join(["%s"] * len(numbers))
    found = await database.views(
        CaseRecord, f"{_RECORD} WHERE c.number IN ({marks}) AND {condition}", *numbers, *values
    )
    recused = await recusals.of(actor, [case.id for case in found])
    for case in found:
        case.recusal = recused.get(case.id)
    return found


async def decided_by_people(
    flow: str, since: datetime, scope: tuple[str, list[Any]], *, limit: int
) -> list[CaseRecord]:
    """Newest first; `scope` is a condition on the target union `t` with its values."""
    condition, values = scope
    return await database.views(
        CaseRecord,
        f"{_RECORD} LEFT JOIN straight_judgement j ON j.case_id = c.id AND j.verdict = %s"
        " WHERE c.flow = %s AND c.decided_at >= %s AND c.status IN (%s, %s) AND j.id IS NULL"
        f" AND {condition} ORDER BY c.decided_at DESC, c.id DESC LIMIT %s",
        StraightVerdict.APPROVED.value,
        flow,
        since,
        CaseStatus.APPROVED.value,
        CaseStatus.REJECTED.value,
        *values,
        limit,
    )


async def own_record(number: str, actor: Actor) -> CaseRecord:
    """By account or by member; a person who is no member matches none of the latter."""
    return await _one(
        f"{_RECORD} WHERE c.number = %s AND (c.applicant_id = %s OR c.member_id = %s)",
        number,
        actor.account_id,
        actor.member_id or 0,
    )


async def record_by_id(case_id: int) -> CaseRecord:
    """For the machine: notices, verification."""
    return await _one(f"{_RECORD} WHERE c.id = %s", case_id)


async def record_of_number(number: str) -> CaseRecord:
    """For a door that has checked the printed code."""
    return await _one(f"{_RECORD} WHERE c.number = %s", number)


async def _one(sql: str, *values: Any) -> CaseRecord:
    found = await database.view(CaseRecord, sql, *values)
    if found is None:
        raise NotFound("case_not_found")
    return found


async def events_of(case_id: int) -> list[EventRow]:
    return await database.views(
        EventRow,
        "SELECT at, action, actor_kind, actor_label, comment, private, step_index FROM case_event"
        " WHERE case_id = %s ORDER BY id",
        case_id,
    )


async def corrections_of(case_id: int, number: int) -> dict[str, str]:
    """Field → the clerk's comment, of one round."""
    found = await database.rows(
        "SELECT field, comment FROM correction WHERE case_id = %s AND round = %s ORDER BY id", case_id, number
    )
    return {row["field"]: row["comment"] for row in found}


class _Round(msgspec.Struct):
    id: int
    form: str
    sealed: str
    attachments: str


async def round_content(case_id: int, number: int) -> Content | None:
    """What the form held before the round after this one."""
    found = await database.view(
        _Round,
        "SELECT id, form, sealed, attachments FROM case_round WHERE case_id = %s AND round = %s",
        case_id,
        number,
    )
    if found is None:
        return None
    stored = Stored(found.form, found.sealed, found.attachments)
    return contents.unpack(stored, context=contents.round_context(found.id))
