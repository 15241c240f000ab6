"""The tree as its administration sees it."""

import msgspec

from backend.core import database, ids, reference
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import rules
from backend.unions.enums import (
    KIND_NAMES,
    LEVEL_NAMES,
    STATE_NAMES,
    UnionKind,
    UnionLevel,
    UnionState,
)
from backend.unions.queries.places import ancestors, name_condition, visible_to
from backend.unions.schemas import OpenedUnion, UnionNode, UnionReference
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE = "union.manage"
_NAMES = "SELECT u.id, u.name FROM union_org u"
_LINES = 100
_CHOICES = 300


class _Row(msgspec.Struct, kw_only=True):
    id: int
    name: str
    kind: str
    level: str
    nature: str
    division: str
    credit_code: str | None
    state: str
    accepts_members: bool
    path: str
    version: int
    staff: int
    children: int


_COLUMNS = (
    "SELECT u.id, u.name, u.kind, u.level, u.nature, u.division, u.credit_code, u.state, u.accepts_members,"
    " u.path, u.version,"
    " (SELECT COUNT(DISTINCT p.account_id) FROM staff_post p"
    " WHERE p.union_id = u.id AND p.standing IS NOT NULL) AS staff,"
    " (SELECT COUNT(*) FROM union_org c WHERE c.parent_id = u.id AND c.state <> 'dissolved') AS children"
    " FROM union_org u"
)


async def list_tree(actor: Actor, *, q: str = "", cursor: str | None = None) -> Page[UnionNode]:
    """The actor's scope line by line, each union before those below it; with `q` the ones so named."""
    scope, values = visible_to(actor, MANAGE)
    conditions, params = [scope, "u.state <> %s", "u.path > %s"], list[object](values)
    params += [UnionState.DISSOLVED.value, decode_cursor(cursor, str)[0] if cursor else ""]
    wanted = " ".join(q.split())[:80]
    if wanted:
        named, name_values = name_condition(wanted)
        conditions.append(named)
        params += name_values
    found = await database.views(
        _Row, f"{_COLUMNS} WHERE {' AND '.join(conditions)} ORDER BY u.path LIMIT %s", *params, _LINES + 1
    )
    page = cut(found, _LINES, lambda row: encode_cursor(row.path))
    return Page(items=[_node(row) for row in page.items], next_cursor=page.next_cursor)


async def open_union(union: str, actor: Actor) -> OpenedUnion:
    """One union of the actor's scope, the way down to it, and what lies directly below."""
    scope, values = visible_to(actor, MANAGE)
    row = await database.view(_Row, f"{_COLUMNS} WHERE u.id = %s AND {scope}", ids.parse(union) or 0, *values)
    if row is None:
        raise NotFound()
    children = await database.views(
        _Row,
        f"{_COLUMNS} WHERE u.parent_id = %s AND u.state <> %s ORDER BY u.name LIMIT %s",
        row.id,
        UnionState.DISSOLVED.value,
        _LINES,
    )
    scopes = actor.scope(MANAGE)
    return OpenedUnion(
        node=_node(row),
        trail=[
            UnionReference(id=ids.public(one.id), name=one.name)
            for one in await ancestors(row.path)
            if one.id != row.id and any(one.path.startswith(scope) for scope in scopes)
        ],
        children=[_node(child) for child in children],
        may_manage=row.state != UnionState.DISSOLVED,
        may_move=row.state != UnionState.DISSOLVED and row.path not in scopes,
    )


async def possible_parents(union: UnionNode, actor: Actor) -> list[UnionNode]:
    """Where a union may be moved to: in the actor's scope, no lower than itself, and not below itself."""
    scope, values = visible_to(actor, MANAGE)
    levels = [level.value for level in UnionLevel if rules.may_lie_below(union.level, level)]
    own = await database.scalar("SELECT path FROM union_org WHERE id = %s", ids.parse(union.id))
    marks = ", ".join(["%s"] * len(levels))
    found = await database.views(
        _Row,
        f"{_COLUMNS} WHERE {scope} AND u.level IN ({marks}) AND u.kind <> %s AND u.state <> %s"
        " AND NOT (u.path >= %s AND u.path < %s) ORDER BY LENGTH(u.path), u.name LIMIT %s",
        *values,
        *levels,
        UnionKind.BRANCH.value,
        UnionState.DISSOLVED.value,
        *rules.subtree(own),
        _CHOICES,
    )
    return [_node(row) for row in found]


async def choices_in_scope(actor: Actor, permission: str, *, q: str = "") -> list[UnionReference]:
    """Unions to choose from in a form, the nearest to the root first; `q` narrows a long list."""
    scope, values = visible_to(actor, permission)
    named, name_values = name_condition(" ".join(q.split())[:80])
    found = await database.rows(
        f"{_NAMES} WHERE {scope} AND {named} AND u.state <> %s ORDER BY LENGTH(u.path), u.name LIMIT %s",
        *values,
        *name_values,
        UnionState.DISSOLVED.value,
        _CHOICES,
    )
    return [UnionReference(id=ids.public(row["id"]), name=row["name"]) for row in found]


def _node(row: _Row) -> UnionNode:
    return UnionNode(
        id=ids.public(row.id),
        name=row.name,
        kind=row.kind,
        kind_name=KIND_NAMES[UnionKind(row.kind)],
        level=row.level,
        level_name=LEVEL_NAMES[UnionLevel(row.level)],
        nature=row.nature,
        division=row.division,
        division_name=reference.divisions().name(row.division),
        credit_code=row.credit_code or "",
        state=row.state,
        state_name=STATE_NAMES[UnionState(row.state)],
        accepts_members=row.accepts_members,
        depth=rules.depth(row.path),
        staff=row.staff,
        children=row.children,
        version=row.version,
    )
