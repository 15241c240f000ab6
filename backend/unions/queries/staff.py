"""Staff of one's own branches, with the posts they hold there."""

from collections.abc import Sequence

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.identity import queries as identity
from backend.identity.schemas import StaffAccount
from backend.unions import roles
from backend.unions.queries.places import name_condition, visible_to
from backend.unions.schemas import PostLine, RoleView, StaffRow, UnionReference
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE = "staff.manage"


class _PostRow(msgspec.Struct, kw_only=True):
    id: int
    account_id: int
    union_id: int
    union_name: str
    role: str


_HELD = (
    "SELECT p.id, p.account_id, p.union_id, u.name AS union_name, p.role"
    " FROM staff_post p JOIN union_org u ON u.id = p.union_id WHERE p.standing IS NOT NULL"
)
_ACCOUNTS = "SELECT DISTINCT p.account_id FROM staff_post p JOIN union_org u ON u.id = p.union_id"


async def staff_in_scope(actor: Actor, *, q: str = "", limit: int = 20, cursor: str | None = None) -> Page[StaffRow]:
    """Staff with a post in the actor's scope, newest account first; four queries for any number of rows."""
    condition, values = visible_to(actor, MANAGE)
    conditions, params = [condition, "p.standing IS NOT NULL"], list[object](values)
    if q.strip():
        named, name_values = name_condition(" ".join(q.split())[:80])
        found_ids = await identity.search_staff(q.strip())
        marks = ", ".join(["%s"] * len(found_ids)) or "0"
        conditions.append(f"(p.account_id IN ({marks}) OR {named})")
        params += [*found_ids, *name_values]
    if cursor:
        conditions.append("p.account_id < %s")
        params.append(ids.parse(decode_cursor(cursor, str)[0]) or 0)
    found = await database.rows(
        f"{_ACCOUNTS} WHERE {' AND '.join(conditions)} ORDER BY p.account_id DESC LIMIT %s", *params, limit + 1
    )
    page = cut([row["account_id"] for row in found], limit, lambda account: encode_cursor(ids.public(account)))
    return Page(items=await _rows(page.items, actor), next_cursor=page.next_cursor)


async def staff_row(account: str, actor: Actor) -> StaffRow:
    """One staff member who holds, or held, a post in the actor's scope."""
    condition, values = visible_to(actor, MANAGE)
    account_id = ids.parse(account) or 0
    found = await database.rows(f"{_ACCOUNTS} WHERE {condition} AND p.account_id = %s", *values, account_id)
    rows = await _rows([account_id], actor) if found else []
    if not rows:
        raise NotFound()
    return rows[0]


async def _rows(account_ids: Sequence[int], actor: Actor) -> list[StaffRow]:
    """With the posts in the actor's scope only: where else somebody works is not shown."""
    if not account_ids:
        return []
    condition, values = visible_to(actor, MANAGE)
    marks = ", ".join(["%s"] * len(account_ids))
    held = await database.views(
        _PostRow, f"{_HELD} AND {condition} AND p.account_id IN ({marks}) ORDER BY p.id", *values, *account_ids
    )
    accounts = await identity.staff_accounts(account_ids)
    return [
        _row(accounts[account_id], [post for post in held if post.account_id == account_id], actor)
        for account_id in account_ids
        if account_id in accounts
    ]


def _row(account: StaffAccount, held: list[_PostRow], actor: Actor) -> StaffRow:
    return StaffRow(
        id=ids.public(account.id),
        username=account.username,
        display=account.display,
        state=account.state,
        has_totp=account.has_totp,
        first_password=account.must_change_password,
        mine=account.id == actor.account_id,
        posts=[
            PostLine(
                id=ids.public(post.id),
                union=UnionReference(id=ids.public(post.union_id), name=post.union_name),
                role=post.role,
                role_name=roles.role_name(post.role),
            )
            for post in held
        ],
    )


def grantable_roles(actor: Actor) -> list[RoleView]:
    """The roles that ask for nothing the actor does not hold where they manage staff.

    Whether a role exists at the union chosen for it is checked when it is granted.
    """
    catalogue, scopes = roles.catalogue(), actor.scope(MANAGE)
    return [
        RoleView(code=code, name=role.name)
        for code, role in catalogue.roles.items()
        if any(holds_all(actor, role.permissions, path) for path in scopes)
    ]


def holds_all(actor: Actor, permissions: frozenset[str], path: str) -> bool:
    return actor.kind == "system" or all(actor.covers(permission, path) for permission in permissions)
