"""The desk's queue: by due time, straight from the index, whatever lies in the archive."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from backend.casework import catalogue, headlines
from backend.casework.enums import OPEN, CaseStatus
from backend.casework.queries import recusals
from backend.casework.queries.scope import JOINS, desks_of, sees_everything, visible_to
from backend.casework.rules import UNDECIDED
from backend.casework.schemas import QueueRow, ServiceReference
from backend.core import clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.errors import invalid
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_NO_DAY = "9999-12-31"
_SEARCH_LIMIT = 50
# Among how many the next one is looked for: few lie on top in which a clerk has no say.
_NEXT_AMONG = 8
_LAST = "\U0010ffff"
_NUMBER = re.compile(r"[A-Z]{1,6}[0-9]{4}-?[0-9]{0,6}\Z")
_VERIFY = re.compile(r"/verify/([A-Za-z0-9-]{6,24})/")


class QueueQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What of the queue is wanted. `due` and `done` know the word "today"; `cover` is the account of a colleague
    whose desks one serves while they are away.
    """

    service: str = ""
    status: str = ""
    overdue: bool = False
    due: str = ""
    done: str = ""
    q: str = ""
    cover: str = ""


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    flow: str
    flow_version: int
    status: CaseStatus
    subject_name: str
    summary: str
    division: str
    due_on: date | None
    calendar_due_on: date | None
    next_due_on: date | None
    held_until: date | None
    round: int
    step_index: int
    version: int
    desk_flagged: bool
    urge_count: int
    open_questions: int
    desk_unread: int
    batch_id: int | None
    signed_by: int | None
    submitted_at: datetime


_COLUMNS = ", ".join(f"c.`{field.encode_name}`" for field in msgspec.structs.fields(_Row))


async def desk_queue(actor: Actor, wanted: QueueQuery, *, limit: int = 20, cursor: str | None = None) -> Page[QueueRow]:
    """Cases at the desks the actor serves, the most urgent first; three queries at most, however many rows."""
    if wanted.q.strip():
        found = await _search(actor, wanted.q)
        return Page(items=_lines(found, await _recused(found, actor)), next_cursor=None)
    if wanted.done:
        return await _page(await _done_today(actor, limit, cursor), limit, actor)
    statuses = _statuses(wanted)
    conditions, values = _conditions(wanted)
    after = _after(cursor)
    desks = desks_of(actor, cover=wanted.cover)
    found = await _branches(desks, statuses, conditions, values, limit=limit + 1, after=after)
    return await _page(found, limit, actor)


async def place_of(number: str) -> str | None:
    """Where a case stands in the queue, as a cursor: what comes after it is found even once it has left."""
    found = await database.views(_Row, f"SELECT {_COLUMNS} FROM case_file c WHERE c.number = %s", number)  # noqa: S608
    return _cursor_of(found[0]) if found else None


async def next_in_queue(
    actor: Actor, besides: str = "", *, wanted: QueueQuery | None = None, after: str | None = None
) -> str | None:
    """The most urgent undecided case of the actor's desks in which they have a say, other than the one named. With
    `wanted` of the list that is worked through, with `after` from that place on, and from its top at the end."""
    for cursor in dict.fromkeys((after, None)):
        page = await desk_queue(actor, wanted or QueueQuery(), limit=_NEXT_AMONG, cursor=cursor)
        for row in page.items:
            if row.number != besides and not row.recused and not row.in_batch:
                return row.number
    return None


async def matching(actor: Actor, wanted: QueueQuery, *, limit: int) -> list[QueueRow]:
    """Every undecided case that the filters leave, up to `limit`: what “all of these” means at this moment."""
    conditions, values = _conditions(wanted)
    desks = desks_of(actor, cover=wanted.cover)
    return _lines(await _branches(desks, UNDECIDED, f"{conditions} AND c.batch_id IS NULL", values, limit=limit))


async def _page(found: list[_Row], limit: int, actor: Actor) -> Page[QueueRow]:
    page = cut(found, limit, _cursor_of)
    return Page(items=_lines(page.items, await _recused(page.items, actor)), next_cursor=page.next_cursor)


def _cursor_of(row: _Row) -> str:
    return encode_cursor(_day(row.next_due_on), ids.public(row.id))


async def _recused(found: Sequence[_Row], actor: Actor) -> Collection[int]:
    """Those in which the actor has no say."""
    return await recusals.of(actor, [row.id for row in found])


def _statuses(wanted: QueueQuery) -> Sequence[CaseStatus]:
    if not wanted.status:
        return UNDECIDED
    if wanted.status not in set(CaseStatus):
        raise invalid("status", "wrong_value")
    return (CaseStatus(wanted.status),)


def _conditions(wanted: QueueQuery) -> tuple[str, list[Any]]:
    conditions, values = "", []
    if wanted.service:
        conditions += " AND c.flow = %s"
        values.append(wanted.service)
    if wanted.overdue:
        conditions += " AND c.next_due_on < %s"
        values.append(clock.today())
    if wanted.due:
        conditions += " AND c.next_due_on = %s"
        values.append(clock.today())
    return conditions, values


def _after(cursor: str | None) -> tuple[str, int]:
    if not cursor:
        return "", 0
    day, public_id = decode_cursor(cursor, str, str)
    return day[:10], ids.parse(public_id) or 0


def _day(value: date | None) -> str:
    return _NO_DAY if value is None else value.isoformat()


async def _branches(
    desks: Sequence[tuple[int, str]],
    statuses: Sequence[CaseStatus],
    conditions: str,
    values: Sequence[Any],
    *,
    limit: int,
    after: tuple[str, int] = ("", 0),
) -> list[_Row]:
    """One ordered walk of the index for each desk and state, then the first of them all."""
    if not desks:
        return []
    day, case_id = after
    order = f"COALESCE(c.next_due_on, '{_NO_DAY}')"
    if case_id:
        conditions += f" AND ({order} > %s OR ({order} = %s AND c.id > %s))"
        values = [*values, day, day, case_id]
    branch = (
        f"SELECT * FROM (SELECT {_COLUMNS} FROM case_file c"  # noqa: S608 - columns and conditions from code only
        f" WHERE c.desk_union_id = %s AND c.desk_role = %s AND c.status = %s{conditions}"
        " ORDER BY c.next_due_on, c.id LIMIT %s) AS branch"
    )
    parts, params = [], []
    for union_id, role in desks:
        for status in statuses:
            parts.append(branch)
            params += [union_id, role, status.value, *values, limit]
    sql = f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS c ORDER BY {order}, c.id LIMIT %s"  # noqa: S608
    return await database.views(_Row, sql, *params, limit)


async def _done_today(actor: Actor, limit: int, cursor: str | None) -> list[_Row]:
    """What the actor decided today, oldest case first."""
    _, after = _after(cursor)
    return await database.views(
        _Row,
        f"SELECT {_COLUMNS} FROM case_file c WHERE c.id > %s AND c.id IN"  # noqa: S608 - columns from code only
        " (SELECT s.case_id FROM step_decision s WHERE s.actor_id = %s AND s.at >= %s) ORDER BY c.id LIMIT %s",
        after,
        actor.account_id,
        clock.start_of(clock.today()),
        limit + 1,
    )


async def _search(actor: Actor, q: str) -> list[_Row]:
    """A whole number, phone or identity number finds any case in scope; parts of a name what is open here."""
    text = q.strip()[:200]
    if scanned := _VERIFY.search(text):
        return await _anywhere(actor, "c.number = %s", [scanned[1].upper()])
    text = national.compact(text)[:60]
    if not text:
        return []
    if _NUMBER.match(text):
        return await _anywhere(actor, "c.number >= %s AND c.number < %s", [text, text + "~"])
    if index := _blind(text):
        return await _anywhere(actor, f"c.{index[0]} = %s", [index[1]])
    if text.isascii():
        first, last = text.lower(), text.lower() + "~"
        condition = " AND c.subject_initials >= %s AND c.subject_initials < %s"
        return await _branches(desks_of(actor), OPEN, condition, [first, last], limit=_SEARCH_LIMIT)
    condition = " AND c.subject_name >= %s AND c.subject_name < %s"
    here = await _branches(desks_of(actor), OPEN, condition, [text, text + _LAST], limit=_SEARCH_LIMIT)
    elsewhere = await _anywhere(actor, "c.subject_name = %s", [text])
    known = {row.id for row in here}
    return [*here, *(row for row in elsewhere if row.id not in known)][:_SEARCH_LIMIT]


def _blind(text: str) -> tuple[str, str] | None:
    """(column, blind index) of a whole identity number or phone."""
    settings = reference.settings()
    try:
        number = national.parse_id_no(text, allow_synthetic=settings.allow_synthetic_ids, today=clock.today()).number
        return "id_no_index", crypto.blind_index("id_no", number)
    except national.InvalidValue:
        pass
    try:
        return "phone_index", crypto.blind_index("phone", national.parse_phone(text))
    except national.InvalidValue:
        return None


async def _anywhere(actor: Actor, condition: str, values: list[Any]) -> list[_Row]:
    joins, scope, scope_values = "", "1 = 1", []
    if not sees_everything(actor):
        joins = JOINS
        scope, scope_values = visible_to(actor)
    return await database.views(
        _Row,
        f"SELECT {_COLUMNS} FROM case_file c{joins} WHERE {condition} AND {scope} ORDER BY c.id DESC LIMIT %s",  # noqa: S608
        *values,
        *scope_values,
        _SEARCH_LIMIT,
    )


async def lines_of(case_ids: Sequence[int]) -> dict[int, QueueRow]:
    """Lines of these cases, by their ids."""
    if not case_ids:
        return {}
    marks = ", ".join(["%s"] * len(case_ids))
    found = await database.views(_Row, f"SELECT {_COLUMNS} FROM case_file c WHERE c.id IN ({marks})", *case_ids)  # noqa: S608
    return {row.id: line for row, line in zip(found, _lines(found), strict=True)}


async def page_of(where: str, values: list[Any], *, limit: int) -> Page[QueueRow]:
    """Cases that a reviewed condition on `case_file c` and its target union `t` names, the latest first."""
    found = await database.views(
        _Row,
        f"SELECT {_COLUMNS} FROM case_file c LEFT JOIN union_org t ON t.id = c.target_union_id"  # noqa: S608
        f" WHERE {where} ORDER BY c.id DESC LIMIT %s",
        *values,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=_lines(page.items), next_cursor=page.next_cursor)


def _lines(rows: Sequence[_Row], recused: Collection[int] = ()) -> list[QueueRow]:
    calendar, today = reference.calendar(), clock.today()
    divisions = reference.divisions()
    lines = []
    for row in rows:
        flow = catalogue.version(row.flow, row.flow_version)
        due_text, tone = headlines.due_words(
            row.status, row.next_due_on, row.held_until, calendar=calendar, today=today
        )
        lines.append(
            QueueRow(
                number=row.number,
                service=ServiceReference(flow.slug, flow.name),
                status=row.status,
                subject=national.mask_name(row.subject_name),
                summary=row.summary,
                division=divisions.name(row.division),
                due_on=row.due_on.isoformat() if row.due_on else None,
                calendar_due_on=row.calendar_due_on.isoformat() if row.calendar_due_on else None,
                due_text=due_text,
                tone=tone,
                round=row.round,
                step_name=flow.steps[row.step_index].name if row.step_index < len(flow.steps) else "",
                version=row.version,
                flagged=row.desk_flagged,
                urged=row.urge_count > 0,
                submitted_at=clock.iso(row.submitted_at) or "",
                in_batch=row.batch_id is not None,
                asking=row.open_questions > 0,
                unread_messages=row.desk_unread,
                signed=row.signed_by is not None,
                recused=row.id in recused,
            )
        )
    return lines
