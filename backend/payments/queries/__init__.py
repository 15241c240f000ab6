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
from backend.payments.queries.dues import due_text_of, own_due_view, own_dues
from backend.payments.queries.ledger import balance, posting_of, statement
from backend.payments.queries.pay_statements import pay_statement, pay_statement_sheet
from backend.payments.queries.payable import held_up, payable_list, paying_unions, waiting_budgets
from backend.payments.queries.runs import (
    CHECK,
    MAKE,
    VIEW,
    booked,
    booked_item,
    desk_run,
    desk_runs,
    run_items,
    run_of_item,
)

__all__ = [
    "CHECK",
    "MAKE",
    "VIEW",
    "balance",
    "booked",
    "booked_item",
    "budget",
    "budget_named",
    "budget_row",
    "budget_statement",
    "budgets_of",
    "desk_run",
    "desk_runs",
    "due_text_of",
    "held_up",
    "hold",
    "managed_unions",
    "own_budgets",
    "own_due_view",
    "own_dues",
    "pay_statement",
    "pay_statement_sheet",
    "payable_list",
    "paying_unions",
    "posting_of",
    "run_items",
    "run_of_item",
    "statement",
    "waiting_budgets",
]
