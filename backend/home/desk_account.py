"""A member of staff's own page: posts, password, second factor, and the relatives they declare."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.identity import commands, relatives
from backend.identity.enums import RELATION_TEXT
from backend.identity.schemas import RelativeInput
from backend.unions import queries as unions
from backend.web.access import STAFF, CurrentActor
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_RELATIONS = [{"value": relation.value, "label": text, "selected": False} for relation, text in RELATION_TEXT.items()]
_FIELDS = ("relation", "name", "id_no", "phone")


@get("/account", opt=STAFF)
async def show_account(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _account_page(request, actor)


@post("/relatives", opt=STAFF)
async def declare_relative(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = RelativeInput(**{name: form.one(name) for name in _FIELDS})
        await commands.declare_relative(data=data, actor=actor)
    except AppError as error:
        return await _account_page(request, actor, form=form, error=error)
    return redirect("/desk/account")


@post("/relatives/{relative:str}/end", opt=STAFF)
async def take_back_relative(relative: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.take_back_relative(relative=relative, actor=actor)
    return redirect("/desk/account")


async def _account_page(
    request: AnyRequest, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/home/account.html",
        title="我的账号",
        tab="account",
        status=error.status if error else 200,
        desks=unions.desks_of(actor),
        relatives=await relatives.own_relatives(actor),
        relations=_RELATIONS,
        given={name: form.one(name) for name in _FIELDS} if form else {},
        errors={each.field: each.message for each in error.errors} if error else {},
    )


routes = [show_account, declare_relative, take_back_relative]
