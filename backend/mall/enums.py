from enum import StrEnum


class OrderState(StrEnum):
    PENDING = "pending"  # its pieces are kept until it is paid or its time is over
    PAID = "paid"
    HANDED = "handed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # was not paid in time
    REFUNDED = "refunded"


ORDER_TEXT = {
    OrderState.PENDING: "待付款",
    OrderState.PAID: "待取货",
    OrderState.HANDED: "已取货",
    OrderState.CANCELLED: "已取消",
    OrderState.LAPSED: "超时关闭",
    OrderState.REFUNDED: "已退款",
}
