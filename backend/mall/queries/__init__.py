from backend.mall.queries.orders import desk_order, desk_orders, order_form, order_words, own_order, own_orders
from backend.mall.queries.takings import counter_takings, takings_sheet
from backend.mall.queries.wares import desk_goods, desk_goods_list, public_goods, public_goods_list

__all__ = [
    "counter_takings",
    "desk_goods",
    "desk_goods_list",
    "desk_order",
    "desk_orders",
    "order_form",
    "order_words",
    "own_order",
    "own_orders",
    "public_goods",
    "public_goods_list",
    "takings_sheet",
]
