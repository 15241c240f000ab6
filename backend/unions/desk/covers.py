"""Leave cover."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, invalid
from backend.unions import commands, queries
from backend.unions.desk.forms import notice
from backend.unions.schemas import CoverInput, StaffChoice
from backend.web.access import STAFF, CurrentActor
from backend.web.form_pages import Choice, again, status_of
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/covers", opt=STAFF)
async def show_covers(
    request: AnyRequest, actor: CurrentActor, absent: FromQuery[str] = "", done: FromQuery[str] = ""
) -> Response[str]:
    return await _covers_page(request, actor, absent=absent, done=done)


@post("/covers", opt=STAFF)
async def name_cover(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    absent = form.one("absent")
    try:
        await commands.name_cover(data=_input(form), actor=actor)
    except AppError as error:
        return await _covers_page(request, actor, absent=absent, form=form, error=error)
    return redirect("/desk/covers?done=covered")


@post("/covers/{cover:str}/end", opt=STAFF)
async def end_cover(cover: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.end_cover(cover=cover, actor=actor)
    return redirect("/desk/covers?done=uncovered")


def _input(form: FormInput) -> CoverInput:
    days: dict[str, date] = {}
    for name in ("from_on", "until_on"):
        try:
            days[name] = date.fromisoformat(form.one(name))
        except ValueError as exc:
            raise invalid(name, "wrong_value") from exc
    return CoverInput(absent=form.one("absent"), cover=form.one("cover"), **days)


async def _covers_page(
    request: AnyRequest,
    actor: Actor,
    *,
    absent: str = "",
    done: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.covers_page(actor, absent=absent)
    return page(
        request,
        "desk/unions/covers.html",
        title="请假代理",
        tab="account",
        notice=notice(done),
        status=status_of(error),
        covers=found.items,
        absent=absent or found.absents[0].id if found.absents else "",
        absents=_choices(found.absents),
        colleagues=_choices(found.colleagues),
        **again(form, error),
    )


def _choices(staff: list[StaffChoice]) -> list[Choice]:
    return [Choice(value=one.id, label=one.name) for one in staff]


routes = [show_covers, name_cover, end_cover]
