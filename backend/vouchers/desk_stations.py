"""Desk pages of stations: where gifts are, what was brought there, and handing them over."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.unions import queries as unions
from backend.vouchers import commands, queries
from backend.vouchers.desk import campaign_page
from backend.vouchers.station_schemas import HandoverInput, HandoverView, NewStation, StationChange, StockInput
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE, _HAND_OVER = may("campaign.manage"), may("gift.hand_over")


@get("/gift-stations", opt=_MANAGE)
async def list_stations(
    request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    return await _stations_page(request, actor, cursor=cursor)


@post("/gift-stations", opt=_MANAGE)
async def open_station(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, NewStation)
        nonce = form.one("submission_key") or None
        await commands.open_station(actor, data=data, union=data.union_id, nonce=nonce)
    except NotFound:
        raise
    except AppError as error:
        return await _stations_page(request, actor, form=form, error=error)
    return redirect("/desk/gift-stations")


async def _stations_page(
    request: AnyRequest,
    actor: Actor,
    *,
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.desk_stations(actor, cursor=cursor)
    places = await unions.choices_in_scope(actor, "campaign.manage")
    return page(
        request,
        "desk/vouchers/stations.html",
        title="领取点",
        tab="stations",
        status=status_of(error),
        stations=found.items,
        unions=[Choice(value=one.id, label=one.name, selected=one is places[0]) for one in places],
        submission_key=secrets.token_urlsafe(16),
        more_href=f"/desk/gift-stations?cursor={found.next_cursor}" if found.next_cursor else "",
        **again(form, error),
    )


@get("/gift-stations/{station:str}", opt=_MANAGE)
async def show_station(request: AnyRequest, station: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _station_page(request, station, actor)


@post("/gift-stations/{station:str}", opt=_MANAGE)
async def change_station(request: AnyRequest, station: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.change_station(actor, station=station, data=form_struct(form, StationChange))
    except NotFound:
        raise
    except AppError as error:
        return await _station_page(request, station, actor, form=form, error=error)
    return redirect("/desk/gift-stations")


async def _station_page(
    request: AnyRequest, station: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    shown = await queries.desk_station(station, actor)
    return page(
        request,
        "desk/vouchers/station.html",
        title=shown.name,
        tab="stations",
        status=status_of(error),
        station=shown,
        **again(form, error),
    )


@post("/voucher-campaigns/{campaign:str}/stocks", opt=_MANAGE)
async def set_stock(request: AnyRequest, campaign: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.set_stock(actor, campaign=campaign, data=form_struct(form, StockInput))
    except NotFound:
        raise
    except AppError as error:
        return await campaign_page(request, campaign, actor, form=form, error=error)
    return redirect(f"/desk/voucher-campaigns/{campaign}")


@get("/handovers", opt=_HAND_OVER)
async def show_handovers(
    request: AnyRequest,
    actor: CurrentActor,
    station: FromQuery[str] = "",
    done: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """Of the chosen station, or of the first."""
    return await _handovers_page(request, actor, station=station, done=done, cursor=cursor)


@post("/handovers", opt=_HAND_OVER)
async def hand_over(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        given = await commands.hand_over(data=form_struct(form, HandoverInput), actor=actor)
    except AppError as error:
        return await _handovers_page(request, actor, station=form.one("station"), form=form, error=error)
    return redirect(f"/desk/handovers?station={form.one('station')}&done={given.id}")


async def _handovers_page(
    request: AnyRequest,
    actor: Actor,
    *,
    station: str = "",
    done: str = "",
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    stations = await queries.staffed_stations(actor)
    chosen = next((one for one in stations if one.id == station), stations[0] if stations else None)
    handed: list[HandoverView] = []
    more = ""
    if chosen is not None:
        found = await queries.handovers(actor, station=chosen.id, cursor=cursor)
        handed = found.items
        more = f"/desk/handovers?station={chosen.id}&cursor={found.next_cursor}" if found.next_cursor else ""
    answer = page(
        request,
        "desk/vouchers/handovers.html",
        title="发放礼品",
        tab="handovers",
        status=status_of(error),
        stations=[Choice(value=one.id, label=one.name, selected=one is chosen) for one in stations],
        chosen=chosen,
        given_now=next((one for one in handed if one.id == done), None),
        handed=handed,
        more_href=more,
        **again(form, error),
    )
    if error is not None and error.retry_after is not None:
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


@get("/handovers/{handover:str}", opt=_HAND_OVER)
async def show_handover(request: AnyRequest, handover: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _handover_page(request, handover, actor)


@post("/handovers/{handover:str}/undo", opt=_HAND_OVER)
async def take_back(request: AnyRequest, handover: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.take_back(handover=handover, reason=form.one("reason"), actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _handover_page(request, handover, actor, form=form, error=error)
    return redirect(f"/desk/handovers/{handover}")


async def _handover_page(
    request: AnyRequest, handover: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/vouchers/handover.html",
        title="发放记录",
        tab="handovers",
        status=status_of(error),
        handed=await queries.desk_handover(handover, actor),
        **again(form, error),
    )


routes = [
    list_stations,
    open_station,
    show_station,
    change_station,
    set_stock,
    show_handovers,
    hand_over,
    show_handover,
    take_back,
]
