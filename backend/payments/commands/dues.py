"""Writing down what is due. The same key twice is one amount."""

from collections.abc import Sequence
from typing import Any

from backend.core import audit, clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.payments import rules
from backend.payments.enums import DueState
from backend.payments.models import PaymentDue
from backend.payments.schemas import NewDue

CHUNK = 500


@command
async def record_due(actor: Actor, *, due: NewDue) -> int:
    """The amount in fen that is due by this key: a second call gives that of the first."""
    row = _row(due)
    if not await database.insert_if_absent("payment_due", row, key="`key`"):
        return (await PaymentDue.get(key=due.key)).amount_fen
    detail = {"source": due.source.value, "programme": due.programme, "amount_fen": due.amount_fen}
    detail |= {"case": due.case_id} if due.case_id else {}
    await audit.record(actor, "payment.due", object_kind="payment_due", object_id=row["id"], detail=detail)
    return due.amount_fen


@command
async def record_dues(actor: Actor, *, dues: Sequence[NewDue]) -> int:
    """Many at once; how many of them are new. Those whose key is known stay as they were."""
    if len({due.key for due in dues}) != len(dues):
        raise ValueError("a key stands for one amount")
    recorded = 0
    for start in range(0, len(dues), CHUNK):
        recorded += await _record_chunk(actor, dues[start : start + CHUNK])
    return recorded


async def _record_chunk(actor: Actor, dues: Sequence[NewDue]) -> int:
    rows = [_row(due) for due in dues]
    columns = ", ".join(f"`{column}`" for column in rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    absent = "ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else "ON DUPLICATE KEY UPDATE `key` = `key`"
    await database.execute_many(
        f"INSERT INTO payment_due ({columns}) VALUES ({marks}) {absent}",  # noqa: S608 - names from code only
        [tuple(row.values()) for row in rows],
    )
    marks = ", ".join(["%s"] * len(rows))
    new = await database.rows(
        f"SELECT id, amount_fen FROM payment_due WHERE id IN ({marks})",  # noqa: S608
        *(row["id"] for row in rows),
    )
    if new:
        detail = {
            "programme": dues[0].programme,
            "count": len(new),
            "amount_fen": sum(row["amount_fen"] for row in new),
        }
        await audit.record(actor, "payment.dues", object_kind="payment_due", object_id=new[0]["id"], detail=detail)
    return len(new)


def _row(due: NewDue) -> dict[str, Any]:
    if due.amount_fen <= 0:
        raise Conflict("due_amount_missing")
    if len(due.key) > rules.LONGEST_KEY:
        raise ValueError(f"the key {due.key} is too long")
    due_id = ids.new_id()
    number = crypto.open_sealed(due.card_sealed, context=due.card_context) if due.card_sealed else ""
    return {
        "id": due_id,
        "key": due.key,
        "source": due.source.value,
        "case_id": due.case_id,
        "case_number": due.case_number,
        "programme": due.programme,
        "name": due.name[:40],
        "account_id": due.account_id,
        "member_id": due.member_id,
        "union_id": due.union_id,
        "payee_name": due.payee_name[:50],
        "bank_name": due.bank_name[:40],
        "card_field": due.card_field,
        **card_columns(due_id, number),
        "amount_fen": due.amount_fen,
        "state": DueState.WAITING.value,
        "attempts": 0,
        "version": 1,
        "created_at": clock.now(),
    }


def card_columns(due_id: int, number: str) -> dict[str, str]:
    """A bank card as an amount keeps it; without one, empty."""
    if not number:
        return {"card_sealed": "", "card_masked": "", "card_index": ""}
    return {
        "card_sealed": crypto.seal(number, context=rules.card_context(due_id)),
        "card_masked": national.mask_bank_card(number),
        "card_index": crypto.blind_index("bank_card", number),
    }
