"""Goods of a county, orders of its members, and what the ledger says of both."""

from typing import Any

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.mall import commands
from backend.mall.enums import PayMeans
from backend.mall.schemas import NewGoods, OrderInput, OrderView, PayInput, RefundInput
from tests.vouchers.world import County


def rice(county: County, **changes: Any) -> NewGoods:
    given = NewGoods(
        union_id=ids.public(county.union.id),
        name="高桥大米 5 千克",
        pickup="县总工会一楼服务大厅，工作日 9:00–17:00",
        price_fen=39_90,
        list_price_fen=49_90,
        stock=10,
        active=True,
    )
    return msgspec.structs.replace(given, **changes)


async def on_sale(county: County, **changes: Any) -> str:
    return await commands.open_goods(county.welfare, data=rice(county, **changes))


async def order(goods: str, actor: Actor, quantity: int = 1, voucher: str = "", nonce: str | None = None) -> OrderView:
    data = OrderInput(quantity=quantity, voucher=voucher)
    return await commands.place(goods=goods, data=data, actor=actor, nonce=nonce)


def taken(found: OrderView, **changes: Any) -> PayInput:
    """What the counter takes for it, with a receipt of its own."""
    given = PayInput(amount_fen=found.pay_fen, means=PayMeans.CASH, receipt_no=f"NO-{found.id}")
    return msgspec.structs.replace(given, **changes)


async def paid(county: County, found: OrderView, **changes: Any) -> None:
    await commands.pay(order=found.id, data=taken(found, **changes), actor=county.welfare)


async def refund(county: County, found: OrderView, *, reason: str = "会员不要了", restock: bool = False) -> None:
    data = RefundInput(reason=reason, restock=restock)
    await commands.refund(order=found.id, data=data, actor=county.welfare)


async def left() -> int:
    return await database.scalar("SELECT capacity - taken FROM pool WHERE kind = 'goods'")


async def state_of(found: OrderView) -> str:
    return await database.scalar("SELECT state FROM mall_order WHERE id = %s", ids.parse(found.id))


async def takings() -> int:
    """What the mall's account says."""
    return await database.scalar("SELECT balance_fen FROM ledger_account WHERE kind = 'income'") or 0
