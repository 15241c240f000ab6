"""Hardship files as desks look after them, as households see their own, and as rules ask about them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from backend.aid import hardship_lines
from backend.aid.hardship_enums import CHANGE_TEXT, EXIT_TEXT, FILE_TEXT, GRADE_TEXT, FileChange, FileState, Grade
from backend.aid.hardship_schemas import ChangeView, FileFacts, FilePage, FileView, PersonView
from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.membership import queries as roll
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

VIEW = "aid.view"
_LONGEST = 24
_LAST = "\U0010ffff"


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    case_number: str
    head_name: str
    size: int
    income_fen: int
    expense_fen: int
    per_capita_fen: int
    grade: Grade
    state: FileState
    opened_on: date
    review_due_on: date
    help_until: date | None
    exit_reason: str
    union_name: str


class _Person(msgspec.Struct, kw_only=True):
    person_index: str
    name: str
    relation: str


class _Change(msgspec.Struct, kw_only=True):
    kind: FileChange
    grade: Grade
    per_capita_fen: int | None
    reference: str
    at: datetime


_ROWS = (
    "SELECT f.id, f.number, f.case_number, f.head_name, f.size, f.income_fen, f.expense_fen, f.per_capita_fen, f.grade,"
    " f.state, f.opened_on, f.review_due_on, f.help_until, f.exit_reason, u.name AS union_name"
    " FROM hardship_file f JOIN union_org u ON u.id = f.union_id"
)
_FACTS = "SELECT f.id, f.number, f.head_index, f.size, f.state, f.grade, f.version FROM hardship_file f"


# ---- for desks ---------------------------------------------------------------------


async def desk_files(
    actor: Actor,
    *,
    q: str = "",
    grade: Grade | None = None,
    due: bool = False,
    limit: int = 20,
    cursor: str | None = None,
) -> Page[FileView]:
    """Files of unions where the actor may look at aid, the latest first; those to be looked at again by `due`."""
    condition, values = unions.visible_to(actor, VIEW)
    conditions = [condition]
    if grade is not None:
        conditions.append("f.grade = %s")
        values = [*values, grade.value]
    if due:
        conditions.append("f.state = 'open' AND f.review_due_on <= %s")
        values = [*values, _due_until()]
    text = national.compact(q)[:_LONGEST]
    if text:
        column = "f.number" if text.isascii() else "f.head_name"
        conditions.append(f"{column} >= %s AND {column} < %s")
        values = [*values, text, text + ("~" if text.isascii() else _LAST)]
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    where = " AND ".join([*conditions, "f.id < %s"])
    found = await database.views(_Row, f"{_ROWS} WHERE {where} ORDER BY f.id DESC LIMIT %s", *values, before, limit + 1)
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row) for row in page.items], next_cursor=page.next_cursor)


def _due_until() -> Any:
    today = clock.today()
    return today + timedelta(days=hardship_lines.on(today).warn_days)


async def desk_file(file: str, actor: Actor) -> FilePage:
    """With its people, masked, and its history, the latest first."""
    condition, values = unions.visible_to(actor, VIEW)
    row = await database.view(_Row, f"{_ROWS} WHERE f.id = %s AND {condition}", ids.parse(file) or 0, *values)
    if row is None:
        raise NotFound()
    changes = await database.views(
        _Change,
        "SELECT kind, grade, per_capita_fen, reference, at FROM hardship_change WHERE file_id = %s ORDER BY id DESC",
        row.id,
    )
    people = await _people(row.id)
    return FilePage(
        file=_view(row),
        case_number=row.case_number,
        income_fen=row.income_fen,
        expense_fen=row.expense_fen,
        exit_text=EXIT_TEXT.get(row.exit_reason, ""),
        people=[PersonView(name=national.mask_name(one.name), relation=one.relation) for one in people],
        history=[_line(one) for one in changes],
    )


def _line(row: _Change) -> ChangeView:
    return ChangeView(
        at=clock.iso(row.at) or "",
        text=CHANGE_TEXT[row.kind],
        grade_text=GRADE_TEXT[row.grade],
        per_capita_fen=row.per_capita_fen,
        reference=row.reference,
    )


def _view(row: _Row, *, own: bool = False) -> FileView:
    is_open = row.state is FileState.OPEN
    return FileView(
        id=ids.public(row.id),
        number=row.number,
        head_name=row.head_name if own else national.mask_name(row.head_name),
        size=row.size,
        grade=row.grade.value,
        grade_text=GRADE_TEXT[row.grade],
        per_capita_fen=row.per_capita_fen,
        state=row.state.value,
        state_text=FILE_TEXT[row.state],
        opened_on=row.opened_on.isoformat(),
        review_due_on=row.review_due_on.isoformat(),
        due=is_open and row.review_due_on <= _due_until(),
        late=is_open and row.review_due_on < clock.today(),
        help_until=row.help_until.isoformat() if row.help_until else None,
        union_name=row.union_name,
    )


# ---- for households ----------------------------------------------------------------


async def own_files(actor: Actor) -> list[FileView]:
    """Of whoever is in the household, by the identity number of the record."""
    index = await roll.id_no_index(actor.member_id) if actor.kind == "person" and actor.member_id is not None else None
    if index is None:
        return []
    found = await database.views(
        _Row,
        f"{_ROWS} JOIN hardship_person p ON p.file_id = f.id WHERE p.person_index = %s ORDER BY f.id DESC LIMIT 20",
        index,
    )
    return [_view(row, own=True) for row in found]


# ---- for rules and commands --------------------------------------------------------


async def file_by_number(number: str) -> FileFacts | None:
    if len(number) > _LONGEST:
        return None
    return await database.view(FileFacts, f"{_FACTS} WHERE f.number = %s", number)


async def file_by_id(file_id: int) -> FileFacts:
    found = await database.view(FileFacts, f"{_FACTS} WHERE f.id = %s", file_id)
    assert found is not None, "a change names a file that is there"
    return found


async def newest_file(index: str) -> FileFacts | None:
    """The file in which somebody is, or was last."""
    return await database.view(
        FileFacts,
        f"{_FACTS} JOIN hardship_person p ON p.file_id = f.id WHERE p.person_index = %s"
        " ORDER BY CASE WHEN p.active_key IS NULL THEN 1 ELSE 0 END, f.id DESC LIMIT 1",
        index,
    )


async def is_on_file(index: str) -> bool:
    """Whether somebody is of a household whose file is open."""
    return await database.scalar("SELECT id FROM hardship_person WHERE active_key = %s", index) is not None


async def is_of_file(file_id: int, index: str) -> bool:
    sql = "SELECT id FROM hardship_person WHERE file_id = %s AND person_index = %s"
    return await database.scalar(sql, file_id, index) is not None


async def open_files_of(indexes: Sequence[str]) -> list[FileFacts]:
    """The open files in which these persons are."""
    if not indexes:
        return []
    marks = ", ".join(["%s"] * len(indexes))
    where = f"f.id IN (SELECT file_id FROM hardship_person WHERE active_key IN ({marks}))"  # noqa: S608 - placeholders
    return await database.views(FileFacts, f"{_FACTS} WHERE {where} ORDER BY f.id", *indexes)


async def file_of_change(key: str) -> int | None:
    return await database.scalar("SELECT file_id FROM hardship_change WHERE `key` = %s", key)


async def people_in(file_id: int) -> set[str]:
    """By their blind indexes."""
    return {one.person_index for one in await _people(file_id)}


async def _people(file_id: int) -> list[_Person]:
    """Whose file it is comes first."""
    return await database.views(
        _Person,
        "SELECT p.person_index, p.name, p.relation FROM hardship_person p JOIN hardship_file f ON f.id = p.file_id"
        " WHERE p.file_id = %s ORDER BY CASE WHEN p.person_index = f.head_index THEN 0 ELSE 1 END, p.id",
        file_id,
    )
