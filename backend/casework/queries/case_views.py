"""A case as a View: the same for the applicant and the desk, but for who reads it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

import msgspec

from backend.casework import attachments, clocks, headlines, rules, timeline
from backend.casework.enums import OPEN, CaseAction, CaseStatus, FieldKind
from backend.casework.flows import Flow
from backend.casework.forms import masks, render
from backend.casework.queries import records
from backend.casework.queries.records import CaseRecord
from backend.casework.schemas import (
    CaseView,
    CorrectionView,
    DecisionView,
    FieldView,
    FileView,
    ServiceReference,
    SlotView,
    StepNow,
    StepView,
)
from backend.core import clock, database, ids, reference
from backend.documents import codes
from backend.payments import queries as payments
from backend.unions import queries as unions
from backend.unions.enums import LEVEL_NAMES, UnionLevel

VERIFY_KIND = "case"
_STEP_KNOWN = (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW, CaseStatus.RETURNED, CaseStatus.ON_HOLD)

Choices = Mapping[str, Mapping[str, str]]


async def case_view(
    case: CaseRecord, *, own: bool, actions: list[CaseAction], changed: Mapping[str, str | None] | None = None
) -> CaseView:
    """A fixed number of queries. `changed` are fields of this round with the words of the round before."""
    flow, content = case.spec, case.content
    events = await records.events_of(case.id)
    returned = await records.corrections_of(case.id, case.round) if case.status == CaseStatus.RETURNED else {}
    choices = await union_choices(flow, content.values)
    files = await files_of(case, flow)
    left = days_left(case)
    calendar_due_on, calendar_text = _second_clock(case, flow)
    return CaseView(
        number=case.number,
        service=ServiceReference(flow.slug, flow.name),
        status=case.status,
        step=step_now(case, flow),
        submitted_at=clock.iso(case.submitted_at) or "",
        due_on=case.due_on.isoformat() if case.due_on else None,
        held_until=case.held_until.isoformat() if case.held_until else None,
        calendar_due_on=calendar_due_on,
        calendar_text=calendar_text,
        version=case.version,
        agent=case.agent_label,
        form=masks.masked(flow, content.values),
        attachments=content.attachments,
        corrections=[CorrectionView(field, comment) for field, comment in returned.items()],
        decision=decision_of(case),
        outcome=await _outcome(case),
        timeline=timeline.entries(events, *_names(flow), own=own),
        actions=[action.value for action in actions],
        headline=headlines.headline(standing_of(case, flow, len(returned))),
        status_text=headlines.status_text(case.status, case.duplicate_of),
        tone=headlines.tone(case.status, desk_days_left(case.next_due_on)),
        days_left=left,
        hold_message=case.hold_message,
        steps=steps_of(flow, case),
        fields=answers(flow, content.values, choices, changed or {}),
        files=files,
        verify_url=verify_url(case.number),
        viewers=await _viewers(case),
        unread_messages=case.applicant_unread if own else case.desk_unread,
    )


async def _outcome(case: CaseRecord) -> dict[str, Any] | None:
    """What it brought about; of an amount that it granted, where that is by now."""
    said: dict[str, Any] | None = msgspec.json.decode(case.outcome) if case.outcome else None
    if said and said.get("due_fen"):
        said["due_text"] = await payments.due_text_of(case.id) or said.get("due_text", "")
    return said


def _names(flow: Flow) -> tuple[list[str], dict[str, str]]:
    """Of steps and of the flow's own actions, for the history."""
    return [step.name for step in flow.steps], {action.key: action.name for action in flow.actions}


def answers(
    flow: Flow, values: Mapping[str, Any], choices: Choices, changed: Mapping[str, str | None]
) -> list[FieldView]:
    """What was filled in, in words; what else could have been chosen is of no use to a reader."""
    fields = render.render_answers(flow, values, choices=choices, changed=changed)
    for field in fields:
        field.options = []
    return fields


def _second_clock(case: CaseRecord, flow: Flow) -> tuple[str | None, str]:
    """The last day in calendar days and what it is, while the case is open and has one."""
    if case.calendar_due_on is None or flow.calendar_clock is None or case.status not in OPEN:
        return None, ""
    return case.calendar_due_on.isoformat(), flow.calendar_clock.text


def desk_days_left(next_due_on: date | None) -> int | None:
    """Working days until the nearest of the last days."""
    return None if next_due_on is None else clocks.days_left(reference.calendar(), clock.today(), next_due_on)


def days_left(case: CaseRecord) -> int | None:
    if case.due_on is not None:
        return clocks.days_left(reference.calendar(), clock.today(), case.due_on)
    return case.days_left if case.status in (CaseStatus.RETURNED, CaseStatus.ON_HOLD) else None


def standing_of(case: CaseRecord, flow: Flow, to_correct: int) -> headlines.Standing:
    return headlines.Standing(
        status=case.status,
        service=flow.name,
        desk=case.desk_name or "",
        to_correct=to_correct,
        held_until=case.held_until,
        duplicate_of=case.duplicate_of,
    )


def step_now(case: CaseRecord, flow: Flow) -> StepNow | None:
    if case.status not in _STEP_KNOWN or case.step_index >= len(flow.steps):
        return None
    step = flow.steps[case.step_index]
    return StepNow(index=case.step_index, name=step.name, role=case.desk_role or step.role, desk=case.desk_name or "")


def decision_of(case: CaseRecord) -> DecisionView | None:
    if case.decision_action is None:
        return None
    return DecisionView(action=case.decision_action, comment=case.decision_comment, at=clock.iso(case.decided_at) or "")


class OnItsWay(Protocol):
    """What of a case says how far it is."""

    plan: str
    passed: str
    step_index: int
    status: CaseStatus
    desk_name: str | None


def steps_of(flow: Flow, case: OnItsWay) -> list[StepView]:
    """The way of a case: handed in, then the steps that apply to it. A step that is done names the union that did
    it, the present one the desk that has the case, one ahead only its level."""
    views = [StepView(index=-1, name="已提交", role="", desk="", state="done")]
    passed: dict[str, str] = msgspec.json.decode(case.passed)
    for index in _planned(flow, case.plan):
        step = flow.steps[index]
        state = "done" if index < case.step_index or case.status == CaseStatus.APPROVED else "ahead"
        where = passed.get(str(index), "") if state == "done" else ""
        if index == case.step_index and case.status in _STEP_KNOWN:
            state, where = "current", case.desk_name or ""
        where = where or f"{LEVEL_NAMES[UnionLevel(step.level)]}工会"
        views.append(StepView(index=index, name=step.name, role=step.role, desk=where, state=state, days=step.days))
    return views


def _planned(flow: Flow, plan: str) -> list[int]:
    if not plan:
        return list(range(len(flow.steps)))
    return [index for part in plan.split(",") if (index := int(part)) < len(flow.steps)]


async def union_choices(flow: Flow, values: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Names of the unions that a form names, by field. No query when it names none."""
    named = {
        spec.name: str(values[spec.name])
        for spec in flow.fields
        if spec.kind == FieldKind.ORG_REF and values.get(spec.name)
    }
    found = await unions.places({number for value in named.values() if (number := ids.parse(value)) is not None})
    names = {ids.public(one.id): one.name for one in found.values()}
    return {field: {value: names[value]} for field, value in named.items() if value in names}


async def files_of(case: CaseRecord, flow: Flow) -> dict[str, list[FileView]]:
    content = case.content
    held = attachments.of_values(flow, content.attachments, content.values)
    return await attachments.views(held, new=await _new_files(case))


def slots_of(flow: Flow, files: Mapping[str, list[FileView]]) -> list[SlotView]:
    """Every place for attachments, with what is in it."""
    return [
        SlotView(
            name=slot.name,
            label=slot.label,
            required=slot.required,
            max_files=slot.max_files,
            files=files.get(slot.name, []),
        )
        for slot in flow.attachments
    ]


async def _new_files(case: CaseRecord) -> frozenset[str]:
    """Those that the last corrections brought."""
    if case.round == 1:
        return frozenset()
    found = await database.rows(
        "SELECT file_id FROM case_attachment WHERE case_id = %s AND round = %s", case.id, case.round
    )
    return frozenset(ids.public(row["file_id"]) for row in found)


def verify_url(number: str) -> str:
    code = codes.code_for(kind=VERIFY_KIND, number=number)
    return f"{reference.settings().base_url}/verify/{number}/{code}"


def subjects_of(case: CaseRecord) -> list[tuple[str, int]]:
    """Under which names the sensitive data of this case's person may have been opened."""
    subjects = [("case", case.id)]
    if case.applicant_id is not None:
        subjects.append(("account", case.applicant_id))
    if case.member_id is not None:
        subjects.append(("member", case.member_id))
    return subjects


async def _viewers(case: CaseRecord) -> int:
    """How many members of staff opened sensitive data of this person."""
    subjects = subjects_of(case)
    one_of = " OR ".join(["(subject_kind = %s AND subject_id = %s)"] * len(subjects))
    sql = f"SELECT COUNT(DISTINCT actor_id) FROM access_trace WHERE {one_of}"  # noqa: S608 - placeholders only
    return int(await database.scalar(sql, *(part for subject in subjects for part in subject)))


def own_actions(case: CaseRecord) -> list[CaseAction]:
    return rules.may_as_applicant(case.standing, clock.now())
