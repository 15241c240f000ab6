"""Unions as places: by id, by division, by what somebody types when they want to join."""

from collections.abc import Collection

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import rules
from backend.unions.enums import UnionKind, UnionLevel, UnionState
from backend.unions.schemas import UnionPlace, UnionReference, UnionView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_PLACE = (
    "SELECT u.id, u.name, u.kind, u.level, u.nature, u.division, u.path, u.parent_id, u.state, u.accepts_members,"
    " u.version FROM union_org u"
)
_SHORTEST_DIVISION = 2


def visible_to(actor: Actor, permission: str, *, column: str = "u.path") -> tuple[str, list[str]]:
    """A condition and its values: the rows whose union lies where the actor holds this permission."""
    if actor.kind == "system":
        return "1 = 1", []
    return rules.within(column, actor.scope(permission))


def within(path: str, *, column: str = "u.path") -> tuple[str, list[str]]:
    """A condition and its values: the rows whose union is the one of this path or lies below it."""
    return rules.within(column, [path])


def is_root(path: str) -> bool:
    return rules.depth(path) == 1


async def place(union_id: int) -> UnionPlace | None:
    return await database.view(UnionPlace, f"{_PLACE} WHERE u.id = %s", union_id)


async def place_named(name: str) -> UnionPlace | None:
    """The union of exactly this name that is not dissolved."""
    return await database.view(
        UnionPlace, f"{_PLACE} WHERE u.name = %s AND u.state <> %s", name, UnionState.DISSOLVED.value
    )


async def is_active(*, names: Collection[str] = (), code: str = "") -> bool:
    """Whether an active union has one of these names, or this credit code, its own or its workplace's."""
    wanted = [("name", name) for name in names if name]
    wanted += [(column, code) for column in ("credit_code", "workplace_code") if code]
    for column, value in wanted:
        sql = f"SELECT id FROM union_org WHERE {column} = %s AND state = %s LIMIT 1"  # noqa: S608 - one of three names
        if await database.scalar(sql, value, UnionState.ACTIVE.value) is not None:
            return True
    return False


async def places(union_ids: Collection[int]) -> dict[int, UnionPlace]:
    if not union_ids:
        return {}
    marks = ", ".join(["%s"] * len(union_ids))
    found = await database.views(UnionPlace, f"{_PLACE} WHERE u.id IN ({marks})", *union_ids)
    return {one.id: one for one in found}


async def place_in_scope(union: str, actor: Actor, permission: str) -> UnionPlace:
    """The union behind a public id; NotFound when the actor does not hold `permission` there."""
    condition, values = visible_to(actor, permission)
    found = await database.view(UnionPlace, f"{_PLACE} WHERE u.id = %s AND {condition}", ids.parse(union) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def ancestors(path: str) -> list[UnionPlace]:
    """From the root down to the union of this path, itself included."""
    found = await places(rules.ids_on(path))
    return sorted(found.values(), key=lambda one: len(one.path))


async def resolve_by_division(division: str, level: UnionLevel | None = None) -> UnionPlace | None:
    """The union responsible for a division: nine digits give the town's, six (or no town's) the county's.

    `level` asks for one of the two only.
    """
    wanted = [(division[:9], UnionLevel.TOWN), (division[:6], UnionLevel.COUNTY)]
    for code, at_level in wanted:
        if level not in (None, at_level) or len(code) < (9 if at_level is UnionLevel.TOWN else 6):
            continue
        found = await database.views(
            UnionPlace,
            f"{_PLACE} WHERE u.division = %s AND u.level = %s AND u.state = %s ORDER BY u.id",
            code,
            at_level.value,
            UnionState.ACTIVE.value,
        )
        if found:
            # An area's federation may stand beside the 总工会, which answers for the whole division.
            return min(found, key=lambda one: one.kind != UnionKind.GENERAL)
    return None


class _JoinableRow(msgspec.Struct, kw_only=True):
    id: int
    name: str
    level: str
    division: str
    parent_id: int | None
    parent_name: str | None


_JOINABLE = (
    "SELECT u.id, u.name, u.level, u.division, u.parent_id, p.name AS parent_name"
    " FROM union_org u LEFT JOIN union_org p ON p.id = u.parent_id"
)


async def joinable(q: str = "", division: str = "", *, limit: int = 20, cursor: str | None = None) -> Page[UnionView]:
    """Unions one may join, by any part of the name or the first letters of its sounds, in name order."""
    conditions, values = ["u.state = %s", "u.accepts_members = %s"], [UnionState.ACTIVE.value, True]
    wanted = " ".join(q.split())[:80]
    if wanted:
        condition, more = name_condition(wanted)
        conditions.append(condition)
        values += more
    if division:
        if not (division.isascii() and division.isdigit() and _SHORTEST_DIVISION <= len(division) <= 12):
            return Page(items=[], next_cursor=None)
        conditions.append("u.division >= %s AND u.division < %s")
        values += [division, f"{division}:"]  # the character after 9
    if cursor:
        conditions.append("u.name > %s")
        values.append(decode_cursor(cursor, str)[0])
    found = await database.views(
        _JoinableRow,
        f"{_JOINABLE} WHERE {' AND '.join(conditions)} ORDER BY u.name LIMIT %s",
        *values,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(row.name))
    return Page(items=[_joinable_view(row) for row in page.items], next_cursor=page.next_cursor)


def name_condition(wanted: str) -> tuple[str, list[str]]:
    """Part of a name, or the beginning of its initials."""
    text = wanted.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return (
        "(u.name LIKE %s ESCAPE '!' OR u.initials LIKE %s ESCAPE '!')",
        [f"%{text}%", f"{text.lower().replace(' ', '')}%"],
    )


def _joinable_view(row: _JoinableRow) -> UnionView:
    parent = None
    if row.parent_id is not None and row.parent_name is not None:
        parent = UnionReference(id=ids.public(row.parent_id), name=row.parent_name)
    return UnionView(id=ids.public(row.id), name=row.name, level=row.level, division=row.division, parent=parent)
