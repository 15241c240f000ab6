"""Goods for visits and how many are left of them."""

import msgspec

from backend.aid.visit_schemas import WareView
from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import queries as unions

VIEW, MANAGE = "aid.view", "aid.manage"
_SHOWN = 200


class _Row(msgspec.Struct, kw_only=True):
    id: int
    name: str
    unit: str
    price_fen: int
    received: int
    taken: int
    union_name: str


class ManagedWare(msgspec.Struct, frozen=True):
    id: int
    pool_id: int


_ROWS = (
    "SELECT w.id, w.name, w.unit, w.price_fen, q.capacity AS received, q.taken, u.name AS union_name"
    " FROM visit_ware w JOIN pool q ON q.id = w.pool_id JOIN union_org u ON u.id = w.union_id"
)


async def ware_list(actor: Actor) -> list[WareView]:
    """Of the unions where the actor may look at aid, by name."""
    condition, values = unions.visible_to(actor, VIEW)
    found = await database.views(_Row, f"{_ROWS} WHERE {condition} ORDER BY w.name, w.id LIMIT %s", *values, _SHOWN)
    return [_view(one) for one in found]


async def ware_view(ware: str, actor: Actor) -> WareView:
    condition, values = unions.visible_to(actor, VIEW)
    found = await database.view(_Row, f"{_ROWS} WHERE w.id = %s AND {condition}", ids.parse(ware) or 0, *values)
    if found is None:
        raise NotFound()
    return _view(found)


async def managed_ware(ware: str, actor: Actor) -> ManagedWare:
    condition, values = unions.visible_to(actor, MANAGE)
    found = await database.view(
        ManagedWare,
        "SELECT w.id, w.pool_id FROM visit_ware w JOIN union_org u ON u.id = w.union_id"  # noqa: S608 - reviewed
        f" WHERE w.id = %s AND {condition}",
        ids.parse(ware) or 0,
        *values,
    )
    if found is None:
        raise NotFound()
    return found


def _view(row: _Row) -> WareView:
    return WareView(
        id=ids.public(row.id),
        name=row.name,
        unit=row.unit,
        price_fen=row.price_fen,
        received=row.received,
        out=row.taken,
        left=row.received - row.taken,
        union_name=row.union_name,
    )
