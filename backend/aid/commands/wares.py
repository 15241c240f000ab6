"""Goods for visits: what came in is the capacity of a pool, what is out is taken of it, so that no more goes out than
there is. No more comes back from a list than went out to it.
"""

import secrets

from tortoise.exceptions import IntegrityError

from backend.aid import visit_rules as rules
from backend.aid.own_unions import own_post
from backend.aid.queries import visits
from backend.aid.queries import wares as queries
from backend.aid.queries.wares import ManagedWare
from backend.aid.visit_enums import MoveKind
from backend.aid.visit_schemas import MoveInput, WareInput
from backend.allocation import commands as allocation
from backend.allocation import queries as pools
from backend.allocation.schemas import NewPool
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, invalid

POOL_KIND = "visit_ware"


@command
async def open_ware(actor: Actor, *, data: WareInput) -> str:
    """Goods of the actor's union by a name of their own; the public id."""
    post = own_post(actor, queries.MANAGE, data.union_id)
    name, unit = " ".join(data.name.split()), " ".join(data.unit.split())
    wrong = list(rules.ware_problems(name, unit, data.price_fen, data.stock))
    if wrong:
        raise Invalid(wrong)
    ware_id = ids.new_id()
    new = NewPool(key=f"visit-ware:{ware_id}", kind=POOL_KIND, capacity=data.stock)
    row = {
        "id": ware_id,
        "union_id": post.union_id,
        "name": name,
        "unit": unit,
        "price_fen": data.price_fen,
        "pool_id": await allocation.open_pool(new, actor),
        "at": clock.now(),
    }
    try:
        await database.insert("visit_ware", row)
    except IntegrityError as exc:
        if not database.is_duplicate(exc):
            raise
        raise invalid("name", "ware_exists") from exc
    if data.stock:
        await _note(actor, f"first:{ware_id}", ware_id, None, MoveInput(kind=MoveKind.IN, count=data.stock))
    await audit.record(actor, "ware.opened", object_kind="visit_ware", object_id=ware_id)
    return ids.public(ware_id)


@command
async def move_ware(actor: Actor, *, ware: str, data: MoveInput, nonce: str | None = None) -> None:
    """In, out to a list, or back from one. The same nonce is one movement."""
    found = await queries.managed_ware(ware, actor)
    wrong = list(rules.move_problems(data.count, data.note.strip()))
    if wrong:
        raise Invalid(wrong)
    list_id = None
    if data.kind is not MoveKind.IN:
        if not data.visit:
            raise invalid("visit", "field_missing")
        list_id = await visits.visit_id(data.visit, actor, queries.MANAGE)
    key = f"{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:100]
    if not await _note(actor, key, found.id, list_id, data):
        return
    match data.kind:
        case MoveKind.IN:
            await _receive(actor, found, data.count)
        case MoveKind.OUT:
            await _issue(found, list_id or 0, data.count)
        case MoveKind.BACK:
            await _take_back(found, list_id or 0, data.count)
    detail = {"kind": data.kind.value, "count": data.count, "list": list_id}
    await audit.record(actor, "ware.moved", object_kind="visit_ware", object_id=found.id, detail=detail)


async def _note(actor: Actor, key: str, ware_id: int, list_id: int | None, data: MoveInput) -> bool:
    row = {
        "id": ids.new_id(),
        "key": key,
        "ware_id": ware_id,
        "list_id": list_id,
        "kind": data.kind.value,
        "count": data.count,
        "note": " ".join(data.note.split()),
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    return await database.insert_if_absent("visit_move", row, key="`key`")


async def _receive(actor: Actor, ware: ManagedWare, count: int) -> None:
    now = await pools.figures(ware.pool_id)
    await allocation.change_capacity(actor, pool_id=ware.pool_id, capacity=now.capacity + count, version=now.version)


async def _issue(ware: ManagedWare, list_id: int, count: int) -> None:
    key = f"{ware.id}:{list_id}"
    row = {"id": ids.new_id(), "key": key, "ware_id": ware.id, "list_id": list_id, "out_count": 0, "back_count": 0}
    await database.insert_if_absent("visit_issue", row, key="`key`")
    await database.execute("UPDATE visit_issue SET out_count = out_count + %s WHERE `key` = %s", count, key)
    try:
        await allocation.take_many(ware.pool_id, count)
    except Conflict as exc:
        left = (await pools.figures(ware.pool_id)).left
        raise invalid("count", "ware_short", left=left) from exc


async def _take_back(ware: ManagedWare, list_id: int, count: int) -> None:
    changed = await database.execute(
        "UPDATE visit_issue SET back_count = back_count + %s WHERE `key` = %s AND back_count + %s <= out_count",
        count,
        f"{ware.id}:{list_id}",
        count,
    )
    if not changed:
        raise invalid("count", "ware_back")
    await allocation.give_back_many(ware.pool_id, count)
