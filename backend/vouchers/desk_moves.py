"""Desk pages of what stations have of gifts: bring pieces of one from a station to another."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.vouchers import commands, queries
from backend.vouchers.enums import StationState
from backend.vouchers.station_schemas import MoveInput, MoveView, StationGift
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MOVE = may("gift.move")
_AT = "/desk/gift-moves"


@get("/gift-moves", opt=_MOVE)
async def show_moves(
    request: AnyRequest,
    actor: CurrentActor,
    station: FromQuery[str] = "",
    done: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """Of the chosen station, or of the first."""
    return await _moves_page(request, actor, station=station, done=done, cursor=cursor)


@post("/gift-moves", opt=_MOVE)
async def move_stock(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    station = form.one("from_station")
    try:
        data = form_struct(form, MoveInput)
        await commands.move_stock(actor, data=data, nonce=form.one("submission_key") or None)
    except AppError as error:
        return await _moves_page(request, actor, station=station, form=form, error=error)
    return redirect(f"{_AT}?station={station}&done=1")


async def _moves_page(
    request: AnyRequest,
    actor: Actor,
    *,
    station: str = "",
    done: bool = False,
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    stations = await queries.moving_stations(actor)
    chosen = next((one for one in stations if one.id == station), stations[0] if stations else None)
    gifts: list[StationGift] = []
    moves: list[MoveView] = []
    more = ""
    if chosen is not None:
        gifts = await queries.station_gifts(chosen.id, actor)
        found = await queries.station_moves(chosen.id, actor, cursor=cursor)
        moves = found.items
        more = f"{_AT}?station={chosen.id}&cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request,
        "desk/vouchers/moves.html",
        title="领取点库存",
        tab="moves",
        status=status_of(error),
        stations=[Choice(value=one.id, label=one.name, selected=one is chosen) for one in stations],
        targets=[
            Choice(value=one.id, label=one.name)
            for one in stations
            if one is not chosen and one.state == StationState.ACTIVE
        ],
        chosen=chosen,
        gifts=gifts,
        choices=[Choice(value=one.campaign_id, label=f"{one.gift}（可调 {one.left} 份）") for one in gifts],
        moves=moves,
        more_href=more,
        moved=done,
        submission_key=(form.one("submission_key") if form else "") or secrets.token_urlsafe(16),
        **again(form, error),
    )


routes = [show_moves, move_stock]
