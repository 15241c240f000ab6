"""Stations of a county with gifts, and members who want one."""

from typing import Any

import msgspec

from backend.core import ids
from backend.core.actor import Actor
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.station_schemas import HandoverInput, HandoverView, StationInput, StockInput
from tests.casework.world import staff
from tests.vouchers.world import County, opened


class Stations(msgspec.Struct):
    """Two stations with the gifts of one campaign, and somebody who hands over at both."""

    campaign: str
    near: str
    far: str
    giver: Actor


async def station_of(county: County, name: str) -> str:
    data = StationInput(name=name, address="望城街 3 号", hours="9:00–17:00")
    return await commands.open_station(county.welfare, data=data, union=ids.public(county.unit.id))


async def stations_of(county: County, *, near: int = 5, far: int = 5, **changes: Any) -> Stations:
    plan = {"name": "清凉包", "kind": CampaignKind.GIFT, "mode": CampaignMode.CLAIM, "threshold_fen": 0}
    campaign = await opened(county, **(plan | changes))
    found = [await station_of(county, name) for name in ("快递驿站", "黄枫驿站")]
    for station, stock in zip(found, (near, far), strict=True):
        await bring(county, campaign, station, stock)
    return Stations(
        campaign=campaign, near=found[0], far=found[1], giver=await staff("邹小发", (county.unit, "officer"))
    )


async def bring(county: County, campaign: str, station: str, stock: int) -> None:
    shown = (await queries.desk_campaign(campaign, county.welfare)).stocks
    version = next((one.version for one in shown if one.station_id == station), 0)
    data = StockInput(station=station, stock=stock, version=version)
    await commands.set_stock(county.welfare, campaign=campaign, data=data)


async def hand_over(giver: Actor, station: str, code: str) -> HandoverView:
    return await commands.hand_over(data=HandoverInput(station=station, code=code), actor=giver)
