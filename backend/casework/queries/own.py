"""What applicants see of their own affairs: the list, one case, what is open for correction, half-filled forms."""

from datetime import date, datetime

import msgspec

from backend.casework import catalogue, clocks, headlines, quoting
from backend.casework.enums import CLOSED, OPEN, CaseStatus
from backend.casework.flows import Flow
from backend.casework.queries import acts, case_views, questions, records
from backend.casework.queries.case_views import own_actions, steps_of
from backend.casework.rules import UNDECIDED
from backend.casework.schemas import (
    CaseRow,
    CaseView,
    DraftLine,
    QuoteView,
    ReturnedLine,
    ServiceReference,
    SlotView,
)
from backend.core import clock, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.errors import invalid
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_NO_VERSION = 0
_GROUPS = {"open": OPEN, "closed": CLOSED}


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    flow: str
    flow_version: int
    status: CaseStatus
    step_index: int
    plan: str
    passed: str
    submitted_at: datetime
    due_on: date | None
    next_due_on: date | None
    days_left: int | None
    held_until: date | None
    applicant_unread: int
    duplicate_of: str
    desk_name: str | None
    to_correct: int


_ROWS = (
    "SELECT c.id, c.number, c.flow, c.flow_version, c.status, c.step_index, c.plan, c.passed, c.submitted_at,"
    " c.due_on, c.next_due_on, c.days_left, c.held_until, c.applicant_unread, c.duplicate_of, d.name AS desk_name,"
    " (SELECT COUNT(*) FROM correction k WHERE k.case_id = c.id AND k.round = c.round) AS to_correct"
    " FROM case_file c LEFT JOIN union_org d ON d.id = c.desk_union_id"
)
_MOST_TRACED = 200


async def own_cases(
    actor: Actor, *, status: str = "", service: str = "", limit: int = 20, cursor: str | None = None
) -> Page[CaseRow]:
    """Newest first, in one query. `status` is one state, or `open` or `closed`.

    A case is the actor's by account or by member: it may have been filed at a window, or before the account
    was theirs. Each way reads its own index and stops at the limit.
    """
    conditions, values = _wanted(status)
    if service:
        conditions += " AND flow = %s"
        values.append(service)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    conditions += " AND id < %s"
    found = await database.views(
        _Row,
        f"{_ROWS} JOIN (SELECT id FROM"  # noqa: S608 - our own conditions
        f" (SELECT id FROM case_file WHERE applicant_id = %s{conditions} ORDER BY id DESC LIMIT %s) filed"
        " UNION SELECT id FROM"
        f" (SELECT id FROM case_file WHERE member_id = %s{conditions} ORDER BY id DESC LIMIT %s) belonging"
        ") mine ON mine.id = c.id ORDER BY c.id DESC LIMIT %s",
        *(actor.account_id, *values, before, limit + 1),
        *(actor.member_id or 0, *values, before, limit + 1),
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_line(row) for row in page.items], next_cursor=page.next_cursor)


def _wanted(status: str) -> tuple[str, list[str]]:
    if not status:
        return "", []
    group = _GROUPS.get(status)
    if group is None:
        if status not in set(CaseStatus):
            raise invalid("status", "wrong_value")
        group = (CaseStatus(status),)
    return f" AND status IN ({', '.join(['%s'] * len(group))})", [one.value for one in group]


def _line(row: _Row) -> CaseRow:
    flow = catalogue.version(row.flow, row.flow_version)
    left = _days_left(row)
    standing = headlines.Standing(
        status=row.status,
        service=flow.name,
        desk=row.desk_name or "",
        to_correct=row.to_correct,
        held_until=row.held_until,
        duplicate_of=row.duplicate_of,
    )
    return CaseRow(
        number=row.number,
        service=ServiceReference(flow.slug, flow.name),
        status=row.status,
        status_text=headlines.status_text(row.status, row.duplicate_of),
        tone=headlines.tone(row.status, case_views.desk_days_left(row.next_due_on)),
        headline=headlines.headline(standing),
        submitted_at=clock.iso(row.submitted_at) or "",
        due_on=row.due_on.isoformat() if row.due_on else None,
        days_left=left,
        steps=steps_of(flow, row),
        unread_messages=row.applicant_unread,
    )


def _days_left(row: _Row) -> int | None:
    if row.due_on is not None:
        return clocks.days_left(reference.calendar(), clock.today(), row.due_on)
    return row.days_left if row.status in (CaseStatus.RETURNED, CaseStatus.ON_HOLD) else None


async def own_counts(actor: Actor) -> dict[str, int]:
    """How many of my cases are `open` and how many `closed`."""
    found = await database.rows(
        "SELECT status, COUNT(*) AS cases FROM (SELECT id, status FROM case_file WHERE applicant_id = %s"
        " UNION SELECT id, status FROM case_file WHERE member_id = %s) mine GROUP BY status",
        actor.account_id,
        actor.member_id or 0,
    )
    by_status = {row["status"]: row["cases"] for row in found}
    return {group: sum(by_status.get(status.value, 0) for status in states) for group, states in _GROUPS.items()}


async def traced_subjects(actor: Actor) -> list[tuple[str, int]]:
    """My newest cases, as names under which somebody may have opened my data."""
    found = await database.rows(
        "SELECT id FROM case_file WHERE applicant_id = %s UNION SELECT id FROM case_file WHERE member_id = %s"
        " ORDER BY id DESC LIMIT %s",
        actor.account_id,
        actor.member_id or 0,
        _MOST_TRACED,
    )
    return [("case", row["id"]) for row in found]


async def own_case(number: str, actor: Actor) -> CaseView:
    case = await records.own_record(number, actor)
    view = await case_views.case_view(case, own=True, actions=own_actions(case))
    if case.open_questions:
        view.asking = await questions.asked_unions(case.id)
    return await acts.add_to(view, case, actor, own=True)


async def own_flow(number: str, actor: Actor) -> Flow:
    """The flow as it was when my case began."""
    return (await records.own_record(number, actor)).spec


async def running_case(slug: str, actor: Actor) -> CaseRow | None:
    """My running case of this service, the newest."""
    found = await own_cases(actor, status="open", service=slug, limit=1)
    return found.items[0] if found.items else None


async def own_drafts(actor: Actor) -> list[DraftLine]:
    """Forms begun and not sent, the latest first."""
    found = await database.rows(
        "SELECT flow, saved_at FROM draft WHERE account_id = %s ORDER BY saved_at DESC", actor.account_id
    )
    lines = []
    for row in found:
        item = catalogue.current().item(row["flow"])
        if item is not None and item.enabled:
            saved_at = database.aware(row["saved_at"])
            lines.append(DraftLine(slug=item.slug, name=item.name, saved_at=clock.iso(saved_at) or ""))
    return lines


async def running_cases(actor: Actor, limit: int = 5) -> list[CaseRow]:
    """For the first screen: what is under way, the newest first."""
    return (await own_cases(actor, status="open", limit=limit)).items


async def own_quote(number: str, actor: Actor) -> QuoteView | None:
    case = await records.own_record(number, actor)
    if not case.spec.quote:
        return None
    return await quoting.quote_view(case.spec, case.question(actor))


def returned_lines(case: CaseView) -> list[ReturnedLine]:
    """The returned fields by the names their owner knows, in the order of the form."""
    flow = _in_force(case)
    labels = {spec.name: spec.label for spec in (*flow.fields, *flow.attachments)}
    return [ReturnedLine(labels.get(one.field, one.field), one.comment) for one in case.corrections]


def urged_today(case: CaseView) -> bool:
    """Whether the button would be there had it not been pressed within a day."""
    return case.status in set(UNDECIDED) and "urge" not in case.actions


def own_slots(case: CaseView) -> list[SlotView]:
    return case_views.slots_of(_in_force(case), case.files)


def _in_force(case: CaseView) -> Flow:
    """For labels alone: the newest file of the service, also when it is closed to new applications."""
    return catalogue.version(case.service.slug, _NO_VERSION)


async def applicant_of(number: str, actor: Actor) -> str:
    """The name in the application, masked, for a paper that may lie about."""
    case = await records.record(number, actor)
    return national.mask_name(case.subject_name)
