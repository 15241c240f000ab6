"""Desk pages of the mall: what is on sale, and the counter where orders are paid, fetched and taken back."""

import secrets
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.mall import commands, queries
from backend.mall.enums import MEANS_TEXT, OrderState
from backend.mall.schemas import GoodsChange, NewGoods, PayInput, RefundInput
from backend.unions import queries as unions
from backend.web.access import CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.form_pages import Choice, again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE = may("mall.manage")
_NOTICES = {"pay": "收款已经入账，可以交货。", "hand-over": "已经交货。", "refund": "已经退款。"}


@get("/mall/goods", opt=_MANAGE)
async def list_goods(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    return await _goods_list_page(request, actor, cursor=cursor)


@post("/mall/goods", opt=_MANAGE)
async def open_goods(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, NewGoods)
        await commands.open_goods(actor, data=data, nonce=form.one("submission_key") or None)
    except NotFound:
        raise
    except AppError as error:
        return await _goods_list_page(request, actor, form=form, error=error)
    return redirect("/desk/mall/goods")


async def _goods_list_page(
    request: AnyRequest,
    actor: Actor,
    *,
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.desk_goods_list(actor, cursor=cursor)
    places = await unions.choices_in_scope(actor, "mall.manage")
    return page(
        request,
        "desk/mall/goods_list.html",
        title="商城商品",
        tab="goods",
        status=status_of(error),
        goods=found.items,
        unions=[Choice(value=one.id, label=one.name, selected=one is places[0]) for one in places],
        submission_key=secrets.token_urlsafe(16),
        more_href=f"/desk/mall/goods?cursor={found.next_cursor}" if found.next_cursor else "",
        **again(form, error),
    )


@get("/mall/goods/{goods:str}", opt=_MANAGE)
async def show_goods(request: AnyRequest, goods: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _goods_page(request, goods, actor)


@post("/mall/goods/{goods:str}", opt=_MANAGE)
async def change_goods(request: AnyRequest, goods: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.change_goods(actor, goods=goods, data=form_struct(form, GoodsChange))
    except NotFound:
        raise
    except AppError as error:
        return await _goods_page(request, goods, actor, form=form, error=error)
    return redirect("/desk/mall/goods")


async def _goods_page(
    request: AnyRequest, goods: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    shown = await queries.desk_goods(goods, actor)
    return page(
        request,
        "desk/mall/goods.html",
        title=shown.name,
        tab="goods",
        status=status_of(error),
        goods=shown,
        **again(form, error),
    )


@get("/mall/orders", opt=_MANAGE)
async def list_orders(
    request: AnyRequest,
    actor: CurrentActor,
    status: FromQuery[OrderState | None] = None,
    code: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """All of them, those of a state, or the one whose code is shown at the counter."""
    found = await queries.desk_orders(actor, state=status, code=code, cursor=cursor)
    query = {"status": status.value if status else "", "code": code, "cursor": found.next_cursor or ""}
    return page(
        request,
        "desk/mall/orders.html",
        title="商城订单",
        tab="orders",
        orders=found.items,
        state=status.value if status else "",
        code=code,
        more_href=f"/desk/mall/orders?{urlencode(query)}" if found.next_cursor else "",
    )


@get("/mall/orders/{order:str}", opt=_MANAGE)
async def show_order(
    request: AnyRequest, order: FromPath[str], actor: CurrentActor, done: FromQuery[str] = ""
) -> Response[str]:
    return await _order_page(request, order, actor, done=done)


@post("/mall/orders/{order:str}/pay", opt=_MANAGE)
async def pay_order(request: AnyRequest, order: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.pay(order=order, data=form_struct(form, PayInput), actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _order_page(request, order, actor, form=form, error=error)
    return redirect(f"/desk/mall/orders/{order}?done=pay")


@post("/mall/orders/{order:str}/hand-over", opt=_MANAGE)
async def hand_over_order(request: AnyRequest, order: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.hand_over(order=order, actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _order_page(request, order, actor, error=error)
    return redirect(f"/desk/mall/orders/{order}?done=hand-over")


@post("/mall/orders/{order:str}/refund", opt=_MANAGE)
async def refund_order(request: AnyRequest, order: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.refund(order=order, data=form_struct(form, RefundInput), actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _order_page(request, order, actor, form=form, error=error)
    return redirect(f"/desk/mall/orders/{order}?done=refund")


async def _order_page(
    request: AnyRequest,
    order: str,
    actor: Actor,
    *,
    done: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    shown = await queries.desk_order(order, actor)
    return page(
        request,
        "desk/mall/order.html",
        title=shown.order.goods_name,
        tab="orders",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        found=shown,
        order=shown.order,
        means=choices(MEANS_TEXT),
        **again(form, error),
    )


@get("/mall/statement", opt=_MANAGE)
async def show_takings(request: AnyRequest, actor: CurrentActor, day: FromQuery[date | None] = None) -> Response[str]:
    found = await queries.counter_takings(actor, day=day)
    after = found.day + timedelta(days=1)
    return page(
        request,
        "desk/mall/statement.html",
        title="商城收款",
        tab="orders",
        takings=found,
        before=found.day - timedelta(days=1),
        after=after if after <= clock.today() else None,
    )


@get("/mall/statement/sheet", opt=_MANAGE)
async def download_takings(
    actor: CurrentActor, day: FromQuery[date | None] = None, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await sheet_file(*await queries.takings_sheet(actor, day=day), format)


routes = [
    list_goods,
    open_goods,
    show_goods,
    change_goods,
    list_orders,
    show_order,
    pay_order,
    hand_over_order,
    refund_order,
    show_takings,
    download_takings,
]
