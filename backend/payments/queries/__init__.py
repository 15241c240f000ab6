from backend.payments.queries.budgets import (
    budget,
    budget_named,
    budget_row,
    budget_statement,
    budgets_of,
    hold,
    managed_unions,
    own_budgets,
)
from backend.payments.queries.dues import own_dues
from backend.payments.queries.ledger import balance, posting_of, statement

__all__ = [
    "balance",
    "budget",
    "budget_named",
    "budget_row",
    "budget_statement",
    "budgets_of",
    "hold",
    "managed_unions",
    "own_budgets",
    "own_dues",
    "posting_of",
    "statement",
]
