"""Writing down what is due. The same case and programme twice is one amount."""

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.payments.enums import DueState
from backend.payments.models import PaymentDue
from backend.payments.schemas import NewDue


@command
async def record_due(actor: Actor, *, due: NewDue) -> int:
    """The amount in fen that is due for this case and programme: a second call gives that of the first."""
    if due.amount_fen <= 0:
        raise Conflict("due_amount_missing")
    key = f"{due.case_id}:{due.programme}"[:80]
    due_id = ids.new_id()
    row = {
        "id": due_id,
        "key": key,
        "case_id": due.case_id,
        "case_number": due.case_number,
        "programme": due.programme,
        "name": due.name[:40],
        "account_id": due.account_id,
        "member_id": due.member_id,
        "union_id": due.union_id,
        "payee_name": due.payee_name[:50],
        "card_field": due.card_field,
        "amount_fen": due.amount_fen,
        "state": DueState.WAITING.value,
        "created_at": clock.now(),
    }
    if not await database.insert_if_absent("payment_due", row, key="`key`"):
        return (await PaymentDue.get(key=key)).amount_fen
    detail = {"case": due.case_id, "programme": due.programme, "amount_fen": due.amount_fen}
    await audit.record(actor, "payment.due", object_kind="payment_due", object_id=due_id, detail=detail)
    return due.amount_fen
