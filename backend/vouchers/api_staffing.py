"""JSON doors of a merchant's manager, who gives the tills of their shops to people, and of the desk that names them."""

from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from backend.vouchers import commands, queries
from backend.vouchers.shop_schemas import (
    CashierInput,
    CashierMade,
    CashierView,
    ManagerInput,
    ManagerMade,
    ManagerView,
    OwnShop,
)
from backend.web.access import CurrentActor, may

_STAFF, _MANAGE = may("merchant.manage"), may("campaign.manage")


@get("/merchant/shops", opt=_STAFF)
async def list_own_shops(actor: CurrentActor) -> list[OwnShop]:
    """The shops that I manage."""
    return await queries.own_shops(actor)


@get("/merchant/shops/{shop:str}/cashiers", opt=_STAFF)
async def list_own_cashiers(shop: FromPath[str], actor: CurrentActor) -> list[CashierView]:
    """Those who stand at its tills, by their number."""
    return await queries.cashiers_of(shop, actor)


@post("/merchant/shops/{shop:str}/cashiers", opt=_STAFF, status_code=201)
async def add_own_cashier(shop: FromPath[str], data: JSONBody[CashierInput], actor: CurrentActor) -> CashierMade:
    """The answer tells the first password, this once."""
    return await commands.add_cashier(actor, shop=shop, data=data)


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/password", opt=_STAFF, status_code=200)
async def reset_own_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> CashierMade:
    """A new first password, told this once, and no second factor."""
    return await commands.reset_cashier(actor, shop=shop, cashier=cashier)


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/block", opt=_STAFF, status_code=200)
async def block_own_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> list[CashierView]:
    """At once: whoever is signed in is out, until it is ended."""
    await commands.block_cashier(actor, shop=shop, cashier=cashier)
    return await queries.cashiers_of(shop, actor)


@post("/merchant/shops/{shop:str}/cashiers/{cashier:str}/unblock", opt=_STAFF, status_code=200)
async def unblock_own_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> list[CashierView]:
    """By the password that was there before."""
    await commands.unblock_cashier(actor, shop=shop, cashier=cashier)
    return await queries.cashiers_of(shop, actor)


@delete("/merchant/shops/{shop:str}/cashiers/{cashier:str}", opt=_STAFF)
async def remove_own_cashier(shop: FromPath[str], cashier: FromPath[str], actor: CurrentActor) -> None:
    """For good, and at once."""
    await commands.remove_cashier(actor, shop=shop, cashier=cashier)


@get("/desk/shops/{shop:str}/managers", opt=_MANAGE)
async def list_managers(shop: FromPath[str], actor: CurrentActor) -> list[ManagerView]:
    """Who of the merchant gives its tills to people."""
    return await queries.managers_of(shop, actor)


@post("/desk/shops/{shop:str}/managers", opt=_MANAGE, status_code=201)
async def add_manager(shop: FromPath[str], data: JSONBody[ManagerInput], actor: CurrentActor) -> ManagerMade:
    """The answer tells the first password, this once; none where they manage another shop already."""
    return await commands.add_manager(actor, shop=shop, data=data)


@post("/desk/shops/{shop:str}/managers/{manager:str}/password", opt=_MANAGE, status_code=200)
async def reset_manager(shop: FromPath[str], manager: FromPath[str], actor: CurrentActor) -> ManagerMade:
    """A new first password, told this once, and no second factor."""
    return await commands.reset_manager(actor, shop=shop, manager=manager)


@delete("/desk/shops/{shop:str}/managers/{manager:str}", opt=_MANAGE)
async def remove_manager(shop: FromPath[str], manager: FromPath[str], actor: CurrentActor) -> None:
    """At once. With the last of their shops the account is closed."""
    await commands.remove_manager(actor, shop=shop, manager=manager)


routes: list[Any] = [
    list_own_shops,
    list_own_cashiers,
    add_own_cashier,
    reset_own_cashier,
    block_own_cashier,
    unblock_own_cashier,
    remove_own_cashier,
    list_managers,
    add_manager,
    reset_manager,
    remove_manager,
]
