from backend.payments.commands.budgets import change_budget, hold, open_budget, open_own_budget, release_hold
from backend.payments.commands.cards import correct_card, retry_due
from backend.payments.commands.dues import record_due, record_dues
from backend.payments.commands.ledger import account, post, reverse
from backend.payments.commands.results import book_results, reverse_item
from backend.payments.commands.runs import cancel_run, check_run, make_run
from backend.payments.commands.sending import bank_file
from backend.payments.refusals import BudgetTooSmall

__all__ = [
    "BudgetTooSmall",
    "account",
    "bank_file",
    "book_results",
    "cancel_run",
    "change_budget",
    "check_run",
    "correct_card",
    "hold",
    "make_run",
    "open_budget",
    "open_own_budget",
    "post",
    "record_due",
    "record_dues",
    "release_hold",
    "retry_due",
    "reverse",
    "reverse_item",
]
