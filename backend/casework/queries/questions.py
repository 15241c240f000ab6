"""Questions between desks: those of a case, and those that wait for an answer of mine."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from backend.casework import clocks, rules
from backend.casework.enums import VERDICT_TEXT, QuestionState, Verdict
from backend.casework.queries import queue, records, transfers
from backend.casework.queries.records import CaseRecord
from backend.casework.queries.scope import at_desks, desks_of
from backend.casework.queries.transfers import TransferOptions
from backend.casework.schemas import QuestionView, QueueRow
from backend.core import clock, database, ids, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound, invalid
from backend.unions import queries as unions
from backend.unions.schemas import DeskView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_MOST = 100
_FIRST_DAY = "1000-01-01"
_STATE_TEXT = {QuestionState.OPEN: "待答复", QuestionState.ANSWERED: "已答复", QuestionState.LAPSED: "没有答复，已办结"}


class _Row(msgspec.Struct, kw_only=True):
    id: int
    case_number: str
    union_id: int
    role: str
    state: QuestionState
    text: str
    shared: bool
    asker_label: str
    asked_at: datetime
    due_on: date
    verdict: str | None
    answer: str
    answerer_label: str
    answered_at: datetime | None


_ROWS = (
    "SELECT q.id, c.number AS case_number, q.union_id, q.role, q.state, q.text, q.shared, q.asker_label, q.asked_at,"
    " q.due_on, q.verdict, q.answer, q.answerer_label, q.answered_at"
    " FROM case_question q JOIN case_file c ON c.id = q.case_id"
)


class QuestionForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the page that asks needs: where one may ask, until when an answer is due by itself."""

    case: CaseRecord
    questions: list[QuestionView]
    may_ask: bool
    options: TransferOptions
    due_on: str


async def of_case(case: CaseRecord, actor: Actor) -> list[QuestionView]:
    """The latest first."""
    return await _views(f"{_ROWS} WHERE q.case_id = %s ORDER BY q.id DESC LIMIT {_MOST}", [case.id], actor)


async def case_questions(number: str, actor: Actor) -> list[QuestionView]:
    return await of_case(await records.record(number, actor), actor)


async def question_form(number: str, actor: Actor) -> QuestionForm:
    case = await records.record(number, actor)
    may = rules.may_ask(actor, case.standing)
    return QuestionForm(
        case=case,
        questions=await of_case(case, actor),
        may_ask=may,
        options=await transfers.transfer_options(number, actor) if may else TransferOptions([], []),
        due_on=reference.calendar().add_workdays(clock.today(), case.spec.question_days).isoformat(),
    )


async def question(question: str, actor: Actor) -> QuestionView:
    """One that was put to a desk of the actor's."""
    condition, values = at_desks(actor)
    found = await _views(f"{_ROWS} WHERE q.id = %s AND {condition}", [ids.parse(question) or 0, *values], actor)
    if not found:
        raise NotFound("question_unknown")
    return found[0]


async def asked_unions(case_id: int) -> list[str]:
    """Whose opinion a case waits for, by the names of the unions."""
    found = await database.rows(
        "SELECT DISTINCT u.name FROM case_question q JOIN union_org u ON u.id = q.union_id"
        " WHERE q.case_id = %s AND q.state = %s ORDER BY u.name",
        case_id,
        QuestionState.OPEN.value,
    )
    return [row["name"] for row in found]


async def asked_of_me(
    actor: Actor, *, status: str = "open", limit: int = 20, cursor: str | None = None
) -> Page[QuestionView]:
    """Questions to the desks I serve: what waits, the most urgent first, or by another status the latest first."""
    if status not in set(QuestionState):
        raise invalid("status", "wrong_value")
    condition, values = at_desks(actor)
    if status == QuestionState.OPEN:
        day, last = _after(cursor)
        condition += " AND q.state = %s AND (q.due_on > %s OR (q.due_on = %s AND q.id > %s))"
        values = [*values, status, day, day, last]
        order = "q.due_on, q.id"
    else:
        before = ids.parse(decode_cursor(cursor, str, str)[1]) or 0 if cursor else 2**63 - 1
        condition += " AND q.state = %s AND q.id < %s"
        values = [*values, status, before]
        order = "q.id DESC"
    found = await _views(f"{_ROWS} WHERE {condition} ORDER BY {order} LIMIT %s", [*values, limit + 1], actor)
    return cut(found, limit, lambda row: encode_cursor(row.due_on, row.id))


class _Due(msgspec.Struct, kw_only=True):
    id: int
    case_id: int
    due_on: date


async def asked_queue(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[QueueRow]:
    """The cases about which my desks are asked, as lines of the queue; their day is that of the question."""
    if not desks_of(actor):
        return Page(items=[], next_cursor=None)
    condition, values = at_desks(actor)
    day, last = _after(cursor)
    found = await database.views(
        _Due,
        f"SELECT q.id, q.case_id, q.due_on FROM case_question q WHERE {condition} AND q.state = %s"  # noqa: S608
        " AND (q.due_on > %s OR (q.due_on = %s AND q.id > %s)) ORDER BY q.due_on, q.id LIMIT %s",
        *values,
        QuestionState.OPEN.value,
        day,
        day,
        last,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(row.due_on.isoformat(), ids.public(row.id)))
    lines = await queue.lines_of([row.case_id for row in page.items])
    rows = []
    for row in page.items:
        line = msgspec.structs.replace(lines[row.case_id], asked=True)
        line.due_text, line.tone = _due_words(row.due_on)
        rows.append(line)
    return Page(items=rows, next_cursor=page.next_cursor)


def _after(cursor: str | None) -> tuple[str, int]:
    if not cursor:
        return _FIRST_DAY, 0
    day, public_id = decode_cursor(cursor, date, str)
    return day.isoformat(), ids.parse(public_id) or 0


async def _views(sql: str, values: list[object], actor: Actor) -> list[QuestionView]:
    """Two queries, however many rows."""
    rows = await database.views(_Row, sql, *values)
    desks = await unions.load_desks({(row.union_id, row.role) for row in rows}) if rows else {}
    return [_view(row, desks, actor) for row in rows]


def _view(row: _Row, desks: Mapping[tuple[int, str], DeskView], actor: Actor) -> QuestionView:
    is_open = row.state == QuestionState.OPEN
    due_text, tone = _due_words(row.due_on) if is_open else ("", "")
    desk = desks.get((row.union_id, row.role))
    return QuestionView(
        id=ids.public(row.id),
        case_number=row.case_number,
        desk=f"{desk.union.name} {desk.role_name}" if desk else "",
        text=row.text,
        shared=row.shared,
        asked_by=row.asker_label,
        asked_at=clock.iso(row.asked_at) or "",
        due_on=row.due_on.isoformat(),
        due_text=due_text,
        tone=tone,
        state=row.state,
        state_text=_STATE_TEXT[row.state],
        verdict=row.verdict or "",
        verdict_text=VERDICT_TEXT[Verdict(row.verdict)] if row.verdict else "",
        answer=row.answer,
        answered_by=row.answerer_label,
        answered_at=clock.iso(row.answered_at),
        may_answer=is_open and rules.post_at(actor, row.union_id, row.role) is not None,
    )


def _due_words(due: date) -> tuple[str, str]:
    """3月12日前答复; in red what is late or due today."""
    today = clock.today()
    text, tone = clocks.due_words(reference.calendar(), today, due)
    return (f"{clocks.day_words(due, today)}前答复" if due > today else text.replace("到期", "答复")), tone
