"""What makes a voucher: its row, and its worth moved from what is held to what is in members' hands."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.payments import commands as payments
from backend.payments.enums import PostingKind
from backend.payments.schemas import Line
from backend.vouchers import codes
from backend.vouchers.enums import VoucherState
from backend.vouchers.schemas import Source

# So many are made in one go, while the database writes those before them; no more than a block of ids has.
_MADE_AT_ONCE = 1_000

# What differs from row to row comes as one JSON text, and the database fills in the rest: a driver that writes every
# value of a county's vouchers into a statement takes longer than the database does. Numbers are text in it, for not
# every reader of JSON keeps all digits.
_INTO = (
    "INSERT INTO voucher (id, member_id, code_hash, campaign_id, nth, claim_id, state, issued_at, changed_at, version)"
)
_INSERT_MARIADB = (
    f"{_INTO} SELECT %s + j.place - 1, j.member_id, j.code_hash, %s, 1, NULL, %s, %s, %s, 1 FROM JSON_TABLE(%s, '$[*]'"  # noqa: S608 - the columns above
    " COLUMNS (place FOR ORDINALITY, member_id BIGINT PATH '$[0]', code_hash CHAR(32) PATH '$[1]')) j"
)
_INSERT_SQLITE = (
    f"{_INTO} SELECT %s + key, json_extract(value, '$[0]'), json_extract(value, '$[1]'), %s, 1, NULL, %s, %s, %s, 1"  # noqa: S608 - the columns above
    " FROM json_each(%s)"
)


class _Made(NamedTuple):
    """Vouchers with ids in a row from `first`; as JSON, of each its member and the hash of its code."""

    first: int
    rows: str


async def insert(campaign_id: int, member_id: int, nth: int, claim_id: int, now: datetime) -> int:
    """One voucher, for a place that was claimed; its id."""
    voucher_id = ids.new_id()
    row = {
        "id": voucher_id,
        "member_id": member_id,
        "code_hash": codes.stored_hash(voucher_id),
        "campaign_id": campaign_id,
        "nth": nth,
        "claim_id": claim_id,
        "state": VoucherState.ISSUED.value,
        **dict.fromkeys(("issued_at", "changed_at"), now),
        "version": 1,
    }
    await database.insert("voucher", row)
    return voucher_id


async def insert_for(campaign_id: int, members: Sequence[int], now: datetime) -> None:
    """One for each. Their codes are computed in a thread beside the database's work, for both take about as long."""
    starts = range(0, len(members), _MADE_AT_ONCE)
    making = [_making(members[start : start + _MADE_AT_ONCE]) for start in starts]
    made = await asyncio.to_thread(making[0])
    for following in making[1:]:
        _, made = await asyncio.gather(_insert(campaign_id, made, now), asyncio.to_thread(following))
    await _insert(campaign_id, made, now)


def _making(members: Sequence[int]) -> Callable[[], _Made]:
    # The ids are taken here: their counter is not made for threads.
    first = ids.new_block(len(members))
    return partial(_make, first, members)


def _make(first: int, members: Sequence[int]) -> _Made:
    rows = [(str(member_id), codes.stored_hash(voucher_id)) for voucher_id, member_id in enumerate(members, first)]
    return _Made(first, msgspec.json.encode(rows).decode())


async def _insert(campaign_id: int, made: _Made, now: datetime) -> None:
    statement = _INSERT_SQLITE if database.is_sqlite() else _INSERT_MARIADB
    await database.execute(statement, made.first, campaign_id, VoucherState.ISSUED.value, now, now, made.rows)


async def move_worth(source: Source, count: int, *, key: str, actor: Actor) -> None:
    """One posting for all of them. It holds rows that everybody wants: let it come last in the command."""
    worth = source.face_value_fen * count
    lines = [Line(source.held_account_id, -worth), Line(source.issued_account_id, worth)]
    await payments.post(key=key, kind=PostingKind.ISSUE, lines=lines, actor=actor, at=clock.now())
