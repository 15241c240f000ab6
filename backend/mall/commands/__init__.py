from backend.mall.commands.counter import hand_over, pay, refund
from backend.mall.commands.ordering import cancel, lapse, place
from backend.mall.commands.wares import change_goods, open_goods

__all__ = ["cancel", "change_goods", "hand_over", "lapse", "open_goods", "pay", "place", "refund"]
