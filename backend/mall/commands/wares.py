"""Goods are put on sale and changed by those who sell them."""

import secrets

import msgspec

from backend.allocation import commands as allocation
from backend.allocation.schemas import NewPool
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, invalid
from backend.mall import rules
from backend.mall.queries import wares
from backend.mall.queries.wares import MANAGE
from backend.mall.schemas import GoodsChange, GoodsInput, NewGoods
from backend.unions import queries as unions


@command
async def open_goods(actor: Actor, *, data: NewGoods, nonce: str | None = None) -> str:
    """Put something on sale for a union where the actor sells; its public id. The same nonce is the same goods."""
    place = await unions.place_in_scope(data.union_id, actor, MANAGE)
    tidy, goods_id = _tidy(data), ids.new_id()
    key = f"desk:{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:90]
    pool_id = await allocation.open_pool(NewPool(key=f"goods:{key}", kind="goods", capacity=tidy.stock), actor)
    row = {
        "id": goods_id,
        "key": key,
        "union_id": place.id,
        **_columns(tidy),
        "pool_id": pool_id,
        "created_at": clock.now(),
        "version": 1,
    }
    if not await database.insert_if_absent("mall_goods", row, key="`key`"):
        return ids.public(await database.scalar("SELECT id FROM mall_goods WHERE `key` = %s", key))
    detail = {"union": place.id, "price_fen": tidy.price_fen, "stock": tidy.stock}
    await audit.record(actor, "goods.opened", object_kind="goods", object_id=goods_id, detail=detail)
    return ids.public(goods_id)


@command
async def change_goods(actor: Actor, *, goods: str, data: GoodsChange) -> None:
    """All of it anew. Orders that were placed keep their price; fewer pieces than they have there cannot be."""
    before, tidy = await wares.managed_goods(goods, actor), _tidy(data)
    columns = _columns(tidy)
    changed = await database.execute(
        "UPDATE mall_goods SET name = %s, text = %s, pickup = %s, price_fen = %s, list_price_fen = %s, active = %s,"
        " version = version + 1 WHERE id = %s AND version = %s",
        *columns.values(),
        before.id,
        data.version,
    )
    if not changed:
        raise Conflict("goods_changed")
    if tidy.stock < before.taken:
        raise invalid("stock", "goods_below_taken", taken=before.taken)
    if tidy.stock != before.capacity:
        await allocation.change_capacity(
            actor, pool_id=before.pool_id, capacity=tidy.stock, version=before.pool_version
        )
    detail = {"price_fen": tidy.price_fen, "stock": tidy.stock, "active": tidy.active}
    await audit.record(actor, "goods.changed", object_kind="goods", object_id=before.id, detail=detail)


def _tidy(data: GoodsInput) -> GoodsInput:
    tidy = msgspec.structs.replace(
        data, name=" ".join(data.name.split()), text=data.text.strip(), pickup=" ".join(data.pickup.split())
    )
    wrong = list(rules.goods_problems(tidy))
    if wrong:
        raise Invalid(wrong)
    return tidy


def _columns(data: GoodsInput) -> dict[str, object]:
    return {
        "name": data.name,
        "text": data.text,
        "pickup": data.pickup,
        "price_fen": data.price_fen,
        "list_price_fen": data.list_price_fen,
        "active": data.active,
    }
