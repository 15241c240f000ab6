"""What goes in and out of pay runs."""

import msgspec

from backend.payments.enums import ItemState


class NewRun(msgspec.Struct, kw_only=True):
    """Amounts to be paid together; without `dues`, all that are payable from this budget. `year` is the budget's,
    `layout` that of the bank's files, without one the usual."""

    union_id: str
    budget_name: str
    year: int
    dues: list[str] = []
    layout: str = ""


class RunMove(msgspec.Struct, kw_only=True):
    """`version` is that of the run as it was read."""

    version: int


class RunRefusal(msgspec.Struct, kw_only=True):
    version: int
    reason: str


class Reason(msgspec.Struct, kw_only=True):
    reason: str


class CardInput(msgspec.Struct, kw_only=True):
    """Another bank card of the same payee."""

    bank_card: str
    bank_name: str = ""


class RetryInput(msgspec.Struct, kw_only=True):
    """Pay it again, by the same card or another one, and why."""

    reason: str
    bank_card: str = ""


class LayoutView(msgspec.Struct, kw_only=True):
    """A layout of bank files; longer runs are split into files of `most_rows`."""

    slug: str
    name: str
    kind: str
    most_rows: int
    usual: bool


class PayableView(msgspec.Struct, kw_only=True):
    """An amount that may be paid. `problem` says why it cannot be yet."""

    id: str
    case_number: str
    name: str
    payee_name: str
    card_masked: str
    amount_fen: int
    attempts: int
    granted_at: str
    state: str
    reason: str


class PayableList(msgspec.Struct, kw_only=True):
    """What could be paid from one budget now. While `conflicts` names anybody, no run can be made with them."""

    budget_name: str
    year: int
    left_fen: int | None  # of the budget; none is open
    count: int  # `dues` are the first of so many
    total_fen: int
    dues: list[PayableView]
    without_card: list[PayableView]
    conflicts: list[str]
    is_cut: bool


class BudgetDues(msgspec.Struct, kw_only=True):
    """How much waits to be paid from the budgets of one name."""

    budget_name: str
    count: int
    total_fen: int
    returned: int


class RunView(msgspec.Struct, kw_only=True):
    """A pay run. What is neither paid nor returned is on its way. `files` is how many the bank gets."""

    id: str
    number: str
    union_id: str
    union_name: str
    budget_name: str
    year: int
    state: str
    state_text: str
    version: int
    count: int
    total_fen: int
    paid: int
    paid_fen: int
    returned: int
    returned_fen: int
    maker: str
    made_at: str
    checker: str
    checked_at: str | None
    exported_at: str | None
    settled_at: str | None
    cancelled_at: str | None
    reason: str
    may_check: bool
    may_make: bool
    layout: str
    layout_name: str
    layout_kind: str
    files: int


class ItemView(msgspec.Struct, kw_only=True):
    id: str
    key: str
    seq: int
    payee_name: str
    card_masked: str
    bank_name: str
    amount_fen: int
    attempt: int
    state: str
    state_text: str
    reason: str
    booked_at: str | None


class ResultRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the bank's answer. What could not be read is None."""

    line: int
    key: str
    amount_fen: int | None
    paid: bool | None
    reason: str = ""


class KnownItem(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    key: str
    seq: int
    due_id: int
    amount_fen: int
    state: ItemState


class ResultProblem(msgspec.Struct, frozen=True, kw_only=True):
    """`line` of the file; 0 where the file lacks it."""

    line: int
    key: str
    message: str


class ResultView(msgspec.Struct, kw_only=True):
    """What became of a result file. Where `applied` is false, nothing of it was booked."""

    applied: bool
    paid: int
    returned: int
    unchanged: int
    problems: list[ResultProblem]


class StatementOfBudget(msgspec.Struct, kw_only=True):
    """Where the money of one budget is: its parts sum to `amount_fen`."""

    union_name: str
    budget_name: str
    year: int
    amount_fen: int
    left_fen: int
    held_fen: int
    payable_fen: int
    paid_fen: int
    other_fen: int  # given out otherwise than by pay runs
    paid: int
    returned: int


class Told(msgspec.Struct, kw_only=True):
    """What the payee of an item is told."""

    item_id: int
    account_id: int | None
    member_id: int | None
    due_name: str
    amount_fen: int
    state: ItemState
    union_id: int
