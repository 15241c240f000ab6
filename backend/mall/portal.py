"""Pages of the mall, which everybody may see, and of one's own orders."""

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import ids
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.mall import commands, queries, rules
from backend.mall.schemas import OrderInput
from backend.web.access import PERSON, PUBLIC, CurrentActor
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect
from backend.web.qr import qr_svg

AnyRequest = Request[Any, Any, Any]


@get("/mall", opt=PUBLIC)
async def list_goods(
    request: AnyRequest, actor: CurrentActor, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.public_goods_list(actor, q=q, cursor=cursor)
    return page(
        request,
        "portal/mall/goods_list.html",
        title=rules.PLACE,
        goods=found.items,
        q=q,
        more_href=f"/mall?q={quote(q)}&cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/mall/{goods:str}", opt=PUBLIC)
async def show_goods(request: AnyRequest, goods: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _goods_page(request, goods, actor)


@post("/mall/{goods:str}/order", opt=PERSON)
async def place_order(request: AnyRequest, goods: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, OrderInput)
        placed = await commands.place(goods=goods, data=data, actor=actor, nonce=form.one("nonce") or None)
    except AppError as error:
        if error.status not in (409, 422):
            raise
        return await _goods_page(request, goods, actor, form=form, error=error)
    return redirect(f"/me/orders/{placed.id}")


async def _goods_page(
    request: AnyRequest, goods: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    shown = await queries.public_goods(goods, actor)
    return page(
        request,
        "portal/mall/goods.html",
        title=shown.name,
        status=status_of(error),
        goods=shown,
        order_form=await queries.order_form(actor) if actor.kind == "person" else None,
        most=min(rules.MOST_PIECES, shown.left),
        nonce=ids.public(ids.new_id()) if actor.kind == "person" else "",
        **again(form, error),
    )


@get("/me/orders", opt=PERSON)
async def list_orders(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.own_orders(actor, cursor=cursor)
    more = f"/me/orders?cursor={found.next_cursor}" if found.next_cursor else ""
    return page(request, "portal/mall/orders.html", title="我的订单", orders=found.items, more_href=more)


@get("/me/orders/{order:str}", opt=PERSON)
async def show_order(request: AnyRequest, order: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _order_page(request, order, actor)


@post("/me/orders/{order:str}/cancel", opt=PERSON)
async def cancel_order(request: AnyRequest, order: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.cancel(order=order, actor=actor)
    except AppError as error:
        if error.status != 409:
            raise
        return await _order_page(request, order, actor, error=error)
    return redirect(f"/me/orders/{order}")


async def _order_page(request: AnyRequest, order: str, actor: Actor, *, error: AppError | None = None) -> Response[str]:
    shown = await queries.own_order(order, actor)
    return page(
        request,
        "portal/mall/order.html",
        title="订单",
        status=status_of(error),
        order=shown,
        order_qr_svg=qr_svg(shown.code, "取货码") if shown.state in ("pending", "paid") else "",
        problem=error.detail if error else "",
    )


routes = [list_goods, show_goods, place_order, list_orders, show_order, cancel_order]
