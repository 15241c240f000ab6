from enum import StrEnum


class OrderState(StrEnum):
    PENDING = "pending"  # its pieces are kept until it is paid or its time is over
    PAID = "paid"
    HANDED = "handed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # was not paid in time
    REFUNDED = "refunded"


class PayMeans(StrEnum):
    """By the counter's own means: what its drawer, its card reader or its picture on the wall took."""

    CASH = "cash"
    CARD = "card"
    CODE = "code"


MEANS_TEXT = {PayMeans.CASH: "现金", PayMeans.CARD: "刷卡", PayMeans.CODE: "收款码"}
ONLY_VOUCHER = "只用券"
ORDER_TEXT = {
    OrderState.PENDING: "待付款",
    OrderState.PAID: "待取货",
    OrderState.HANDED: "已取货",
    OrderState.CANCELLED: "已取消",
    OrderState.LAPSED: "超时关闭",
    OrderState.REFUNDED: "已退款",
}
