"""Pages of a merchant's manager, on a phone: the shops, and who stands at their tills."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.vouchers import commands, queries
from backend.vouchers.shop_schemas import CashierInput, CashierMade
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_STAFF = may("merchant.manage")
_NOTICES = {
    "blocked": "已经停用，对方已被退出登录。",
    "unblocked": "已经恢复，用原来的密码登录。",
    "removed": "收银员已经移除，对方已被退出登录。",
}


@get("/merchant/shops", opt=_STAFF)
async def list_shops(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return page(request, "portal/merchant/shops.html", title="我的门店", shops=await queries.own_shops(actor))


@get("/merchant/shops/{shop:str}", opt=_STAFF)
async def show_shop(
    request: AnyRequest, shop: FromPath[str], actor: CurrentActor, done: FromQuery[str] = ""
) -> Response[str]:
    return await _shop_page(request, shop, actor, done=done)


@post("/merchant/shops/{shop:str}/cashiers", opt=_STAFF, status_code=200)
async def add_cashier(request: AnyRequest, shop: FromPath[str], actor: CurrentActor) -> Response[str]:
    form = await read_form(request)
    try:
        made = await commands.add_cashier(actor, shop=shop, data=form_struct(form, CashierInput))
    except NotFound:
        raise
    except AppError as error:
        return await _shop_page(request, shop, actor, form=form, error=error)
    return await _shop_page(request, shop, actor, made=made)


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/reset", opt=_STAFF, status_code=200)
async def reset_cashier(
    request: AnyRequest, shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor
) -> Response[str]:
    return await _shop_page(request, shop, actor, made=await commands.reset_cashier(actor, shop=shop, cashier=cashier))


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/block", opt=_STAFF)
async def block_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.block_cashier(actor, shop=shop, cashier=cashier)
    return redirect(f"/merchant/shops/{shop}?done=blocked")


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/unblock", opt=_STAFF)
async def unblock_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.unblock_cashier(actor, shop=shop, cashier=cashier)
    return redirect(f"/merchant/shops/{shop}?done=unblocked")


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/remove", opt=_STAFF)
async def remove_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.remove_cashier(actor, shop=shop, cashier=cashier)
    return redirect(f"/merchant/shops/{shop}?done=removed")


async def _shop_page(
    request: AnyRequest,
    shop: str,
    actor: Actor,
    *,
    done: str = "",
    made: CashierMade | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """`made` carries a first password, shown this once."""
    return page(
        request,
        "portal/merchant/staff.html",
        title="收银员",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        shop=await queries.own_shop(shop, actor),
        cashiers=await queries.cashiers_of(shop, actor),
        made=made,
        **again(form, error),
    )


routes: list[Any] = [
    list_shops,
    show_shop,
    add_cashier,
    reset_cashier,
    block_cashier,
    unblock_cashier,
    remove_cashier,
]
