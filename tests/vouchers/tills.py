"""Shops with tills, and vouchers to bring there."""

from typing import Any

import msgspec

from backend.core import ids
from backend.core.actor import Actor
from backend.home.callers import load_actor
from backend.identity import commands as identity
from backend.vouchers import codes, commands, queries
from backend.vouchers.schemas import VoucherView
from backend.vouchers.shop_schemas import CashierInput, RedemptionInput, RedemptionView, ShopInput
from tests.factories.people import caller
from tests.vouchers.world import County, opened

PASSWORD = "seven quiet herons"


class Counter(msgspec.Struct):
    """A shop and the two who stand at its tills."""

    shop: str
    first: Actor
    second: Actor


async def shop_of(county: County, name: str = "望城老街饭店", *, union: str = "", **more: Any) -> Counter:
    data = ShopInput(name=name, address="望城街 8 号", **more)
    union = union or ids.public(county.union.id)
    shop = await commands.open_shop(county.welfare, data=data, union=union)
    first, second = [await cashier_of(county, shop) for _ in range(2)]
    return Counter(shop, first, second)


_names = iter(range(1, 10_000))


async def cashier_of(county: County, shop: str) -> Actor:
    """As their next request finds them."""
    token = await token_of(county, shop)
    actor = await load_actor(token)
    assert actor is not None
    return actor


async def token_of(county: County, shop: str) -> str:
    data = CashierInput(username=f"till-{next(_names)}", display="邹小收")
    made = await commands.add_cashier(county.welfare, shop=shop, data=data, lasting_password=PASSWORD)
    return (await identity.open_staff_session(made.username, PASSWORD, None, caller())).access_token


async def voucher_of(county: County, campaign: str = "", **changes: Any) -> tuple[VoucherView, Actor]:
    """A voucher of fifty yuan above a hundred, in a member's wallet."""
    member = await county.member()
    campaign = campaign or await opened(county, **changes)
    return await commands.claim(campaign=campaign, actor=member), member


async def scanned(voucher: VoucherView, member: Actor) -> str:
    return (await queries.scan_code(voucher.id, member)).text


async def redeem(cashier: Actor, code: str, receipt_no: str = "A-001", amount_fen: int = 120_00) -> RedemptionView:
    data = RedemptionInput(code=code, amount_fen=amount_fen, receipt_no=receipt_no)
    return await commands.redeem(data=data, actor=cashier)


def strange_code() -> str:
    """Well formed, and nobody's."""
    return codes.code_of(next(_names))
