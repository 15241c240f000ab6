from backend.payments.commands.budgets import change_budget, hold, open_budget, open_own_budget, release_hold
from backend.payments.commands.dues import record_due
from backend.payments.commands.ledger import account, post, reverse
from backend.payments.refusals import BudgetTooSmall

__all__ = [
    "BudgetTooSmall",
    "account",
    "change_budget",
    "hold",
    "open_budget",
    "open_own_budget",
    "post",
    "record_due",
    "release_hold",
    "reverse",
]
