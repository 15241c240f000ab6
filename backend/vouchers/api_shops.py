"""JSON doors of shops at the desk: opened, changed, stopped; their tills, what these took and what was paid for it."""

from datetime import date
from typing import Any

from litestar import Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from backend.vouchers import commands, queries
from backend.vouchers.enums import ShopState
from backend.vouchers.shop_schemas import (
    CashierInput,
    CashierMade,
    CashierView,
    DueView,
    NewShop,
    RedemptionView,
    ReverseInput,
    SettleInput,
    SettlementView,
    ShopChange,
    ShopView,
    StatementView,
)
from backend.web.access import CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.downloads import sheet_file
from backend.web.paging import Page, PageLimit

_VIEW, _MANAGE, _SETTLE = may("shop.view"), may("campaign.manage"), may("shop.settle")


@get("/desk/shops", opt=_VIEW)
async def list_shops(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[ShopView]:
    """The shops of my unions and those below, the latest first."""
    return await queries.desk_shops(actor, limit=limit, cursor=cursor)


@post("/desk/shops", opt=_MANAGE, status_code=201)
async def open_shop(data: JSONBody[NewShop], actor: CurrentActor, client: CurrentClient) -> ShopView:
    shop = await commands.open_shop(actor, data=data, union=data.union_id, nonce=client.idempotency_key)
    return await queries.desk_shop(shop, actor)


@get("/desk/shops/{shop:str}", opt=_VIEW)
async def show_shop(shop: FromPath[str], actor: CurrentActor) -> ShopView:
    return await queries.desk_shop(shop, actor)


@put("/desk/shops/{shop:str}", opt=_MANAGE)
async def change_shop(shop: FromPath[str], data: JSONBody[ShopChange], actor: CurrentActor) -> ShopView:
    """All of it anew. 409 `shop_changed` by an old `version`."""
    await commands.change_shop(actor, shop=shop, data=data, version=data.version)
    return await queries.desk_shop(shop, actor)


@post("/desk/shops/{shop:str}/stop", opt=_MANAGE, status_code=200)
async def stop_shop(shop: FromPath[str], actor: CurrentActor) -> ShopView:
    """It takes no voucher from here on; what it is owed stays owed."""
    await commands.set_shop_state(actor, shop=shop, state=ShopState.STOPPED)
    return await queries.desk_shop(shop, actor)


@post("/desk/shops/{shop:str}/resume", opt=_MANAGE, status_code=200)
async def resume_shop(shop: FromPath[str], actor: CurrentActor) -> ShopView:
    await commands.set_shop_state(actor, shop=shop, state=ShopState.ACTIVE)
    return await queries.desk_shop(shop, actor)


@get("/desk/shops/{shop:str}/cashiers", opt=_MANAGE)
async def list_cashiers(shop: FromPath[str], actor: CurrentActor) -> list[CashierView]:
    """Those who stand at its tills, by their number."""
    return await queries.cashiers_of(shop, actor)


@post("/desk/shops/{shop:str}/cashiers", opt=_MANAGE, status_code=201)
async def add_cashier(shop: FromPath[str], data: JSONBody[CashierInput], actor: CurrentActor) -> CashierMade:
    """The answer tells the first password, this once."""
    return await commands.add_cashier(actor, shop=shop, data=data)


@post("/desk/shops/{shop:str}/cashiers/{cashier:str}/password", opt=_MANAGE, status_code=200)
async def reset_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> CashierMade:
    """A new first password, told this once, and no second factor."""
    return await commands.reset_cashier(actor, shop=shop, cashier=cashier)


@delete("/desk/shops/{shop:str}/cashiers/{cashier:str}", opt=_MANAGE)
async def remove_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> None:
    """For good, and at once."""
    await commands.remove_cashier(actor, shop=shop, cashier=cashier)


@get("/desk/shops/{shop:str}/redemptions", opt=_VIEW)
async def list_shop_redemptions(
    shop: FromPath[str],
    actor: CurrentActor,
    day: FromQuery[date | None] = None,
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[RedemptionView]:
    """What its tills took on a day, today by default, the latest first."""
    return await queries.shop_redemptions(shop, actor, day=day, limit=limit, cursor=cursor)


@get("/desk/shops/{shop:str}/statements/{period:str}", opt=_VIEW)
async def show_shop_statement(
    shop: FromPath[str], period: FromPath[str], actor: CurrentActor, day: FromQuery[date | None] = None
) -> StatementView:
    """What it took in the day, the week or the month around `day`, without what was undone."""
    return await queries.shop_statement(shop, actor, period=period, day=day)


@get("/desk/shops/{shop:str}/statements/{period:str}/sheet", opt=_VIEW)
async def download_shop_statement(
    shop: FromPath[str],
    period: FromPath[str],
    actor: CurrentActor,
    day: FromQuery[date | None] = None,
    format: FromQuery[str] = "xlsx",
) -> Response[bytes]:
    """The same with one row for every use, as xlsx or csv."""
    return await sheet_file(*await queries.shop_sheet(shop, actor, period=period, day=day), format)


@get("/desk/shops/{shop:str}/due", opt=_VIEW)
async def show_due(shop: FromPath[str], actor: CurrentActor) -> DueView:
    """What may be paid to it now: everything up to the end of its last finished week or month."""
    return await queries.settlement_due(shop, actor)


@get("/desk/shops/{shop:str}/settlements", opt=_VIEW)
async def list_settlements(
    shop: FromPath[str], actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[SettlementView]:
    """What it was paid, the latest first."""
    return await queries.shop_settlements(shop, actor, limit=limit, cursor=cursor)


@post("/desk/shops/{shop:str}/settlements", opt=_SETTLE, status_code=201)
async def settle_shop(shop: FromPath[str], data: JSONBody[SettleInput], actor: CurrentActor) -> SettlementView:
    """Write down that what is due was paid. 409 `settlement_differs` where that is another amount by now,
    `nothing_to_settle` where it was paid already."""
    return await queries.desk_settlement(await commands.settle(actor, shop=shop, data=data), actor)


@post("/desk/settlements/{settlement:str}/reverse", opt=_SETTLE, status_code=200)
async def reverse_settlement(
    settlement: FromPath[str], data: JSONBody[ReverseInput], actor: CurrentActor
) -> SettlementView:
    """It was not paid after all: everything in it is owed again."""
    await commands.reverse_settlement(actor, settlement=settlement, reason=data.reason)
    return await queries.desk_settlement(settlement, actor)


@get("/desk/settlements/{settlement:str}/sheet", opt=_VIEW)
async def download_settlement(
    settlement: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """One row for every use that it has paid, as xlsx or csv."""
    return await sheet_file(*await queries.settlement_sheet(settlement, actor), format)


routes: list[Any] = [
    list_shops,
    open_shop,
    show_shop,
    change_shop,
    stop_shop,
    resume_shop,
    list_cashiers,
    add_cashier,
    reset_cashier,
    remove_cashier,
    list_shop_redemptions,
    show_shop_statement,
    download_shop_statement,
    show_due,
    list_settlements,
    settle_shop,
    reverse_settlement,
    download_settlement,
]
