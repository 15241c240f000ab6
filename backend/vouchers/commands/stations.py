"""Stations are opened, changed and stopped, and gifts brought to them."""

import secrets
from collections.abc import Iterator

from backend.allocation import commands as allocation
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, invalid, sentence
from backend.unions import queries as unions
from backend.vouchers.commands import moving
from backend.vouchers.enums import CampaignKind, StationState
from backend.vouchers.queries import campaigns, stations
from backend.vouchers.queries.campaigns import MANAGE, OpenCampaign
from backend.vouchers.queries.stations import StationRow
from backend.vouchers.station_schemas import StationChange, StationInput, StockInput

NAME = (2, 40)
LONGEST_ADDRESS, LONGEST_HOURS = 200, 60


@command
async def open_station(actor: Actor, *, data: StationInput, union: str, nonce: str | None = None) -> str:
    """A station of a union where the actor manages campaigns; its public id. The same nonce is one station."""
    place = await unions.place_in_scope(union, actor, MANAGE)
    data, station_id = _tidy(data), ids.new_id()
    row = {
        "id": station_id,
        "key": f"desk:{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:100],
        "union_id": place.id,
        "name": data.name,
        "address": data.address,
        "hours": data.hours,
        "state": StationState.ACTIVE.value,
        "created_at": clock.now(),
        "version": 1,
    }
    if not await database.insert_if_absent("gift_station", row, key="`key`"):
        return ids.public(await database.scalar("SELECT id FROM gift_station WHERE `key` = %s", row["key"]))
    detail = {"union": place.id}
    await audit.record(actor, "station.opened", object_kind="station", object_id=station_id, detail=detail)
    return ids.public(station_id)


@command
async def change_station(actor: Actor, *, station: str, data: StationChange) -> None:
    before, tidy = await stations.managed_station(station, actor), _tidy(data)
    state = StationState.ACTIVE if data.active else StationState.STOPPED
    changed = await database.execute(
        "UPDATE gift_station SET name = %s, address = %s, hours = %s, state = %s, version = version + 1"
        " WHERE id = %s AND version = %s",
        tidy.name,
        tidy.address,
        tidy.hours,
        state.value,
        before.id,
        data.version,
    )
    if not changed:
        raise Conflict("station_changed")
    detail = {"state": state.value}
    await audit.record(actor, "station.changed", object_kind="station", object_id=before.id, detail=detail)


def _tidy(data: StationInput) -> StationInput:
    tidy = StationInput(name=" ".join(data.name.split()), address=data.address.strip(), hours=data.hours.strip())
    wrong = list(_problems(tidy))
    if wrong:
        raise Invalid(wrong)
    return tidy


def _problems(data: StationInput) -> Iterator[FieldError]:
    if not NAME[0] <= len(data.name) <= NAME[1] or not data.name.isprintable():
        yield FieldError("name", sentence("station_name", least=NAME[0], most=NAME[1]))
    if len(data.address) > LONGEST_ADDRESS:
        yield FieldError("address", sentence("station_address", most=LONGEST_ADDRESS))
    if len(data.hours) > LONGEST_HOURS:
        yield FieldError("hours", sentence("station_hours", most=LONGEST_HOURS))


@command
async def set_stock(actor: Actor, *, campaign: str, data: StockInput) -> None:
    """How many of a campaign's gifts were brought to a station. All stations together never have more than was
    approved, and none has less than it has promised."""
    found = await campaigns.managed(campaign, actor)
    if found.kind is not CampaignKind.GIFT:
        raise Conflict("stock_no_gift")
    place = await stations.managed_station(data.station, actor)
    # The row of the campaign is this command's from here on: the stations are counted together.
    await database.execute("UPDATE voucher_campaign SET version = version + 1 WHERE id = %s", found.id)
    others = sum(one.capacity for one in await stations.stocks_of(found.id) if one.station_id != place.id)
    if not 0 <= data.stock <= found.total - others:
        raise invalid("stock", "stock_too_much", most=max(0, found.total - others))
    await _bring(actor, found, place, data)
    detail = {"campaign": found.id, "stock": data.stock}
    await audit.record(actor, "stock.set", object_kind="station", object_id=place.id, detail=detail)


async def _bring(actor: Actor, campaign: OpenCampaign, place: StationRow, data: StockInput) -> None:
    known = await stations.stock_at(campaign.id, place.id)
    if known is None:
        await moving.open_stock(actor, campaign_id=campaign.id, station_id=place.id, stock=data.stock)
    elif known.version != data.version:
        raise Conflict("stock_changed")
    elif data.stock < known.taken:
        raise invalid("stock", "stock_below_taken", taken=known.taken)
    elif data.stock != known.capacity:
        await allocation.change_capacity(actor, pool_id=known.pool_id, capacity=data.stock, version=data.version)
    await moving.note_brought(actor, campaign.id, place.id, data.stock - (known.capacity if known else 0))
