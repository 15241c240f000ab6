"""Inputs and Views of the mall."""

from datetime import date

import msgspec

from backend.mall.enums import OrderState, PayMeans
from backend.vouchers.schemas import VoucherView


class GoodsInput(msgspec.Struct, kw_only=True):
    """`stock` counts all pieces that were ever put on sale. `list_price_fen` is what it costs elsewhere, 0 unknown."""

    name: str
    text: str = ""
    pickup: str
    price_fen: int
    list_price_fen: int = 0
    stock: int
    active: bool = False


class NewGoods(GoodsInput, kw_only=True):
    union_id: str


class GoodsChange(GoodsInput, kw_only=True):
    version: int


class GoodsView(msgspec.Struct, kw_only=True):
    """`price_fen` is the members' and shown to them alone."""

    id: str
    name: str
    text: str
    pickup: str
    price_fen: int | None
    list_price_fen: int
    left: int


class DeskGoodsView(msgspec.Struct, kw_only=True):
    """`taken` are the pieces of orders that are not over."""

    id: str
    name: str
    text: str
    pickup: str
    price_fen: int
    list_price_fen: int
    stock: int
    taken: int
    left: int
    active: bool
    union_name: str
    version: int


class OrderInput(msgspec.Struct, kw_only=True):
    """`voucher` is one of my own, or nothing."""

    quantity: int = 1
    voucher: str = ""


class OrderView(msgspec.Struct, kw_only=True):
    """`code` is shown at the counter. `pay_fen` is what is paid there, after the voucher, by `pay_until`; `means` and
    `receipt_no` are of what was."""

    id: str
    code: str
    goods_id: str
    goods_name: str
    pickup: str
    price_fen: int
    quantity: int
    total_fen: int
    voucher_fen: int
    pay_fen: int
    state: str
    state_text: str
    placed_at: str
    pay_until: str
    paid_at: str | None
    means_text: str
    receipt_no: str
    handed_at: str | None
    ended_at: str | None
    reason: str


class DeskOrderView(msgspec.Struct, kw_only=True):
    """With whoever ordered; the name is masked."""

    order: OrderView
    member_no: str
    member_name: str


class PayInput(msgspec.Struct, kw_only=True):
    """What the counter took: exactly what is left to pay. Without anything left there is no means and no receipt."""

    amount_fen: int
    means: PayMeans | None = None
    receipt_no: str = ""


class TakingsLine(msgspec.Struct, kw_only=True):
    """By one means: what was taken, what was given back, and what is in the drawer of it."""

    means: str
    means_text: str
    count: int
    taken_fen: int
    refunds: int
    refunded_fen: int
    net_fen: int


class TakingsView(msgspec.Struct, kw_only=True):
    """A day of the counter. `voucher_fen` is what vouchers paid for, less what came back; `is_over`: nothing is booked
    on it any more."""

    day: date
    lines: list[TakingsLine]
    count: int
    taken_fen: int
    refunds: int
    refunded_fen: int
    net_fen: int
    voucher_fen: int
    is_over: bool


class RefundInput(msgspec.Struct, kw_only=True):
    """`restock`: the pieces are for sale again. Those that were never handed over are so in any case."""

    reason: str
    restock: bool = False


class OrderRow(msgspec.Struct, kw_only=True):
    """An order as commands find it."""

    id: int
    key: str
    goods_id: int
    union_id: int
    path: str
    pool_id: int
    member_id: int
    goods_name: str
    quantity: int
    total_fen: int
    voucher_id: int | None
    voucher_fen: int
    state: OrderState
    pay_means: str
    receipt_no: str


class OrderForm(msgspec.Struct, kw_only=True):
    """What somebody may order with."""

    is_member: bool
    vouchers: list[VoucherView]
