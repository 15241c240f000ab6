"""Pieces of a gift are brought from one station to another. Every change of a station's stock is written down."""

import secrets
from collections.abc import Iterator
from typing import Any

from backend.allocation import commands as allocation
from backend.allocation.commands import SoldOut
from backend.allocation.schemas import NewPool
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import FieldError, Invalid, invalid, sentence
from backend.vouchers.enums import CampaignState, StationState
from backend.vouchers.queries import moves, stations
from backend.vouchers.queries.stations import StationRow
from backend.vouchers.station_schemas import MoveInput

MOST_EACH = 20
LONGEST_REMARK = 100

_OF_OPEN = "UPDATE voucher_campaign SET version = version + 1 WHERE id = %s AND state = %s"


@command
async def move_stock(actor: Actor, *, data: MoveInput, nonce: str | None = None) -> str:
    """Pieces that are promised to nobody go from a station to another, both the actor's to move between; the public
    id of the move. The same nonce is the same move."""
    source = await moves.moving_station(data.from_station, actor)
    key = f"move:{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:100]
    known = await database.scalar("SELECT id FROM gift_move WHERE `key` = %s", key)
    if known is not None:
        return ids.public(known)
    target = await moves.target_station(data.to_station, actor)
    remark = " ".join(data.remark.split())
    wrong = list(_problems(source, target, data.count, remark))
    if wrong:
        raise Invalid(wrong)
    assert target is not None
    campaign_id = ids.parse(data.campaign) or 0
    # The row of the campaign is this command's from here on: the stations are counted together.
    if not await database.execute(_OF_OPEN, campaign_id, CampaignState.OPEN.value):
        raise invalid("campaign", "move_gift_missing", station=source.name)
    row = {"campaign_id": campaign_id, "from": source.id, "to": target.id, "count": data.count, "remark": remark}
    move_id = await _note(actor, key, **row)
    if move_id is None:
        return ids.public(await database.scalar("SELECT id FROM gift_move WHERE `key` = %s", key))
    await _carry(actor, campaign_id, source, target, data.count)
    detail = {"campaign": campaign_id, "from": source.id, "to": target.id, "count": data.count}
    await audit.record(actor, "stock.moved", object_kind="gift_move", object_id=move_id, detail=detail)
    return ids.public(move_id)


def _problems(source: StationRow, target: StationRow | None, count: int, remark: str) -> Iterator[FieldError]:
    if target is None:
        yield FieldError("to_station", sentence("move_target_missing"))
    elif target.id == source.id:
        yield FieldError("to_station", sentence("move_to_itself"))
    elif target.state is not StationState.ACTIVE:
        yield FieldError("to_station", sentence("move_to_stopped", station=target.name))
    if count < 1:
        yield FieldError("count", sentence("move_count"))
    if len(remark) > LONGEST_REMARK or not remark.isprintable():
        yield FieldError("remark", sentence("move_remark", most=LONGEST_REMARK))


async def _carry(actor: Actor, campaign_id: int, source: StationRow, target: StationRow, count: int) -> None:
    here = await stations.stock_at(campaign_id, source.id)
    if here is None:
        raise invalid("campaign", "move_gift_missing", station=source.name)
    there = await stations.stock_at(campaign_id, target.id)
    target_id = there.pool_id if there else await open_stock(actor, campaign_id=campaign_id, station_id=target.id)
    try:
        await allocation.move_places(actor, source_id=here.pool_id, target_id=target_id, count=count)
    except SoldOut as exc:
        now = await stations.stock_at(campaign_id, source.id)
        free = now.capacity - now.taken if now else 0
        raise invalid("count", "move_too_many", station=source.name, free=free) from exc


async def open_stock(actor: Actor, *, campaign_id: int, station_id: int, stock: int = 0) -> int:
    """Inside a command that has the campaign's row: the station has gifts of it from here on; the id of their pool."""
    key = f"gift:{campaign_id}:{station_id}"
    new = NewPool(key=key, kind="gift", capacity=stock, per_person=MOST_EACH)
    pool_id = await allocation.open_pool(new, actor)
    row = {"id": ids.new_id(), "campaign_id": campaign_id, "station_id": station_id, "pool_id": pool_id}
    await database.insert("gift_stock", row)
    return pool_id


async def note_brought(actor: Actor, campaign_id: int, station_id: int, more: int) -> None:
    """Inside a command: so many came to the station from what is at none, or went back to it."""
    if more:
        to, from_ = (station_id, None) if more > 0 else (None, station_id)
        row = {"campaign_id": campaign_id, "from": from_, "to": to, "count": abs(more), "remark": ""}
        await _note(actor, f"stock:{ids.new_id()}", **row)


async def _note(actor: Actor, key: str, **move: Any) -> int | None:
    """Its id; None where the key was there before."""
    move_id = ids.new_id()
    row = {
        "id": move_id,
        "key": key,
        "campaign_id": move["campaign_id"],
        "from_station_id": move["from"],
        "to_station_id": move["to"],
        "count": move["count"],
        "remark": move["remark"],
        "moved_by": actor.account_id,
        "moved_at": clock.now(),
    }
    return move_id if await database.insert_if_absent("gift_move", row, key="`key`") else None
