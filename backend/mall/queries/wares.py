"""Goods as members see them, and as those who sell them do."""

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.mall.schemas import DeskGoodsView, GoodsView
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE = "mall.manage"


class GoodsRow(msgspec.Struct, kw_only=True):
    id: int
    union_id: int
    path: str
    union_name: str
    name: str
    text: str
    pickup: str
    price_fen: int
    list_price_fen: int
    pool_id: int
    capacity: int
    taken: int
    pool_version: int
    active: bool
    version: int


_GOODS = (
    "SELECT g.id, g.union_id, u.path, u.name AS union_name, g.name, g.text, g.pickup, g.price_fen, g.list_price_fen,"
    " g.pool_id, p.capacity, p.taken, p.version AS pool_version, g.active, g.version FROM mall_goods g"
    " JOIN union_org u ON u.id = g.union_id JOIN pool p ON p.id = g.pool_id"
)


async def public_goods_list(
    actor: Actor, *, q: str = "", limit: int = 20, cursor: str | None = None
) -> Page[GoodsView]:
    """What is on sale, the latest first; `q` is a part of the name."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        GoodsRow,
        f"{_GOODS} WHERE g.active = %s AND g.name LIKE %s ESCAPE '!' AND g.id < %s ORDER BY g.id DESC LIMIT %s",
        True,
        _part(q),
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one, actor) for one in page.items], next_cursor=page.next_cursor)


def _part(q: str) -> str:
    plain = " ".join(q.split())[:40]
    for sign in "!%_":
        plain = plain.replace(sign, f"!{sign}")
    return f"%{plain}%"


async def public_goods(goods: str, actor: Actor) -> GoodsView:
    return _view(await on_sale(goods), actor)


async def on_sale(goods: str) -> GoodsRow:
    found = await database.view(GoodsRow, f"{_GOODS} WHERE g.id = %s AND g.active = %s", ids.parse(goods) or 0, True)
    if found is None:
        raise NotFound()
    return found


def _view(row: GoodsRow, actor: Actor) -> GoodsView:
    return GoodsView(
        id=ids.public(row.id),
        name=row.name,
        text=row.text,
        pickup=row.pickup,
        price_fen=row.price_fen if actor.member_id is not None else None,
        list_price_fen=row.list_price_fen,
        left=row.capacity - row.taken,
    )


def visible_to(actor: Actor) -> tuple[str, list[str]]:
    """A condition and its values: what belongs to the unions where the actor sells."""
    return unions.visible_to(actor, MANAGE)


async def desk_goods_list(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[DeskGoodsView]:
    """The latest first."""
    condition, values = visible_to(actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        GoodsRow, f"{_GOODS} WHERE {condition} AND g.id < %s ORDER BY g.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_desk_view(one) for one in page.items], next_cursor=page.next_cursor)


async def managed_goods(goods: str, actor: Actor) -> GoodsRow:
    condition, values = visible_to(actor)
    found = await database.view(GoodsRow, f"{_GOODS} WHERE g.id = %s AND {condition}", ids.parse(goods) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def desk_goods(goods: str, actor: Actor) -> DeskGoodsView:
    return _desk_view(await managed_goods(goods, actor))


def _desk_view(row: GoodsRow) -> DeskGoodsView:
    return DeskGoodsView(
        id=ids.public(row.id),
        name=row.name,
        text=row.text,
        pickup=row.pickup,
        price_fen=row.price_fen,
        list_price_fen=row.list_price_fen,
        stock=row.capacity,
        taken=row.taken,
        left=row.capacity - row.taken,
        active=row.active,
        union_name=row.union_name,
        version=row.version,
    )
