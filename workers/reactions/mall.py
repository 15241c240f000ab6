"""What is told about orders."""

from backend.core import ids
from backend.core.money import yuan
from backend.mall import events as mall_events
from backend.mall import queries as mall
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice


async def tell_of_lapse(event: mall_events.OrderLapsed, key: str) -> bool:
    await _tell_of_order(Notice.ORDER_LAPSED, event.order_id)
    return True


async def tell_of_refund(event: mall_events.OrderRefunded, key: str) -> bool:
    await _tell_of_order(Notice.ORDER_REFUNDED, event.order_id)
    return True


async def _tell_of_order(notice: Notice, order_id: int) -> None:
    order = await mall.order_words(order_id)
    paid_fen = order.total_fen - order.voucher_fen
    values = {
        "order": ids.public(order_id),
        "goods": order.goods_name,
        "comment": order.reason,
        "money": f"退款 {yuan(paid_fen)} 元，请到下单时说好的窗口领取。" if paid_fen else "",
        "voucher": "用在这笔订单上的券，没过期的已经退回您的券包。" if order.voucher_fen else "",
    }
    members, key = [order.member_id], str(order_id)
    await notifications.notify_many(notice, Audience.MEMBER, members=members, values=values, key=key)
