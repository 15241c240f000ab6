"""The desk's page of goods for visits."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.aid import commands, queries
from backend.aid.own_unions import union_choices
from backend.aid.visit_enums import MOVE_TEXT
from backend.aid.visit_schemas import MoveInput, WareInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_PERMISSION = "aid.manage"
_VIEW, _MANAGE = may("aid.view"), may(_PERMISSION)
_NOTICES = {"opened": "已经登记。", "moved": "已经记账。"}


@get("/visit-goods", opt=_VIEW)
async def list_wares(request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "") -> Response[str]:
    return await _page(request, actor, done=done)


@post("/visit-goods", opt=_MANAGE)
async def open_ware(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.open_ware(actor, data=form_struct(form, WareInput))
    except NotFound:
        raise
    except AppError as error:
        return await _page(request, actor, form=form, error=error)
    return redirect("/desk/visit-goods?done=opened")


@post("/visit-goods/{ware:str}/moves", opt=_MANAGE)
async def move_ware(request: AnyRequest, ware: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, MoveInput)
        await commands.move_ware(actor, ware=ware, data=data, nonce=form.one("submission_key") or None)
    except NotFound:
        raise
    except AppError as error:
        return await _page(request, actor, failed=ware, form=form, error=error)
    return redirect("/desk/visit-goods?done=moved")


async def _page(
    request: AnyRequest,
    actor: Actor,
    *,
    done: str = "",
    failed: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """`failed` are the goods whose form was wrong, none where it was the one to begin with."""
    lists = await queries.visit_lists(actor)
    return page(
        request,
        "desk/aid/wares.html",
        title="慰问物资",
        tab="wares",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        wares=await queries.ware_list(actor),
        visits=[Choice(value=one.id, label=f"{one.name}（{one.union_name}）") for one in lists],
        unions=union_choices(actor, _PERMISSION),
        kinds=choices(MOVE_TEXT),
        failed=failed,
        may_manage=actor.can(_PERMISSION),
        submission_key=secrets.token_urlsafe(16),
        **again(form, error),
    )


routes = [list_wares, open_ware, move_ware]
