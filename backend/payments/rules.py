"""Pure policy of the ledger: what may be posted, and what a budget may be called."""

from collections.abc import Iterator, Sequence

from backend.core.errors import FieldError, sentence
from backend.core.money import MAX_FEN, yuan
from backend.payments.enums import AccountKind
from backend.payments.schemas import Line

NAME = (2, 40)
YEARS = (2000, 2100)
REASON = (2, 100)
# A hundred thousand million yuan: no union of a county has more, and sums of it stay inside a column.
MOST_FEN = 10**13
LONGEST_KEY = 80


def require_balanced(lines: Sequence[Line]) -> None:
    """Double entry: at least two accounts, each once, none by nothing, and all of it sums to zero.

    Whoever posts something else has a bug; nobody's input reaches this.
    """
    accounts = {line.account_id for line in lines}
    if len(lines) < 2 or len(accounts) != len(lines):
        raise ValueError("a posting moves between different accounts")
    if any(line.amount_fen == 0 or abs(line.amount_fen) > MAX_FEN for line in lines):
        raise ValueError("a line of a posting has an amount")
    if sum(line.amount_fen for line in lines):
        raise ValueError("a posting sums to zero")


def may_be_overdrawn(kind: AccountKind) -> bool:
    """Only where money comes from: what it has given is below zero."""
    return kind is AccountKind.SOURCE


def budget_problems(*, name: str, year: int, amount_fen: int) -> Iterator[FieldError]:
    if not NAME[0] <= len(name) <= NAME[1] or not name.isprintable():
        yield FieldError("name", sentence("budget_name", least=NAME[0], most=NAME[1]))
    if not YEARS[0] <= year <= YEARS[1]:
        yield FieldError("year", sentence("budget_year", first=YEARS[0], last=YEARS[1]))
    yield from amount_problems(amount_fen)


def change_problems(*, amount_fen: int, reason: str) -> Iterator[FieldError]:
    yield from amount_problems(amount_fen)
    if not REASON[0] <= len(reason) <= REASON[1] or not reason.isprintable():
        yield FieldError("reason", sentence("budget_reason", least=REASON[0], most=REASON[1]))


def amount_problems(amount_fen: int) -> Iterator[FieldError]:
    if not 0 < amount_fen <= MOST_FEN:
        yield FieldError("amount_fen", sentence("budget_amount", most=yuan(MOST_FEN)))


def card_context(due_id: int) -> str:
    return f"payment_due/card_sealed/{due_id}"


def item_context(item_id: int) -> str:
    return f"pay_item/card_sealed/{item_id}"
