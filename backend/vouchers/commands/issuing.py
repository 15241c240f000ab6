"""What makes a voucher: its row, and its worth moved from what is held to what is in members' hands."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.payments import commands as payments
from backend.payments.enums import PostingKind
from backend.payments.schemas import Line
from backend.vouchers import codes
from backend.vouchers.enums import VoucherState
from backend.vouchers.schemas import Source

# What differs from row to row comes as one JSON text, and the database fills in the rest: a driver that writes every
# value of a county's vouchers into a statement takes longer than the database does. Numbers are text in it, for not
# every reader of JSON keeps all digits.
_COLUMNS = "id, member_id, nth, code_hash, claim_id, campaign_id, state, issued_at, changed_at, version"
_INSERT_MARIADB = (
    f"INSERT INTO voucher ({_COLUMNS})"  # noqa: S608 - the columns above
    " SELECT j.id, j.member_id, j.nth, j.code_hash, j.claim_id, %s, %s, %s, %s, 1 FROM JSON_TABLE(%s, '$[*]' COLUMNS"
    " (id BIGINT PATH '$[0]', member_id BIGINT PATH '$[1]', nth INT PATH '$[2]', code_hash CHAR(32) PATH '$[3]',"
    " claim_id BIGINT PATH '$[4]')) j"
)
_INSERT_SQLITE = (
    f"INSERT INTO voucher ({_COLUMNS})"  # noqa: S608 - the columns above
    " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),"
    " json_extract(value, '$[3]'), json_extract(value, '$[4]'), %s, %s, %s, %s, 1 FROM json_each(%s)"
)


class NewVoucher(msgspec.Struct, frozen=True, array_like=True):
    id: str
    member_id: str
    nth: int
    code_hash: str
    claim_id: str | None


def new(member_id: int, nth: int = 1, *, claim_id: int | None = None) -> NewVoucher:
    voucher_id = ids.new_id()
    claim = None if claim_id is None else str(claim_id)
    return NewVoucher(str(voucher_id), str(member_id), nth, codes.stored_hash(voucher_id), claim)


async def insert(campaign_id: int, vouchers: Sequence[NewVoucher], now: datetime) -> None:
    await database.execute(
        _INSERT_SQLITE if database.is_sqlite() else _INSERT_MARIADB,
        campaign_id,
        VoucherState.ISSUED.value,
        now,
        now,
        msgspec.json.encode(vouchers).decode(),
    )


async def move_worth(source: Source, count: int, *, key: str, actor: Actor) -> None:
    """One posting for all of them. It holds rows that everybody wants: let it come last in the command."""
    worth = source.face_value_fen * count
    lines = [Line(source.held_account_id, -worth), Line(source.issued_account_id, worth)]
    await payments.post(key=key, kind=PostingKind.ISSUE, lines=lines, actor=actor, at=clock.now())
