"""Reads of stations: where gifts can be had, what is left there, and what was handed over."""

from datetime import date, datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import queries as unions
from backend.vouchers.enums import STATION_TEXT, CampaignKind, StationState, UseKind, VoucherState
from backend.vouchers.station_schemas import HandoverView, StationStock, StationView, StockView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE, HAND_OVER = "campaign.manage", "gift.hand_over"


class StationRow(msgspec.Struct, kw_only=True):
    id: int
    name: str
    address: str
    hours: str
    path: str
    union_name: str
    state: StationState
    version: int


_STATION = (
    "SELECT s.id, s.name, s.address, s.hours, u.path, u.name AS union_name, s.state, s.version FROM gift_station s"
    " JOIN union_org u ON u.id = s.union_id"
)


async def desk_stations(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[StationView]:
    """Those where the actor manages campaigns, the latest first."""
    condition, values = unions.visible_to(actor, MANAGE)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        StationRow,
        f"{_STATION} WHERE {condition} AND s.id < %s ORDER BY s.id DESC LIMIT %s",
        *values,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[_view(one) for one in page.items], next_cursor=page.next_cursor)


async def managed_station(station: str, actor: Actor) -> StationRow:
    return await one_station(station, actor, MANAGE)


async def staffed_station(station: str, actor: Actor) -> StationRow:
    """One at which the actor hands over."""
    return await one_station(station, actor, HAND_OVER)


async def one_station(station: str, actor: Actor, permission: str) -> StationRow:
    """One where the actor holds the permission."""
    found = await find_station(station, actor, permission)
    if found is None:
        raise NotFound()
    return found


async def find_station(station: str, actor: Actor, permission: str) -> StationRow | None:
    condition, values = unions.visible_to(actor, permission)
    return await database.view(
        StationRow, f"{_STATION} WHERE s.id = %s AND {condition}", ids.parse(station) or 0, *values
    )


async def desk_station(station: str, actor: Actor) -> StationView:
    return _view(await managed_station(station, actor))


async def staffed_stations(actor: Actor) -> list[StationView]:
    """Those at which the actor hands over, by name, the stopped ones last."""
    return await all_stations(actor, HAND_OVER)


async def all_stations(actor: Actor, permission: str) -> list[StationView]:
    condition, values = unions.visible_to(actor, permission)
    found = await database.views(StationRow, f"{_STATION} WHERE {condition} ORDER BY s.state, s.name, s.id", *values)
    return [_view(one) for one in found]


def _view(row: StationRow) -> StationView:
    return StationView(
        id=ids.public(row.id),
        name=row.name,
        address=row.address,
        hours=row.hours,
        union_name=row.union_name,
        state=row.state.value,
        state_text=STATION_TEXT[row.state],
        version=row.version,
    )


class StockRow(msgspec.Struct, kw_only=True):
    """A station's stock of one campaign's gifts."""

    id: int
    station_id: int
    pool_id: int
    capacity: int
    taken: int
    version: int
    name: str
    address: str
    hours: str
    state: StationState


_STOCK = (
    "SELECT g.id, g.station_id, g.pool_id, p.capacity, p.taken, p.version, s.name, s.address, s.hours, s.state"
    " FROM gift_stock g JOIN pool p ON p.id = g.pool_id JOIN gift_station s ON s.id = g.station_id"
)


async def stocks_of(campaign_id: int) -> list[StockRow]:
    """By the names of their stations."""
    return await database.views(StockRow, f"{_STOCK} WHERE g.campaign_id = %s ORDER BY s.name, s.id", campaign_id)


async def stock_at(campaign_id: int, station_id: int) -> StockRow | None:
    return await database.view(
        StockRow, f"{_STOCK} WHERE g.campaign_id = %s AND g.station_id = %s", campaign_id, station_id
    )


async def stations_of(campaign_id: int) -> list[StationStock]:
    """Where members can get the gifts of a campaign."""
    return [
        StationStock(
            id=ids.public(one.station_id),
            name=one.name,
            address=one.address,
            hours=one.hours,
            left=one.capacity - one.taken,
        )
        for one in await stocks_of(campaign_id)
        if one.state is StationState.ACTIVE
    ]


class _Handed(msgspec.Struct):
    station_id: int
    handed: int


async def desk_stocks(campaign_id: int) -> list[StockView]:
    """For somebody who manages the campaign."""
    counted = await database.views(
        _Handed,
        "SELECT t.station_id, COUNT(*) AS handed FROM voucher_use t JOIN voucher v ON v.id = t.live"
        " WHERE v.campaign_id = %s AND t.kind = %s GROUP BY t.station_id",
        campaign_id,
        UseKind.GIFT.value,
    )
    handed = {one.station_id: one.handed for one in counted}
    return [
        StockView(
            station_id=ids.public(one.station_id),
            station_name=one.name,
            stock=one.capacity,
            taken=one.taken,
            handed=handed.get(one.station_id, 0),
            left=one.capacity - one.taken,
            version=one.version,
        )
        for one in await stocks_of(campaign_id)
    ]


class GiftVoucher(msgspec.Struct, kw_only=True):
    """What a station has to know of a voucher that is shown there."""

    id: int
    member_id: int
    campaign_id: int
    name: str
    kind: CampaignKind
    state: VoucherState
    face_value_fen: int
    valid_until: date
    issued_account_id: int
    station_id: int | None  # where it was promised
    station_name: str | None
    at_stations: bool


async def gift_voucher(voucher_id: int) -> GiftVoucher:
    found = await database.view(
        GiftVoucher,
        "SELECT v.id, v.member_id, v.campaign_id, c.name, c.kind, v.state, c.face_value_fen, c.valid_until,"
        " c.issued_account_id, g.station_id, s.name AS station_name,"
        " EXISTS (SELECT 1 FROM gift_stock o WHERE o.campaign_id = c.id) AS at_stations FROM voucher v"
        " JOIN voucher_campaign c ON c.id = v.campaign_id LEFT JOIN gift_pick k ON k.id = v.id"
        " LEFT JOIN gift_stock g ON g.id = k.stock_id LEFT JOIN gift_station s ON s.id = g.station_id WHERE v.id = %s",
        voucher_id,
    )
    if found is None:
        raise NotFound()
    return found


class UseRow(msgspec.Struct, kw_only=True):
    id: int
    voucher_id: int
    gift: str
    place: str
    at: datetime
    live: int | None
    undone_at: datetime | None
    undo_reason: str

    @property
    def day(self) -> date:
        return clock.local(self.at).date()


_USE = (
    "SELECT t.id, t.voucher_id, c.name AS gift, t.place, t.at, t.live, t.undone_at, t.undo_reason FROM voucher_use t"
    " JOIN voucher v ON v.id = t.voucher_id JOIN voucher_campaign c ON c.id = v.campaign_id"
)
_HANDED = f"{_USE} JOIN gift_station s ON s.id = t.station_id JOIN union_org u ON u.id = s.union_id"


async def handed_over(voucher_id: int) -> UseRow | None:
    """The use by which a voucher is gone."""
    return await database.view(UseRow, f"{_USE} WHERE t.live = %s", voucher_id)


async def handovers(
    actor: Actor, *, station: str = "", limit: int = 20, cursor: str | None = None
) -> Page[HandoverView]:
    """What was handed over at a station where the actor does it, or at all of them, the latest first."""
    condition, values = unions.visible_to(actor, HAND_OVER)
    if station:
        condition, values = "t.station_id = %s", [(await staffed_station(station, actor)).id]
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        UseRow,
        f"{_HANDED} WHERE {condition} AND t.id < %s ORDER BY t.id DESC LIMIT %s",
        *values,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda one: encode_cursor(ids.public(one.id)))
    return Page(items=[handover_view(one) for one in page.items], next_cursor=page.next_cursor)


async def staffed_handover(handover: str, actor: Actor) -> UseRow:
    """One at a station where the actor hands over."""
    condition, values = unions.visible_to(actor, HAND_OVER)
    found = await database.view(UseRow, f"{_HANDED} WHERE t.id = %s AND {condition}", ids.parse(handover) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def desk_handover(handover: str, actor: Actor) -> HandoverView:
    return handover_view(await staffed_handover(handover, actor))


async def handover(use_id: int) -> HandoverView:
    """For the command that made it."""
    found = await database.view(UseRow, f"{_USE} WHERE t.id = %s", use_id)
    if found is None:
        raise NotFound()
    return handover_view(found)


def handover_view(row: UseRow) -> HandoverView:
    return HandoverView(
        id=ids.public(row.id),
        gift=row.gift,
        station=row.place,
        at=clock.iso(row.at) or "",
        undone_at=clock.iso(row.undone_at),
        undo_reason=row.undo_reason,
        may_undo=row.live is not None and row.day == clock.today(),
    )
