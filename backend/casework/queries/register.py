"""Registers as the desk searches them, as people see their own entries, and as rules ask about them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from backend.casework import catalogue
from backend.casework.enums import RECORD_STATE_TEXT, RecordState
from backend.casework.models import Case, RegisterChange, RegisterEntry
from backend.casework.queries.scope import VIEW, sees_everything
from backend.casework.schemas import EntryFacts, RecordView
from backend.core import database, ids, national
from backend.core.actor import Actor
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_LAST = "\U0010ffff"
_LONGEST_NUMBER = 24


class RecordQuery(msgspec.Struct, frozen=True, kw_only=True):
    kind: str = ""
    q: str = ""
    state: str = ""


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    kind: str
    name: str
    subject_name: str
    state: RecordState
    opened_on: date
    valid_until: date | None
    data: dict[str, Any]
    account_id: int | None
    case_number: str
    flow: str


_ROWS = (
    "SELECT e.id, e.number, e.kind, e.name, e.subject_name, e.state, e.opened_on, e.valid_until, e.data, e.flow,"
    " e.account_id, c.number AS case_number FROM register_entry e JOIN case_file c ON c.id = e.case_id"
)
_FACTS = (
    "SELECT id, number, flow, case_id, member_id, id_no_index, state, opened_on, valid_until, data FROM register_entry"
)


def visible_to(actor: Actor) -> tuple[str, list[Any]]:
    """A condition on `register_entry e` and its values: a person's own entries, those that an own case opened
    included. Staff are kept to the unions of their branches by `entries`, which looks those up first."""
    if actor.kind != "person":
        return "1 = 0", []
    if actor.member_id is None:
        return "e.account_id = %s", [actor.account_id]
    return "(e.account_id = %s OR e.member_id = %s)", [actor.account_id, actor.member_id]


async def own_entries(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[RecordView]:
    condition, values = visible_to(actor)
    return await _page(actor, [condition], values, limit=limit, cursor=cursor)


async def entries(actor: Actor, wanted: RecordQuery, *, limit: int = 20, cursor: str | None = None) -> Page[RecordView]:
    """Entries of unions where the actor may see cases, the newest first; two queries for any number of rows."""
    conditions, values = _search(wanted)
    if not sees_everything(actor):
        scope, bounds = unions.visible_to(actor, VIEW)
        sql = f"SELECT u.id FROM union_org u WHERE {scope}"  # noqa: S608 - placeholders only
        inside = [row["id"] for row in await database.rows(sql, *bounds)]
        if not inside:
            return Page(items=[], next_cursor=None)
        marks = ", ".join(["%s"] * len(inside))
        conditions.append(f"e.union_id IN ({marks})")
        values += inside
    return await _page(actor, conditions, values, limit=limit, cursor=cursor)


def _search(wanted: RecordQuery) -> tuple[list[str], list[Any]]:
    """What was typed is the beginning of a number or of a name."""
    conditions, values = [], list[Any]()
    for column, value in (("e.kind", wanted.kind), ("e.state", wanted.state)):
        if value:
            conditions.append(f"{column} = %s")
            values.append(value)
    text = national.compact(wanted.q)[:_LONGEST_NUMBER]
    if text:
        column = "e.number" if text.isascii() else "e.subject_name"
        conditions.append(f"{column} >= %s AND {column} < %s")
        values += [text, text + ("~" if text.isascii() else _LAST)]
    return conditions, values


async def _page(
    actor: Actor, conditions: list[str], values: list[Any], *, limit: int, cursor: str | None
) -> Page[RecordView]:
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    where = " AND ".join([*conditions, "e.id < %s"])
    found = await database.views(_Row, f"{_ROWS} WHERE {where} ORDER BY e.id DESC LIMIT %s", *values, before, limit + 1)
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row, actor) for row in page.items], next_cursor=page.next_cursor)


def _view(row: _Row, actor: Actor) -> RecordView:
    item = catalogue.current().item(row.flow)
    return RecordView(
        number=row.number,
        kind=row.kind,
        name=row.name,
        subject=row.subject_name,
        summary=str(row.data.get("summary", "")),
        state=row.state,
        state_text=RECORD_STATE_TEXT[row.state],
        opened_on=row.opened_on.isoformat(),
        valid_until=row.valid_until.isoformat() if row.valid_until else None,
        case_number=row.case_number,
        service=item.name if item else "",
        may_open=actor.kind != "person" or row.account_id == actor.account_id,
    )


# ---- for rules --------------------------------------------------------------------------------


async def by_number(number: str) -> EntryFacts | None:
    if len(number) > _LONGEST_NUMBER:
        return None
    return await database.view(EntryFacts, f"{_FACTS} WHERE number = %s", number)


async def of_person(flow: str, *, index: str | None, member_id: int | None) -> list[EntryFacts]:
    """Entries that cases of this service opened for a person, the newest first."""
    if index is not None:
        column, value = "id_no_index", index
    elif member_id is not None:
        column, value = "member_id", member_id
    else:
        return []
    return await database.views(
        EntryFacts, f"{_FACTS} WHERE {column} = %s AND flow = %s ORDER BY id DESC LIMIT 50", value, flow
    )


async def near_end(entry_id: int) -> RegisterEntry | None:
    """For the notice; None when it does not hold any more."""
    return await RegisterEntry.get_or_none(id=entry_id, state=RecordState.ACTIVE.value)


# ---- for the commands -------------------------------------------------------------------------


async def entry_of_change(key: str) -> RegisterEntry | None:
    """The entry that this change was made to."""
    change = await RegisterChange.get_or_none(key=key)
    return await RegisterEntry.get_or_none(id=change.entry_id) if change else None


async def meant_by(case: Case, values: Mapping[str, Any], kind: str) -> RegisterEntry | None:
    """The entry that a case is about: by a number in its form, else its own, else the newest of its person or,
    where it is about no person, of its union.
    """
    named = [str(value) for name, value in values.items() if name.endswith("_no") and isinstance(value, str)]
    numbers = [national.compact(number) for number in named if 0 < len(number) <= _LONGEST_NUMBER]
    found = await RegisterEntry.filter(number__in=numbers, kind=kind).first() if numbers else None
    if found is not None:
        return found if _fits(case, found) else None
    of_kind = RegisterEntry.filter(kind=kind).order_by("-id")
    own = await of_kind.filter(case_id=case.id).first()
    if own is not None:
        return own
    if case.id_no_index is not None:
        return await of_kind.filter(id_no_index=case.id_no_index).first()
    if case.member_id is not None and (own := await of_kind.filter(member_id=case.member_id).first()):
        return own
    return await of_kind.filter(union_id=case.target_union_id, id_no_index=None).first()


def _fits(case: Case, entry: RegisterEntry) -> bool:
    return None in (case.id_no_index, entry.id_no_index) or case.id_no_index == entry.id_no_index
