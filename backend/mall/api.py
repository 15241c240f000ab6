"""JSON doors of the mall: what is on sale, one's own orders, and the counter."""

from datetime import date

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.mall import commands, queries
from backend.mall.enums import OrderState
from backend.mall.schemas import (
    DeskGoodsView,
    DeskOrderView,
    GoodsChange,
    GoodsView,
    NewGoods,
    OrderInput,
    OrderView,
    PayInput,
    RefundInput,
    TakingsView,
)
from backend.web.access import PERSON, PUBLIC, CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.downloads import sheet_file
from backend.web.paging import Page, PageLimit

_MANAGE = may("mall.manage")


@get("/mall/goods", opt=PUBLIC)
async def list_goods(
    actor: CurrentActor,
    q: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[GoodsView]:
    """What is on sale, the latest first. `price_fen` is told to members."""
    return await queries.public_goods_list(actor, q=q, limit=limit, cursor=cursor)


@get("/mall/goods/{goods:str}", opt=PUBLIC)
async def show_goods(goods: FromPath[str], actor: CurrentActor) -> GoodsView:
    return await queries.public_goods(goods, actor)


@post("/mall/goods/{goods:str}/orders", opt=PERSON, status_code=201)
async def place_order(
    goods: FromPath[str], data: JSONBody[OrderInput], actor: CurrentActor, client: CurrentClient
) -> OrderView:
    """Order it; the pieces are kept for half an hour. 409 `goods_sold_out`, `goods_short`, `order_pending` or
    `mall_members_only`."""
    return await commands.place(goods=goods, data=data, actor=actor, nonce=client.idempotency_key)


@get("/me/orders", opt=PERSON)
async def list_own_orders(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[OrderView]:
    """My orders, the latest first."""
    return await queries.own_orders(actor, limit=limit, cursor=cursor)


@get("/me/orders/{order:str}", opt=PERSON)
async def show_own_order(order: FromPath[str], actor: CurrentActor) -> OrderView:
    return await queries.own_order(order, actor)


@post("/me/orders/{order:str}/cancel", opt=PERSON, status_code=200)
async def cancel_order(order: FromPath[str], actor: CurrentActor) -> OrderView:
    """Before it is paid; 409 `order_not_pending` afterwards."""
    return await commands.cancel(order=order, actor=actor)


@get("/desk/mall/goods", opt=_MANAGE)
async def list_desk_goods(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[DeskGoodsView]:
    return await queries.desk_goods_list(actor, limit=limit, cursor=cursor)


@post("/desk/mall/goods", opt=_MANAGE, status_code=201)
async def open_goods(data: JSONBody[NewGoods], actor: CurrentActor, client: CurrentClient) -> DeskGoodsView:
    goods = await commands.open_goods(actor, data=data, nonce=client.idempotency_key)
    return await queries.desk_goods(goods, actor)


@get("/desk/mall/goods/{goods:str}", opt=_MANAGE)
async def show_desk_goods(goods: FromPath[str], actor: CurrentActor) -> DeskGoodsView:
    return await queries.desk_goods(goods, actor)


@post("/desk/mall/goods/{goods:str}", opt=_MANAGE, status_code=200)
async def change_goods(goods: FromPath[str], data: JSONBody[GoodsChange], actor: CurrentActor) -> DeskGoodsView:
    """All of it anew; 409 `goods_changed` by an old `version`."""
    await commands.change_goods(actor, goods=goods, data=data)
    return await queries.desk_goods(goods, actor)


@get("/desk/mall/orders", opt=_MANAGE)
async def list_orders(
    actor: CurrentActor,
    status: FromQuery[OrderState | None] = None,
    code: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[DeskOrderView]:
    """Orders, the latest first; `status` is `pending` or `paid`, `code` is what a member shows."""
    return await queries.desk_orders(actor, state=status, code=code, limit=limit, cursor=cursor)


@get("/desk/mall/orders/{order:str}", opt=_MANAGE)
async def show_order(order: FromPath[str], actor: CurrentActor) -> DeskOrderView:
    return await queries.desk_order(order, actor)


@post("/desk/mall/orders/{order:str}/pay", opt=_MANAGE, status_code=200)
async def pay_order(order: FromPath[str], data: JSONBody[PayInput], actor: CurrentActor) -> DeskOrderView:
    """Book that `pay_fen` was paid at the counter, with its receipt. The same again changes nothing; 422 names an
    amount that differs or a receipt of another order, 409 `order_moved` an order that does not wait for that."""
    await commands.pay(order=order, data=data, actor=actor)
    return await queries.desk_order(order, actor)


@post("/desk/mall/orders/{order:str}/hand-over", opt=_MANAGE, status_code=200)
async def hand_over_order(order: FromPath[str], actor: CurrentActor) -> DeskOrderView:
    """A paid order was fetched; 409 `order_moved` when it is not paid, or was fetched before."""
    await commands.hand_over(order=order, actor=actor)
    return await queries.desk_order(order, actor)


@post("/desk/mall/orders/{order:str}/refund", opt=_MANAGE, status_code=200)
async def refund_order(order: FromPath[str], data: JSONBody[RefundInput], actor: CurrentActor) -> DeskOrderView:
    """Give the money back, and the voucher; 409 `order_moved` of an order that is not paid."""
    await commands.refund(order=order, data=data, actor=actor)
    return await queries.desk_order(order, actor)


@get("/desk/mall/statement", opt=_MANAGE)
async def show_takings(actor: CurrentActor, day: FromQuery[date | None] = None) -> TakingsView:
    """What the counter took and gave back on a day, today by default."""
    return await queries.counter_takings(actor, day=day)


@get("/desk/mall/statement/sheet", opt=_MANAGE)
async def download_takings(
    actor: CurrentActor, day: FromQuery[date | None] = None, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """The same with one row for every payment and refund, as xlsx or csv."""
    return await sheet_file(*await queries.takings_sheet(actor, day=day), format)


routes = [
    list_goods,
    show_goods,
    place_order,
    list_own_orders,
    show_own_order,
    cancel_order,
    list_desk_goods,
    open_goods,
    show_desk_goods,
    change_goods,
    list_orders,
    show_order,
    pay_order,
    hand_over_order,
    refund_order,
    show_takings,
    download_takings,
]
