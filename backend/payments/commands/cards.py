"""Another bank card for an amount that came back, or that had none: it can be paid again, once."""

from backend.core import audit, database, national
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, invalid, sentence
from backend.payments import run_rules
from backend.payments.commands.dues import card_columns
from backend.payments.queries import dues, payable
from backend.payments.run_schemas import CardInput, RetryInput

LONGEST_BANK = 40

_READY = (
    "UPDATE payment_due SET state = 'waiting', card_sealed = %s, card_masked = %s, card_index = %s, bank_name = %s,"
    " version = version + 1 WHERE id = %s AND version = %s AND (state = 'returned' OR (state = 'waiting'"
    " AND card_index = ''))"
)


@command
async def correct_card(actor: Actor, *, due: str, data: CardInput) -> None:
    """By the payee. The name stays that of whom it was granted to."""
    found = await dues.own_due(due, actor)
    if not dues.lacks_card(found):
        raise Conflict("pay_card_settled")
    card = _card(data.bank_card, strict=True)
    bank = " ".join(data.bank_name.split())
    if len(bank) > LONGEST_BANK or not bank.isprintable():
        raise invalid("bank_name", "pay_bank_name", most=LONGEST_BANK)
    columns = card_columns(found.id, card)
    await _make_ready(found.id, found.version, columns, bank)
    await audit.record(actor, "payment.card_corrected", object_kind="payment_due", object_id=found.id)


@command
async def retry_due(actor: Actor, *, due: str, data: RetryInput) -> None:
    """By staff: by another card, or by the same one where it was not the card's fault."""
    reason = " ".join(data.reason.split())
    problems = run_rules.reason_problems(reason)
    found = await payable.managed_due(due, actor)
    if not found.card_index and not data.bank_card:
        problems.append(FieldError("bank_card", sentence("pay_card_needed")))
    if problems:
        raise Invalid(problems)
    columns = {name: getattr(found, name) for name in ("card_sealed", "card_masked", "card_index")}
    if data.bank_card:
        columns = card_columns(found.id, _card(data.bank_card, strict=False))
    await _make_ready(found.id, found.version, columns, found.bank_name)
    detail = {"reason": reason, "other_card": bool(data.bank_card)}
    await audit.record(actor, "payment.retried", object_kind="payment_due", object_id=found.id, detail=detail)


async def _make_ready(due_id: int, version: int, columns: dict[str, str], bank_name: str) -> None:
    values = (columns["card_sealed"], columns["card_masked"], columns["card_index"], bank_name)
    if not await database.execute(_READY, *values, due_id, version):
        raise Conflict("pay_card_settled")


def _card(text: str, *, strict: bool) -> str:
    """A few old cards have no right check digit: staff may enter one after looking at it."""
    try:
        card = national.parse_bank_card(text)
    except national.InvalidValue as error:
        raise Invalid([FieldError("bank_card", f"{error.message}。")]) from error
    if strict and not card.luhn_ok:
        raise invalid("bank_card", "pay_card_digit")
    return card.number
