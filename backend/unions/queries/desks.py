"""Posts, and the desks that follow from them."""

from collections.abc import Collection
from itertools import groupby

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor, Post
from backend.unions import roles, rules
from backend.unions.enums import UnionLevel, UnionState
from backend.unions.queries.places import place, places
from backend.unions.schemas import Desk, DeskView, StaffUnion, StaffView, UnionReference

# What whoever covers a colleague does not get with it.
NOT_COVERED = frozenset({"staff.manage", "union.manage", "audit.view"})


class _PostRow(msgspec.Struct, kw_only=True):
    account_id: int
    display: str
    union_id: int
    union_name: str
    path: str
    level: str
    division: str
    role: str


async def posts_of(account_id: int) -> tuple[Post, ...]:
    """The posts a staff member serves now: their own first, then those of colleagues whom they cover today, each the
    highest union first. One query, never kept.
    """
    today = clock.today()
    found = await database.views(
        _PostRow,
        "SELECT p.account_id, a.display, p.union_id, u.name AS union_name, u.path, u.level, u.division, p.role"
        " FROM staff_post p JOIN union_org u ON u.id = p.union_id JOIN account a ON a.id = p.account_id"
        " WHERE (p.account_id = %s OR p.account_id IN (SELECT v.absent_id FROM cover v WHERE v.cover_id = %s"
        " AND v.from_on <= %s AND v.until_on >= %s AND v.ended_at IS NULL))"
        " AND p.standing IS NOT NULL AND p.suspended = %s AND u.state <> %s"
        " ORDER BY CASE WHEN p.account_id = %s THEN 0 ELSE 1 END, LENGTH(u.path), p.union_id, p.account_id, p.id",
        account_id,
        account_id,
        today,
        today,
        False,
        UnionState.DISSOLVED.value,
        account_id,
    )
    return tuple(
        _post(list(held), mine=holder == account_id)
        for (holder, _), held in groupby(found, key=lambda row: (row.account_id, row.union_id))
    )


def _post(held: list[_PostRow], *, mine: bool) -> Post:
    """A cover does a colleague's work; the administration of staff and unions is not part of it."""
    first = held[0]
    permissions = frozenset().union(*(roles.permissions_of(row.role) for row in held))
    return Post(
        union_id=first.union_id,
        union_name=first.union_name,
        path=first.path,
        level=first.level,
        division=first.division,
        roles=tuple(row.role for row in held),
        permissions=permissions if mine else permissions - NOT_COVERED,
        holder_id=0 if mine else first.account_id,
        holder="" if mine else first.display,
    )


async def desk_for(start_union_id: int, role: str, level: UnionLevel) -> Desk | None:
    """Who works a step: from the start upwards, the first union at or above `level` with a holder of `role`.

    None when nobody up to the root holds it.
    """
    start = await place(start_union_id)
    if start is None:
        return None
    for union, is_held in await _chain(start.path, role):
        if is_held and rules.rank(union.level) >= rules.rank(level):
            return Desk(
                union_id=union.id,
                union_name=union.name,
                path=union.path,
                level=union.level,
                role=role,
                role_name=roles.role_name(role),
                flagged=rules.rank(union.level) > rules.rank(level),
            )
    return None


async def holders(union_id: int, role: str) -> list[int]:
    """The accounts that serve this role at this union now: who holds it, or covers somebody who does and is away."""
    today = clock.today()
    found = await database.rows(
        "SELECT DISTINCT COALESCE(v.cover_id, p.account_id) AS account_id FROM staff_post p"
        " LEFT JOIN cover v ON v.absent_id = p.account_id AND v.from_on <= %s AND v.until_on >= %s"
        " AND v.ended_at IS NULL AND EXISTS (SELECT 1 FROM account a WHERE a.id = v.cover_id AND a.state = 'active')"
        " WHERE p.union_id = %s AND p.role = %s AND p.standing IS NOT NULL AND p.suspended = %s ORDER BY account_id",
        today,
        today,
        union_id,
        role,
        False,
    )
    return [row["account_id"] for row in found]


class _ChainRow(msgspec.Struct, kw_only=True):
    id: int
    name: str
    path: str
    level: str
    is_held: bool


async def _chain(path: str, role: str) -> list[tuple[_ChainRow, bool]]:
    """The union of this path and those above it, nearest first, and whether the role is held there."""
    chain = rules.ids_on(path)
    marks = ", ".join(["%s"] * len(chain))
    found = await database.views(
        _ChainRow,
        f"{_CHAIN} WHERE u.id IN ({marks}) AND u.state <> %s ORDER BY LENGTH(u.path) DESC",
        role,
        False,
        *chain,
        UnionState.DISSOLVED.value,
    )
    return [(row, row.is_held) for row in found]


_CHAIN = (
    "SELECT u.id, u.name, u.path, u.level, EXISTS (SELECT 1 FROM staff_post p"
    " WHERE p.union_id = u.id AND p.role = %s AND p.standing IS NOT NULL AND p.suspended = %s) AS is_held"
    " FROM union_org u"
)


async def load_desks(pairs: Collection[tuple[int, str]]) -> dict[tuple[int, str], DeskView]:
    """Names for (union, role) pairs, in one query."""
    known = await places({union_id for union_id, _ in pairs})
    return {
        (union_id, role): DeskView(
            union=UnionReference(id=ids.public(union_id), name=known[union_id].name),
            role=role,
            role_name=roles.role_name(role),
        )
        for union_id, role in pairs
        if union_id in known
    }


def desks_of(actor: Actor) -> list[DeskView]:
    """The desks this staff member serves."""
    return [
        DeskView(
            union=UnionReference(id=ids.public(post.union_id), name=post.union_name),
            role=role,
            role_name=roles.role_name(role),
            covering=post.holder,
        )
        for post in actor.posts
        for role in post.roles
    ]


def staff_view(actor: Actor) -> StaffView | None:
    """None for somebody without a post."""
    if not actor.posts:
        return None
    top = actor.posts[0]
    return StaffView(
        union=StaffUnion(id=ids.public(top.union_id), name=top.union_name, level=top.level, division=top.division),
        roles=sorted({role for post in actor.posts for role in post.roles}),
        desks=desks_of(actor),
    )
