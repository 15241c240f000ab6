"""Desk pages of yearly batches and of what excludes from them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.aid import commands, queries
from backend.aid.intake_enums import EXCLUSION_TEXT
from backend.aid.intake_schemas import ExclusionInput, IntakeChange, IntakeInput
from backend.aid.own_unions import union_choices
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import AppError, Forbidden, NotFound
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_PERMISSION = "aid.manage"
_VIEW, _MANAGE = may("aid.view"), may(_PERMISSION)
_NOTICES = {
    "published": "批次已经发布。",
    "changed": "已经修改。",
    "closed": "已经截止，不再受理。",
    "set": "已经保存。",
}


@get("/aid-batches", opt=_VIEW)
async def list_intakes(request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "") -> Response[str]:
    return await _list_page(request, actor, done=done)


@post("/aid-batches", opt=_MANAGE)
async def publish_intake(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        intake = await commands.publish_intake(actor, data=form_struct(form, IntakeInput))
    except (NotFound, Forbidden):
        raise
    except AppError as error:
        return await _list_page(request, actor, form=form, error=error)
    return redirect(f"/desk/aid-batches/{intake}?done=published")


async def _list_page(
    request: AnyRequest, actor: Actor, *, done: str = "", form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/aid/batches.html",
        title="助学批次",
        tab="intakes",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        intakes=await queries.desk_intakes(actor),
        unions=union_choices(actor, _PERMISSION),
        may_manage=actor.can(_PERMISSION),
        this_year=clock.today().year,
        **again(form, error),
    )


@get("/aid-batches/{intake:str}", opt=_VIEW)
async def show_intake(
    request: AnyRequest, intake: FromPath[str], actor: CurrentActor, done: FromQuery[str] = ""
) -> Response[str]:
    return await _intake_page(request, intake, actor, done=done)


@post("/aid-batches/{intake:str}", opt=_MANAGE)
async def change_intake(request: AnyRequest, intake: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.change_intake(actor, intake=intake, data=form_struct(form, IntakeChange))
    except NotFound:
        raise
    except AppError as error:
        return await _intake_page(request, intake, actor, form=form, error=error)
    return redirect(f"/desk/aid-batches/{intake}?done=changed")


@post("/aid-batches/{intake:str}/close", opt=_MANAGE)
async def close_intake(request: AnyRequest, intake: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.close_intake(actor, intake=intake)
    except NotFound:
        raise
    except AppError as error:
        return await _intake_page(request, intake, actor, error=error)
    return redirect(f"/desk/aid-batches/{intake}?done=closed")


async def _intake_page(
    request: AnyRequest,
    intake: str,
    actor: Actor,
    *,
    done: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    shown = await queries.desk_intake(intake, actor)
    return page(
        request,
        "desk/aid/batch.html",
        title=shown.intake.title,
        tab="intakes",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        intake=shown.intake,
        entries=shown.entries,
        may_manage=actor.can(_PERMISSION),
        **again(form, error),
    )


@get("/aid-exclusions", opt=_VIEW)
async def list_exclusions(request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "") -> Response[str]:
    return await _exclusions_page(request, actor, done=done)


@post("/aid-exclusions", opt=_MANAGE)
async def set_exclusion(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.set_exclusion(actor, data=form_struct(form, ExclusionInput))
    except Forbidden:
        raise
    except AppError as error:
        return await _exclusions_page(request, actor, form=form, error=error)
    return redirect("/desk/aid-exclusions?done=set")


async def _exclusions_page(
    request: AnyRequest, actor: Actor, *, done: str = "", form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/aid/exclusions.html",
        title="助学排除条件",
        tab="exclusions",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        exclusions=await queries.exclusions(actor),
        unions=union_choices(actor, _PERMISSION),
        codes=choices(EXCLUSION_TEXT),
        may_manage=actor.can(_PERMISSION),
        today=clock.today().isoformat(),
        **again(form, error),
    )


routes = [
    list_intakes,
    publish_intake,
    show_intake,
    change_intake,
    close_intake,
    list_exclusions,
    set_exclusion,
]
