"""Desk pages of shops: the list, one shop with its tills, what these took, and what it is owed."""

import secrets
from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import clock, reference
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.unions import queries as unions
from backend.vouchers import commands, queries
from backend.vouchers.enums import CYCLE_TEXT, ShopState
from backend.vouchers.queries.campaigns import MANAGE
from backend.vouchers.shop_schemas import (
    CashierInput,
    CashierMade,
    ManagerInput,
    ManagerMade,
    NewShop,
    SettleInput,
    ShopChange,
    ShopView,
)
from backend.web.access import CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.form_pages import Choice, again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _MANAGE, _SETTLE = may("shop.view"), may(MANAGE), may("shop.settle")
_NOTICES = {
    "opened": "商户已经开通，接着添加收银员。",
    "changed": "已经改好。",
    "stopped": "商户已经停用，不能再核销。",
    "resumed": "商户已经恢复核销。",
    "settled": "结算已经登记，商户在对账页能看到。",
    "reversed": "结算已经冲正，券款回到应付。",
    "removed": "收银员已经移除，对方已被退出登录。",
    "manager-removed": "店长已经移除，马上就不能再管这家门店。",
}


@get("/shops", opt=_VIEW)
async def list_shops(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    return await _shops_page(request, actor, cursor=cursor)


@post("/shops", opt=_MANAGE)
async def open_shop(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, NewShop)
        nonce = form.one("submission_key") or None
        shop = await commands.open_shop(actor, data=data, union=data.union_id, nonce=nonce)
    except NotFound:
        raise
    except AppError as error:
        return await _shops_page(request, actor, form=form, error=error)
    return redirect(f"/desk/shops/{shop}?done=opened")


async def _shops_page(
    request: AnyRequest,
    actor: Actor,
    *,
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.desk_shops(actor, cursor=cursor)
    places = await unions.choices_in_scope(actor, MANAGE) if actor.can(MANAGE) else []
    return page(
        request,
        "desk/vouchers/shops.html",
        title="商户",
        tab="shops",
        status=status_of(error),
        shops=found.items,
        unions=[Choice(value=one.id, label=one.name, selected=one is places[0]) for one in places],
        cycles=choices(CYCLE_TEXT),
        townships=_townships(),
        submission_key=secrets.token_urlsafe(16),
        more_href=f"/desk/shops?cursor={found.next_cursor}" if found.next_cursor else "",
        **again(form, error),
    )


@get("/shops/{shop:str}", opt=_VIEW)
async def show_shop(
    request: AnyRequest,
    shop: FromPath[str],
    actor: CurrentActor,
    done: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    return await _shop_page(request, shop, actor, done=done, cursor=cursor)


@post("/shops/{shop:str}/terms", opt=_MANAGE)
async def change_shop(request: AnyRequest, shop: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, ShopChange)
        await commands.change_shop(actor, shop=shop, data=data, version=data.version)
    except NotFound:
        raise
    except AppError as error:
        return await _shop_page(request, shop, actor, failed="terms", form=form, error=error)
    return redirect(f"/desk/shops/{shop}?done=changed")


@post("/shops/{shop:str}/stop", opt=_MANAGE)
async def stop_shop(shop: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.set_shop_state(actor, shop=shop, state=ShopState.STOPPED)
    return redirect(f"/desk/shops/{shop}?done=stopped")


@post("/shops/{shop:str}/resume", opt=_MANAGE)
async def resume_shop(shop: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.set_shop_state(actor, shop=shop, state=ShopState.ACTIVE)
    return redirect(f"/desk/shops/{shop}?done=resumed")


@post("/shops/{shop:str}/cashiers", opt=_MANAGE, status_code=200)
async def add_cashier(request: AnyRequest, shop: FromPath[str], actor: CurrentActor) -> Response[str]:
    form = await read_form(request)
    try:
        made = await commands.add_cashier(actor, shop=shop, data=form_struct(form, CashierInput))
    except NotFound:
        raise
    except AppError as error:
        return await _shop_page(request, shop, actor, failed="cashier", form=form, error=error)
    return await _shop_page(request, shop, actor, made=made)


@post("/shops/{shop:str}/cashiers/{cashier:str}/reset", opt=_MANAGE, status_code=200)
async def reset_cashier(
    request: AnyRequest, shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor
) -> Response[str]:
    return await _shop_page(request, shop, actor, made=await commands.reset_cashier(actor, shop=shop, cashier=cashier))


@post("/shops/{shop:str}/cashiers/{cashier:str}/remove", opt=_MANAGE)
async def remove_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.remove_cashier(actor, shop=shop, cashier=cashier)
    return redirect(f"/desk/shops/{shop}?done=removed")


@post("/shops/{shop:str}/managers", opt=_MANAGE, status_code=200)
async def add_manager(request: AnyRequest, shop: FromPath[str], actor: CurrentActor) -> Response[str]:
    form = await read_form(request)
    try:
        made = await commands.add_manager(actor, shop=shop, data=form_struct(form, ManagerInput))
    except NotFound:
        raise
    except AppError as error:
        return await _shop_page(request, shop, actor, failed="manager", form=form, error=error)
    return await _shop_page(request, shop, actor, manager_made=made)


@post("/shops/{shop:str}/managers/{manager:str}/reset", opt=_MANAGE, status_code=200)
async def reset_manager(
    request: AnyRequest, shop: FromPath[str], manager: FromPath[str], actor: CurrentActor
) -> Response[str]:
    made = await commands.reset_manager(actor, shop=shop, manager=manager)
    return await _shop_page(request, shop, actor, manager_made=made)


@post("/shops/{shop:str}/managers/{manager:str}/remove", opt=_MANAGE)
async def remove_manager(shop: FromPath[str], manager: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.remove_manager(actor, shop=shop, manager=manager)
    return redirect(f"/desk/shops/{shop}?done=manager-removed")


async def _shop_page(
    request: AnyRequest,
    shop: str,
    actor: Actor,
    *,
    done: str = "",
    cursor: str | None = None,
    made: CashierMade | None = None,
    manager_made: ManagerMade | None = None,
    failed: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """What was made carries a first password, shown this once; `failed` names the form that is shown again."""
    shown = await queries.desk_shop(shop, actor)
    paid = await queries.shop_settlements(shop, actor, limit=10, cursor=cursor)
    return page(
        request,
        "desk/vouchers/shop.html",
        title=shown.name,
        tab="shops",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        shop=shown,
        cashiers=await queries.cashiers_of(shop, actor) if shown.may_manage else [],
        managers=await queries.managers_of(shop, actor) if shown.may_manage else [],
        manager_made=manager_made,
        due=await queries.settlement_due(shop, actor),
        settlements=paid.items,
        more_href=f"{_at(shown)}?cursor={paid.next_cursor}" if paid.next_cursor else "",
        made=made,
        cycles=choices(CYCLE_TEXT),
        townships=_townships(),
        failed=failed,
        **again(form, error),
    )


@post("/shops/{shop:str}/settle", opt=_SETTLE)
async def settle_shop(request: AnyRequest, shop: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.settle(actor, shop=shop, data=form_struct(form, SettleInput))
    except NotFound:
        raise
    except AppError as error:
        return await _shop_page(request, shop, actor, failed="settle", form=form, error=error)
    return redirect(f"/desk/shops/{shop}?done=settled")


@post("/settlements/{settlement:str}/reverse", opt=_SETTLE)
async def reverse_settlement(request: AnyRequest, settlement: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        shop = await commands.reverse_settlement(actor, settlement=settlement, reason=form.one("reason"))
    except NotFound:
        raise
    except AppError as error:
        shop = (await queries.desk_settlement(settlement, actor)).shop_id
        return await _shop_page(request, shop, actor, failed=settlement, form=form, error=error)
    return redirect(f"/desk/shops/{shop}?done=reversed")


@get("/settlements/{settlement:str}/sheet", opt=_VIEW)
async def download_settlement(
    settlement: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await sheet_file(*await queries.settlement_sheet(settlement, actor), format)


@get("/shops/{shop:str}/redemptions", opt=_VIEW)
async def list_redemptions(
    request: AnyRequest,
    shop: FromPath[str],
    actor: CurrentActor,
    day: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    shown, on = await queries.desk_shop(shop, actor), day or clock.today()
    found = await queries.shop_redemptions(shop, actor, day=on, cursor=cursor)
    return page(
        request,
        "desk/vouchers/redemptions.html",
        title="核销记录",
        tab="shops",
        shop=shown,
        day=on,
        rows=found.items,
        more_href=f"{_at(shown)}/redemptions?day={on}&cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/shops/{shop:str}/statement", opt=_VIEW)
async def show_statement(
    request: AnyRequest,
    shop: FromPath[str],
    actor: CurrentActor,
    period: FromQuery[str] = "month",
    day: FromQuery[date | None] = None,
) -> Response[str]:
    shown = await queries.desk_shop(shop, actor)
    found = await queries.shop_statement(shop, actor, period=period, day=day)
    after = found.to_on + timedelta(days=1)
    return page(
        request,
        "desk/vouchers/statement.html",
        title="对账",
        tab="shops",
        shop=shown,
        period=period,
        statement=found,
        before=found.from_on - timedelta(days=1),
        after=after if after <= clock.today() else None,
    )


@get("/shops/{shop:str}/statement/sheet", opt=_VIEW)
async def download_statement(
    shop: FromPath[str],
    actor: CurrentActor,
    period: FromQuery[str] = "month",
    day: FromQuery[date | None] = None,
    format: FromQuery[str] = "xlsx",
) -> Response[bytes]:
    return await sheet_file(*await queries.shop_sheet(shop, actor, period=period, day=day), format)


def _townships() -> list[Choice]:
    divisions = reference.divisions()
    return [Choice(value=one.code, label=one.name) for one in divisions.children(reference.settings().county_division)]


def _at(shop: ShopView) -> str:
    return f"/desk/shops/{shop.id}"


routes: list[Any] = [
    list_shops,
    open_shop,
    show_shop,
    change_shop,
    stop_shop,
    resume_shop,
    add_cashier,
    reset_cashier,
    remove_cashier,
    add_manager,
    reset_manager,
    remove_manager,
    settle_shop,
    reverse_settlement,
    download_settlement,
    list_redemptions,
    show_statement,
    download_statement,
]
