from backend.payments.queries.budgets import budget, budget_named, budget_row, budgets_of, hold, own_budgets
from backend.payments.queries.dues import own_dues
from backend.payments.queries.ledger import balance, posting_of, statement

__all__ = [
    "balance",
    "budget",
    "budget_named",
    "budget_row",
    "budgets_of",
    "hold",
    "own_budgets",
    "own_dues",
    "posting_of",
    "statement",
]
