"""Pure policy of pay runs: whose cards disagree, and what a bank's answer says of the items that it was sent."""

from collections.abc import Iterable, Sequence

import msgspec

from backend.core.errors import FieldError, sentence
from backend.core.money import yuan
from backend.payments.enums import ItemState
from backend.payments.run_schemas import KnownItem, ResultProblem, ResultRow

# As many as one command makes and books: measured in docs/reliability.md.
MOST_ITEMS = 5_000
NAMES_SHOWN = 10
REASON = (2, 100)
LONGEST_RETURN = 100
UNSAID = "银行没有写明原因"


class Payee(msgspec.Struct, frozen=True, kw_only=True):
    member_id: int | None
    account_id: int | None
    payee_name: str
    card_index: str


def with_two_cards(payees: Iterable[Payee]) -> list[str]:
    """The names of people for whom different bank cards were given, each once."""
    cards: dict[object, set[str]] = {}
    names: dict[object, str] = {}
    for payee in payees:
        # One account may have applied for several people.
        who = payee.member_id or (payee.account_id, payee.payee_name)
        cards.setdefault(who, set()).add(payee.card_index)
        names.setdefault(who, payee.payee_name)
    return [names[who] for who, different in cards.items() if len(different) > 1]


class Matched(msgspec.Struct, kw_only=True):
    """`paid` and `returned` are what is new."""

    paid: list[KnownItem]
    returned: list[tuple[KnownItem, str]]
    unchanged: int
    problems: list[ResultProblem]


def match(items: Sequence[KnownItem], rows: Sequence[ResultRow], *, file_rows: int = MOST_ITEMS) -> Matched:
    """Every line against the item of its key, to the fen. A line that says what is booked already changes nothing.

    An answer to one of several files lacks nothing when it has all items of that file.
    """
    known, seen = {item.key: item for item in items}, dict[str, bool]()
    found = Matched(paid=[], returned=[], unchanged=0, problems=[])
    for row in rows:
        item = known.get(row.key)
        problem = _problem(row, item, seen.get(row.key))
        if problem:
            found.problems.append(ResultProblem(line=row.line, key=row.key, message=problem))
            continue
        assert item is not None and row.paid is not None
        if row.key in seen or item.state in (ItemState.PAID, ItemState.RETURNED):
            found.unchanged += row.key not in seen
        elif row.paid:
            found.paid.append(item)
        else:
            found.returned.append((item, " ".join(row.reason.split())[:LONGEST_RETURN] or UNSAID))
        seen[row.key] = row.paid
    named = {row.key for row in rows}
    files = {(known[key].seq - 1) // file_rows for key in named if key in known}
    found.problems += [
        ResultProblem(line=0, key=item.key, message=sentence("pay_row_missing"))
        for item in items
        if item.state is ItemState.SENT and item.key not in named and (item.seq - 1) // file_rows in files
    ]
    return found


def _problem(row: ResultRow, item: KnownItem | None, before: bool | None) -> str:
    if item is None:
        return sentence("pay_row_unknown")
    if row.amount_fen != item.amount_fen:
        return sentence("pay_row_amount", amount=yuan(item.amount_fen))
    if row.paid is None:
        return sentence("pay_row_result")
    if before is not None and before is not row.paid:
        return sentence("pay_row_twice")
    if item.state is (ItemState.RETURNED if row.paid else ItemState.PAID):
        return sentence("pay_row_booked")
    return ""


def reason_problems(reason: str) -> list[FieldError]:
    if REASON[0] <= len(reason) <= REASON[1] and reason.isprintable():
        return []
    return [FieldError("reason", sentence("pay_reason", least=REASON[0], most=REASON[1]))]
