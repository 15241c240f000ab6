from backend.vouchers.commands.cashiers import (
    add_cashier,
    block_cashier,
    remove_cashier,
    reset_cashier,
    unblock_cashier,
)
from backend.vouchers.commands.claims import claim, welcome
from backend.vouchers.commands.distribution import distribute, run, stop
from backend.vouchers.commands.ending import expire
from backend.vouchers.commands.freezing import freeze, thaw
from backend.vouchers.commands.handing import hand_over, take_back
from backend.vouchers.commands.lots import draw_due, enter
from backend.vouchers.commands.managers import add_manager, remove_manager, reset_manager
from backend.vouchers.commands.moving import move_stock
from backend.vouchers.commands.offline import sync
from backend.vouchers.commands.proposals import NotEligible, open_approved, propose, refuse
from backend.vouchers.commands.redemption import redeem, undo
from backend.vouchers.commands.settling import reverse_settlement, settle
from backend.vouchers.commands.shops import (
    change_shop,
    open_decided_shop,
    open_shop,
    set_shop_state,
    stop_decided_shop,
)
from backend.vouchers.commands.stations import change_station, open_station, set_stock
from backend.vouchers.commands.uses import Bill, keep, let_go, return_worth, spend, unspend

__all__ = [
    "Bill",
    "NotEligible",
    "add_cashier",
    "add_manager",
    "block_cashier",
    "change_shop",
    "change_station",
    "claim",
    "distribute",
    "draw_due",
    "enter",
    "expire",
    "freeze",
    "hand_over",
    "keep",
    "let_go",
    "move_stock",
    "open_approved",
    "open_decided_shop",
    "open_shop",
    "open_station",
    "propose",
    "redeem",
    "refuse",
    "remove_cashier",
    "remove_manager",
    "reset_cashier",
    "reset_manager",
    "return_worth",
    "reverse_settlement",
    "run",
    "set_shop_state",
    "set_stock",
    "settle",
    "spend",
    "stop",
    "stop_decided_shop",
    "sync",
    "take_back",
    "thaw",
    "unblock_cashier",
    "undo",
    "unspend",
    "welcome",
]
