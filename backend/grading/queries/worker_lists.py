"""Who is in the register and who is due: one statement for a page, one for all counts."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import msgspec

from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.grading import scheme_files
from backend.grading.enums import DUE_TEXT, POST_NAMES, WorkerDue
from backend.grading.queries.worker_rows import COLUMNS, SOURCE, visible_to
from backend.grading.worker_schemas import WorkerCounts, WorkerRow, WorkerView
from backend.membership import queries as roll
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

SOON_DAYS = 90

_LACKS = "NOT EXISTS (SELECT 1 FROM social_worker_year y WHERE y.worker_id = w.id AND y.year = %s) AND w.hired_on <= %s"
_IN_SERVICE = "(w.left_on IS NULL OR w.left_on >= %s)"
_CONDITIONS = {
    WorkerDue.GRADE: f"w.next_on <= %s AND {_IN_SERVICE}",
    WorkerDue.CONFIRM: f"w.confirmed_grade < w.grade AND {_IN_SERVICE}",
    WorkerDue.TRAINING: f"w.training_due_on <= %s AND {_IN_SERVICE}",
    WorkerDue.CAPPED: f"w.capped = %s AND {_IN_SERVICE}",
    WorkerDue.APPRAISAL: f"{_LACKS} AND {_IN_SERVICE}",
    WorkerDue.LEFT: "w.left_on < %s",
}
# What a list is read in the order of; by id where no day is nearer than another.
_ORDERS = {WorkerDue.GRADE: "w.next_on", WorkerDue.TRAINING: "w.training_due_on"}

_LINE = f"SELECT {COLUMNS}, CASE WHEN {_LACKS} THEN 1 ELSE 0 END AS unappraised {SOURCE}"


class LineRow(WorkerRow, kw_only=True):
    unappraised: bool


def _limits(today: date, days: int) -> dict[WorkerDue, list[Any]]:
    """The values of each condition."""
    warn = scheme_files.current().workers.on(today).training.warn_days
    return {
        WorkerDue.GRADE: [today + timedelta(days=days), today],
        WorkerDue.CONFIRM: [today],
        WorkerDue.TRAINING: [today + timedelta(days=warn), today],
        WorkerDue.CAPPED: [True, today],
        WorkerDue.APPRAISAL: [*_last_year(today), today],
        WorkerDue.LEFT: [today],
    }


def _last_year(today: date) -> list[Any]:
    """The year that should be appraised by now, and its last day."""
    return [today.year - 1, date(today.year - 1, 12, 31)]


async def desk_workers(
    actor: Actor,
    *,
    due: WorkerDue | None = None,
    union: str = "",
    q: str = "",
    days: int = SOON_DAYS,
    limit: int = 20,
    cursor: str | None = None,
) -> Page[WorkerView]:
    """Those in service, or those with this reason to look at them, the nearest day first."""
    today = clock.today()
    where, values = await _matching(actor, union=union, q=q)
    where += f" AND {_CONDITIONS[due] if due else _IN_SERVICE}"
    values += _limits(today, days)[due] if due else [today]
    order = _ORDERS.get(due, "w.id") if due else "w.id"
    if cursor:
        *at, last = decode_cursor(cursor, str) if order == "w.id" else decode_cursor(cursor, date, str)
        later = f"({order} > %s OR ({order} = %s AND w.id > %s))" if at else "w.id > %s"
        where, values = f"{where} AND {later}", [*values, *at, *at, ids.parse(last) or 0]
    found = await database.views(
        LineRow,
        f"{_LINE} WHERE {where} ORDER BY {order}, w.id LIMIT %s",
        *_last_year(today),
        *values,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(*_place(one, order), ids.public(one.id)))
    return Page(items=[line_view(one, today, days) for one in page.items], next_cursor=page.next_cursor)


def _place(row: LineRow, order: str) -> list[date]:
    day = {"w.next_on": row.next_on, "w.training_due_on": row.training_due_on}.get(order)
    return [day] if day else []


async def _matching(actor: Actor, *, union: str, q: str) -> tuple[str, list[Any]]:
    where, values = visible_to(actor)
    conditions: list[Any] = list(values)
    if union:
        place = await unions.place_in_scope(union, actor, "worker.view")
        inside, more = unions.within(place.path)
        where, conditions = f"{where} AND {inside}", [*conditions, *more]
    wanted = "".join(q.split())[:25]
    if wanted:
        for sign in "!%_":
            wanted = wanted.replace(sign, f"!{sign}")
        where += " AND (w.name LIKE %s ESCAPE '!' OR w.initials LIKE %s ESCAPE '!')"
        conditions += [f"%{wanted}%", f"{wanted.lower()}%"]
    return where, conditions


async def worker_counts(actor: Actor, *, union: str = "", days: int = SOON_DAYS) -> WorkerCounts:
    """All counts in one statement."""
    today = clock.today()
    where, values = await _matching(actor, union=union, q="")
    limits = _limits(today, days)
    counted = ", ".join(f"COUNT(CASE WHEN {_CONDITIONS[due]} THEN 1 END) AS `{due.value}`" for due in WorkerDue)
    [row] = await database.views(
        WorkerCounts,
        f"SELECT COUNT(CASE WHEN {_IN_SERVICE} THEN 1 END) AS total, {counted} {SOURCE} WHERE {where}",
        today,
        *(value for due in WorkerDue for value in limits[due]),
        *values,
    )
    return row


def line_view(row: LineRow, today: date, days: int = SOON_DAYS) -> WorkerView:
    due = due_of(row, today, days)
    return WorkerView(
        id=ids.public(row.id),
        name=row.name,
        union_id=ids.public(row.union_id),
        union_name=row.union_name,
        post=row.post_now.value,
        post_text=POST_NAMES[row.post_now],
        grade=row.grade,
        hired_on=row.hired_on.isoformat(),
        next_on=row.next_on.isoformat() if row.next_on else None,
        training_due_on=row.training_due_on.isoformat(),
        left_on=row.left_on.isoformat() if row.left_on else None,
        due=[one.value for one in due],
        due_texts=[DUE_TEXT[one] for one in due],
    )


def due_of(row: LineRow, today: date, days: int) -> list[WorkerDue]:
    """The same conditions as those of the lists, of one row."""
    if row.left_on is not None and row.left_on < today:
        return [WorkerDue.LEFT]
    warn = scheme_files.current().workers.on(today).training.warn_days
    holds = {
        WorkerDue.GRADE: row.next_on is not None and row.next_on <= today + timedelta(days=days),
        WorkerDue.CONFIRM: row.confirmed_grade < row.grade,
        WorkerDue.TRAINING: row.training_due_on <= today + timedelta(days=warn),
        WorkerDue.CAPPED: row.capped,
        WorkerDue.APPRAISAL: row.unappraised,
    }
    return [one for one, held in holds.items() if held]


async def line_of(worker_id: int) -> LineRow:
    [row] = await database.views(LineRow, f"{_LINE} WHERE w.id = %s", *_last_year(clock.today()), worker_id)
    return row


# ---- taking out -------------------------------------------------------------------

LINE_COLUMNS = (
    *(
        "姓名",
        "身份证号",
        "用人的工会",
        "入职日期",
        "录用岗位",
        "起始级别",
        "现岗位",
        "现级别",
        "核定级别",
        "下次晋级日",
    ),
    *("轮训期限", "离职日期", "提示"),
)


class WorkerLine(msgspec.Struct, frozen=True):
    """`subject` is whose number the line opens: a member's, where the worker is one."""

    id: int
    subject: tuple[str, int]
    cells: tuple[str | int, ...]


async def count_worker_lines(actor: Actor, wanted: Mapping[str, str], *, through: int) -> int:
    where, values = await _taken(actor, wanted)
    return await database.scalar(
        f"SELECT COUNT(*) {SOURCE} WHERE w.id <= %s AND {where}",
        through,
        *values,
    )


async def worker_lines(
    actor: Actor, wanted: Mapping[str, str], *, reveal: bool, after: int, through: int, limit: int
) -> list[WorkerLine]:
    """By rising id; `wanted` knows `union` and `due`."""
    where, values = await _taken(actor, wanted)
    found = await database.views(
        LineRow,
        f"{_LINE} WHERE w.id > %s AND w.id <= %s AND {where} ORDER BY w.id LIMIT %s",
        *_last_year(clock.today()),
        after,
        through,
        *values,
        limit,
    )
    members = await roll.ids_by_id_no([row.id_no_index for row in found])
    return [WorkerLine(row.id, _subject(row, members), _cells(row, reveal=reveal)) for row in found]


def _subject(row: LineRow, members: Mapping[str, int]) -> tuple[str, int]:
    member_id = members.get(row.id_no_index)
    return ("social_worker", row.id) if member_id is None else ("member", member_id)


async def _taken(actor: Actor, wanted: Mapping[str, str]) -> tuple[str, list[Any]]:
    where, values = await _matching(actor, union=wanted.get("union", ""), q="")
    if due := wanted.get("due", ""):
        where += f" AND {_CONDITIONS[WorkerDue(due)]}"
        values += _limits(clock.today(), SOON_DAYS)[WorkerDue(due)]
    return where, values


def _cells(row: LineRow, *, reveal: bool) -> tuple[str | int, ...]:
    number = crypto.open_sealed(row.id_no_sealed, context=f"social_worker/id_no/{row.id}")
    view = line_view(row, clock.today())
    return (
        row.name,
        number if reveal else national.mask_id_no(number),
        row.union_name,
        view.hired_on,
        POST_NAMES[row.post],
        row.start_grade,
        view.post_text,
        row.grade,
        row.confirmed_grade,
        view.next_on or "",
        view.training_due_on,
        view.left_on or "",
        "、".join(view.due_texts),
    )
