import msgspec

from backend.payments.enums import DueSource


class NewDue(msgspec.Struct, frozen=True, kw_only=True):
    """What a case or a grading grants. `key` is made of ids: the same key is one amount.

    The payee is known by `member_id` or `account_id`. The bank card is given sealed, under the context `card_context`
    of wherever it was typed, and is sealed anew for the amount; `card_field` is the field of a case it comes from.
    """

    key: str
    source: DueSource
    programme: str
    name: str
    amount_fen: int
    payee_name: str
    case_id: int | None = None
    case_number: str = ""
    account_id: int | None = None
    member_id: int | None = None
    union_id: int | None = None
    bank_name: str = ""
    card_field: str = ""
    card_sealed: str = ""
    card_context: str = ""


class DueView(msgspec.Struct, kw_only=True):
    """An amount that was granted, as its payee reads it. `may_open`: the payee applied for it by this account;
    `may_correct`: another bank card has to be given before it can be paid."""

    id: str
    case_number: str
    name: str
    amount_fen: int
    state: str
    state_text: str
    granted_at: str
    may_open: bool
    payee_name: str
    card_masked: str
    reason: str  # of the bank, where it was returned
    may_correct: bool


class Line(msgspec.Struct, frozen=True):
    """What a posting adds to an account, in fen; taken away below zero."""

    account_id: int
    amount_fen: int


class NewBudget(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is made of ids: the same key opens one budget."""

    key: str
    union_id: int
    name: str
    year: int
    amount_fen: int


class BudgetInput(msgspec.Struct, kw_only=True):
    """What the desk opens for one of its own unions."""

    union_id: str
    name: str
    year: int
    amount_fen: int


class BudgetChange(msgspec.Struct, kw_only=True):
    """Another amount for the year, and why."""

    amount_fen: int
    reason: str
    version: int


class BudgetView(msgspec.Struct, kw_only=True):
    """`held_fen` is promised and not given out yet, `gone_fen` was given out and has not come back."""

    id: str
    union_id: str
    union_name: str
    name: str
    year: int
    amount_fen: int
    held_fen: int
    gone_fen: int
    left_fen: int
    version: int


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    budget_id: int
    account_id: int
    amount_fen: int
    left_fen: int


class StatementLine(msgspec.Struct, kw_only=True):
    """One entry of an account, with the balance after it."""

    id: str
    at: str
    kind: str
    kind_text: str
    reason: str
    amount_fen: int
    balance_fen: int
