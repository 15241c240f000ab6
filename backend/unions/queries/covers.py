"""Who covers whom, and who may: colleagues of the same desk, and what an administrator may arrange."""

from datetime import date

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.identity import queries as identity
from backend.unions.queries.places import visible_to
from backend.unions.queries.staff import MANAGE
from backend.unions.schemas import CoverLine, CoverNotice, CoversView, StaffChoice

_MOST = 200
_POSTS = "SELECT u.path FROM staff_post p JOIN union_org u ON u.id = p.union_id"
_ACCOUNTS = "SELECT DISTINCT p.account_id FROM staff_post p JOIN union_org u ON u.id = p.union_id"
_HELD = "p.standing IS NOT NULL AND p.suspended = %s"


class _Row(msgspec.Struct, kw_only=True):
    id: int
    absent_id: int
    cover_id: int
    absent: str
    cover: str
    from_on: date
    until_on: date


_COVERS = (
    "SELECT v.id, v.absent_id, v.cover_id, a.display AS absent, c.display AS cover, v.from_on, v.until_on FROM cover v"
    " JOIN account a ON a.id = v.absent_id JOIN account c ON c.id = v.cover_id WHERE v.ended_at IS NULL"
)


async def covers_seen(actor: Actor) -> list[CoverLine]:
    """Those that run or are planned: where the actor is one of the two, and of everybody whom they administer."""
    today = clock.today()
    scope, values = visible_to(actor, MANAGE)
    found = await database.views(
        _Row,
        f"{_COVERS} AND v.until_on >= %s AND (v.absent_id = %s OR v.cover_id = %s OR v.absent_id IN"  # noqa: S608
        f" (SELECT p.account_id FROM staff_post p JOIN union_org u ON u.id = p.union_id WHERE {_HELD} AND {scope}))"
        " ORDER BY v.from_on, v.id LIMIT %s",
        today,
        actor.account_id,
        actor.account_id,
        False,
        *values,
        _MOST,
    )
    return [_line(row, actor, today) for row in found]


def _line(row: _Row, actor: Actor, today: date) -> CoverLine:
    roles = {row.absent_id: "absent", row.cover_id: "cover"}
    return CoverLine(
        id=ids.public(row.id),
        absent=row.absent,
        cover=row.cover,
        from_on=row.from_on.isoformat(),
        until_on=row.until_on.isoformat(),
        running=row.from_on <= today,
        role=roles.get(actor.account_id, "other"),
    )


async def covers_page(actor: Actor, *, absent: str = "") -> CoversView:
    """With the colleagues of `absent`, oneself when it is empty; of somebody the actor may not arrange for, none."""
    absents = await absent_choices(actor)
    absent_id = ids.parse(absent) if absent else actor.account_id
    allowed = absent_id is not None and ids.public(absent_id) in {one.id for one in absents}
    return CoversView(
        items=await covers_seen(actor),
        absents=absents,
        colleagues=await cover_choices(actor, absent_id) if allowed and absent_id is not None else [],
    )


async def cover_of(cover_id: int) -> CoverNotice | None:
    """For the notice; None for one that was ended meanwhile."""
    found = await database.view(_Row, f"{_COVERS} AND v.id = %s", cover_id)
    if found is None:
        return None
    return CoverNotice(cover_id=found.cover_id, absent=found.absent, from_on=found.from_on, until_on=found.until_on)


async def administers(actor: Actor, account_id: int) -> bool:
    """Whether every post of that account lies where the actor manages staff."""
    paths = await database.rows(
        f"{_POSTS} WHERE {_HELD} AND p.account_id = %s",
        False,
        account_id,
    )
    return bool(paths) and all(actor.covers(MANAGE, row["path"]) for row in paths)


async def cover_choices(actor: Actor, absent_id: int) -> list[StaffChoice]:
    """Who may cover: whoever serves one of the same desks, and for an administrator everybody they administer."""
    condition, values = "1 = 0", []
    if await administers(actor, absent_id):
        condition, values = visible_to(actor, MANAGE)
    found = await database.rows(
        f"{_ACCOUNTS} WHERE {_HELD} AND p.account_id <> %s AND ({condition} OR EXISTS (SELECT 1 FROM staff_post o"  # noqa: S608
        " WHERE o.account_id = %s AND o.union_id = p.union_id AND o.role = p.role AND o.standing IS NOT NULL))"
        " ORDER BY p.account_id LIMIT %s",
        False,
        absent_id,
        *values,
        absent_id,
        _MOST,
    )
    return await _named([row["account_id"] for row in found])


async def absent_choices(actor: Actor) -> list[StaffChoice]:
    """For whom the actor may arrange one: themselves, and whom they administer."""
    condition, values = visible_to(actor, MANAGE)
    found = await database.rows(
        f"{_ACCOUNTS} WHERE {_HELD} AND p.account_id <> %s AND {condition} ORDER BY p.account_id LIMIT %s",
        False,
        actor.account_id,
        *values,
        _MOST,
    )
    return await _named([actor.account_id, *(row["account_id"] for row in found)])


async def _named(account_ids: list[int]) -> list[StaffChoice]:
    known = await identity.staff_accounts(account_ids)
    return [
        StaffChoice(ids.public(one), f"{known[one].display}（{known[one].username}）")
        for one in account_ids
        if one in known
    ]
