"""Where a case can be handed to: the unions above, beside and below the desk, and the posts held there."""

import msgspec

from backend.casework.queries import records
from backend.casework.routing import county_path
from backend.casework.schemas import OptionView
from backend.core import database, ids
from backend.core.actor import Actor
from backend.unions import queries as unions
from backend.unions import rules as union_rules

_MOST = 200


class TransferOptions(msgspec.Struct, frozen=True):
    """`held` says which of the posts somebody holds at each of the unions."""

    unions: list[OptionView]
    roles: list[OptionView]
    held: dict[str, list[str]] = {}


class _Held(msgspec.Struct):
    union_id: int
    role: str


async def transfer_options(number: str, actor: Actor) -> TransferOptions:
    """Only places with somebody in post."""
    case = await records.record(number, actor)
    here = await unions.place(case.desk_union_id or 0)
    if here is None:
        return TransferOptions([], [], {})
    above = union_rules.ids_on(here.path)
    county, bounds = union_rules.within("u.path", [await county_path(here.path)])
    marks = ", ".join(["%s"] * len(above))
    held = await database.views(
        _Held,
        "SELECT DISTINCT p.union_id, p.role FROM staff_post p JOIN union_org u ON u.id = p.union_id"  # noqa: S608
        " WHERE p.standing IS NOT NULL AND p.suspended = %s"
        f" AND (u.id IN ({marks}) OR u.parent_id IN (%s, %s)) AND {county} LIMIT %s",
        False,
        *above,
        here.id,
        here.parent_id or 0,
        *bounds,
        _MOST,
    )
    desks = await unions.load_desks({(one.union_id, one.role) for one in held})
    names = {ids.public(union_id): desk.union.name for (union_id, _), desk in desks.items()}
    roles = {role: desk.role_name for (_, role), desk in desks.items()}
    at: dict[str, list[str]] = {}
    for union_id, role in sorted(desks):
        at.setdefault(ids.public(union_id), []).append(role)
    return TransferOptions(
        held=at,
        unions=[OptionView(value, name) for value, name in sorted(names.items(), key=lambda one: one[1])],
        roles=[OptionView(value, name) for value, name in sorted(roles.items(), key=lambda one: one[1])],
    )
