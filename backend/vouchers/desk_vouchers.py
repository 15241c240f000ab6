"""Desk pages of single vouchers: look one up, freeze it, let it go again."""

from collections.abc import Awaitable
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.vouchers import commands, queries
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, status_of
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE = may("campaign.manage")


@get("/vouchers", opt=_MANAGE)
async def find_vouchers(request: AnyRequest, actor: CurrentActor, q: FromQuery[str] = "") -> Response[str]:
    found = await queries.find_vouchers(actor, q)
    return page(request, "desk/vouchers/vouchers.html", title="查券", tab="vouchers", q=q, vouchers=found)


@get("/vouchers/{voucher:str}", opt=_MANAGE)
async def show_voucher(request: AnyRequest, voucher: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _voucher_page(request, voucher, actor)


@post("/vouchers/{voucher:str}/freeze", opt=_MANAGE)
async def freeze_voucher(request: AnyRequest, voucher: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    done = commands.freeze(voucher=voucher, reason=form.one("reason"), actor=actor)
    return await _answer(request, voucher, actor, form, done)


@post("/vouchers/{voucher:str}/thaw", opt=_MANAGE)
async def thaw_voucher(request: AnyRequest, voucher: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    done = commands.thaw(voucher=voucher, reason=form.one("reason"), actor=actor)
    return await _answer(request, voucher, actor, form, done)


async def _answer(
    request: AnyRequest, voucher: str, actor: Actor, form: FormInput, done: Awaitable[None]
) -> Response[Any]:
    try:
        await done
    except NotFound:
        raise
    except AppError as error:
        return await _voucher_page(request, voucher, actor, form=form, error=error)
    return redirect(f"/desk/vouchers/{voucher}")


async def _voucher_page(
    request: AnyRequest, voucher: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/vouchers/voucher.html",
        title="一张券",
        tab="vouchers",
        status=status_of(error),
        voucher=await queries.desk_voucher(voucher, actor),
        **again(form, error),
    )


routes = [find_vouchers, show_voucher, freeze_voucher, thaw_voucher]
