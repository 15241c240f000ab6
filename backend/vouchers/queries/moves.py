"""Reads of what stations have of gifts, and of what was brought from one to another."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.identity import queries as identity
from backend.vouchers.enums import CampaignState
from backend.vouchers.queries import stations
from backend.vouchers.queries.stations import StationRow
from backend.vouchers.station_schemas import MoveView, StationGift, StationView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MOVE = "gift.move"


async def moving_station(station: str, actor: Actor) -> StationRow:
    """One between which and others the actor moves gifts."""
    return await stations.one_station(station, actor, MOVE)


async def target_station(station: str, actor: Actor) -> StationRow | None:
    """The same, of what was chosen in a form."""
    return await stations.find_station(station, actor, MOVE)


async def moving_stations(actor: Actor) -> list[StationView]:
    """By name, the stopped ones last."""
    return await stations.all_stations(actor, MOVE)


class _GiftRow(msgspec.Struct, kw_only=True):
    campaign_id: int
    name: str
    capacity: int
    taken: int


async def station_gifts(station: str, actor: Actor) -> list[StationGift]:
    """What a station has of the gifts that are given out now, by the latest campaign."""
    place = await moving_station(station, actor)
    found = await database.views(
        _GiftRow,
        "SELECT c.id AS campaign_id, c.name, p.capacity, p.taken FROM gift_stock g JOIN pool p ON p.id = g.pool_id"
        " JOIN voucher_campaign c ON c.id = g.campaign_id WHERE g.station_id = %s AND c.state = %s ORDER BY c.id DESC",
        place.id,
        CampaignState.OPEN.value,
    )
    return [
        StationGift(
            campaign_id=ids.public(one.campaign_id),
            gift=one.name,
            stock=one.capacity,
            taken=one.taken,
            left=one.capacity - one.taken,
        )
        for one in found
    ]


class _MoveRow(msgspec.Struct, kw_only=True):
    id: int
    gift: str
    count: int
    from_name: str | None
    to_name: str | None
    remark: str
    moved_by: int
    moved_at: datetime


_MOVE = (
    "SELECT m.id, c.name AS gift, m.count, f.name AS from_name, t.name AS to_name, m.remark, m.moved_by, m.moved_at"
    " FROM gift_move m JOIN voucher_campaign c ON c.id = m.campaign_id"
    " LEFT JOIN gift_station f ON f.id = m.from_station_id LEFT JOIN gift_station t ON t.id = m.to_station_id"
)


async def station_moves(station: str, actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[MoveView]:
    """What came to a station and what went from there, the latest first."""
    place = await moving_station(station, actor)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _MoveRow,
        f"{_MOVE} WHERE (m.from_station_id = %s OR m.to_station_id = %s) AND m.id < %s ORDER BY m.id DESC LIMIT %s",
        place.id,
        place.id,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=await _views(page.items), next_cursor=page.next_cursor)


async def move_made(move: str, actor: Actor) -> MoveView:
    """For whoever made it."""
    found = await database.views(
        _MoveRow, f"{_MOVE} WHERE m.id = %s AND m.moved_by = %s", ids.parse(move) or 0, actor.account_id
    )
    [view] = await _views(found)
    return view


async def _views(rows: list[_MoveRow]) -> list[MoveView]:
    people = await identity.staff_accounts({row.moved_by for row in rows})
    return [
        MoveView(
            id=ids.public(row.id),
            gift=row.gift,
            count=row.count,
            from_station=row.from_name or "",
            to_station=row.to_name or "",
            remark=row.remark,
            moved_by=people[row.moved_by].display if row.moved_by in people else "",
            at=clock.iso(row.moved_at) or "",
        )
        for row in rows
    ]
