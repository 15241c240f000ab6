"""What makes a voucher: its row, and its worth moved from what is held to what is in members' hands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.payments import commands as payments
from backend.payments.enums import PostingKind
from backend.payments.schemas import Line
from backend.vouchers import codes
from backend.vouchers.enums import VoucherState
from backend.vouchers.schemas import Source

_COLUMNS = "id, campaign_id, member_id, nth, code_hash, claim_id, state, issued_at, changed_at, version"
_INSERT = f"INSERT INTO voucher ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608 - the columns above


def row(campaign_id: int, member_id: int, nth: int, now: datetime, claim_id: int | None = None) -> Sequence[Any]:
    voucher_id = ids.new_id()
    code_hash = codes.hash_of(codes.code_of(voucher_id))
    state = VoucherState.ISSUED.value
    return voucher_id, campaign_id, member_id, nth, code_hash, claim_id, state, now, now, 1


async def insert(rows: Sequence[Sequence[Any]]) -> None:
    await database.execute_many(_INSERT, rows)


async def move_worth(source: Source, count: int, *, key: str, actor: Actor) -> None:
    """One posting for all of them. It holds rows that everybody wants: let it come last in the command."""
    worth = source.face_value_fen * count
    lines = [Line(source.held_account_id, -worth), Line(source.issued_account_id, worth)]
    await payments.post(key=key, kind=PostingKind.ISSUE, lines=lines, actor=actor, at=clock.now())
