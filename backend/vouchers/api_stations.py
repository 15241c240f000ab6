"""JSON doors of stations: open them, bring gifts there, hand gifts over."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.vouchers import commands, queries
from backend.vouchers.schemas import DeskCampaignView
from backend.vouchers.shop_schemas import UndoInput
from backend.vouchers.station_schemas import (
    HandoverInput,
    HandoverView,
    MoveInput,
    MoveView,
    NewStation,
    StationChange,
    StationGift,
    StationView,
    StockInput,
)
from backend.web.access import CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.paging import Page, PageLimit

_MANAGE, _HAND_OVER, _MOVE = may("campaign.manage"), may("gift.hand_over"), may("gift.move")


@get("/desk/gift-stations", opt=_MANAGE)
async def list_stations(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[StationView]:
    """Where gifts are handed over, the latest first."""
    return await queries.desk_stations(actor, limit=limit, cursor=cursor)


@post("/desk/gift-stations", opt=_MANAGE, status_code=201)
async def open_station(data: JSONBody[NewStation], actor: CurrentActor, client: CurrentClient) -> StationView:
    station = await commands.open_station(actor, data=data, union=data.union_id, nonce=client.idempotency_key)
    return await queries.desk_station(station, actor)


@get("/desk/gift-stations/{station:str}", opt=_MANAGE)
async def show_station(station: FromPath[str], actor: CurrentActor) -> StationView:
    return await queries.desk_station(station, actor)


@post("/desk/gift-stations/{station:str}", opt=_MANAGE, status_code=200)
async def change_station(station: FromPath[str], data: JSONBody[StationChange], actor: CurrentActor) -> StationView:
    """All of it anew; 409 `station_changed` by an old `version`."""
    await commands.change_station(actor, station=station, data=data)
    return await queries.desk_station(station, actor)


@post("/desk/voucher-campaigns/{campaign:str}/stocks", opt=_MANAGE, status_code=200)
async def set_stock(campaign: FromPath[str], data: JSONBody[StockInput], actor: CurrentActor) -> DeskCampaignView:
    """How many of a gift were brought to a station; 422 beyond what was approved, 409 `stock_changed` by an old
    `version`."""
    await commands.set_stock(actor, campaign=campaign, data=data)
    return await queries.desk_campaign(campaign, actor)


@post("/desk/handovers", opt=_HAND_OVER, status_code=201)
async def hand_over(data: JSONBody[HandoverInput], actor: CurrentActor) -> HandoverView:
    """Hand a gift over. 409 `already_handed_over` tells in `at` and `station` when and where it was given before."""
    return await commands.hand_over(data=data, actor=actor)


@get("/desk/handovers", opt=_HAND_OVER)
async def list_handovers(
    actor: CurrentActor,
    station: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[HandoverView]:
    """What was handed over at a station of mine, or at all of them, the latest first."""
    return await queries.handovers(actor, station=station, limit=limit, cursor=cursor)


@post("/desk/handovers/{handover:str}/undo", opt=_HAND_OVER, status_code=200)
async def take_back(handover: FromPath[str], data: JSONBody[UndoInput], actor: CurrentActor) -> HandoverView:
    """What was handed over today by mistake; 409 `handover_undo_late` on another day."""
    return await commands.take_back(handover=handover, reason=data.reason, actor=actor)


@post("/desk/gift-moves", opt=_MOVE, status_code=201)
async def move_stock(data: JSONBody[MoveInput], actor: CurrentActor, client: CurrentClient) -> MoveView:
    """Pieces of a gift to another station; 422 beyond what is promised to nobody."""
    move = await commands.move_stock(actor, data=data, nonce=client.idempotency_key)
    return await queries.move_made(move, actor)


@get("/desk/gift-stations/{station:str}/gifts", opt=_MOVE)
async def list_gifts(station: FromPath[str], actor: CurrentActor) -> list[StationGift]:
    """What a station has of the gifts that are given out now."""
    return await queries.station_gifts(station, actor)


@get("/desk/gift-stations/{station:str}/moves", opt=_MOVE)
async def list_moves(
    station: FromPath[str], actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[MoveView]:
    """What came to a station and what went from there, the latest first."""
    return await queries.station_moves(station, actor, limit=limit, cursor=cursor)


routes = [
    list_stations,
    open_station,
    show_station,
    change_station,
    set_stock,
    hand_over,
    list_handovers,
    take_back,
    move_stock,
    list_gifts,
    list_moves,
]
