"""Reads of accounts. Domains that open accounts decide who may see what."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.errors import NotFound
from backend.payments.enums import POSTING_TEXT, PostingKind
from backend.payments.schemas import StatementLine
from backend.web.paging import Page, cut, decode_cursor, encode_cursor


class _Entry(msgspec.Struct, kw_only=True):
    id: int
    at: datetime
    kind: PostingKind
    reason: str
    amount_fen: int


async def balance(account_id: int) -> int:
    """In fen."""
    found = await database.scalar("SELECT balance_fen FROM ledger_account WHERE id = %s", account_id)
    if found is None:
        raise NotFound()
    return int(found)


async def posting_of(key: str) -> int | None:
    return await database.scalar("SELECT id FROM ledger_posting WHERE `key` = %s", key)


async def statement(account_id: int, *, limit: int = 20, cursor: str | None = None) -> Page[StatementLine]:
    """The entries of an account, the latest first, each with the balance after it."""
    now = await balance(account_id)
    before, after_it = decode_cursor(cursor, str, int) if cursor else (ids.public(2**63 - 1), now)
    found = await database.views(
        _Entry,
        "SELECT e.id, p.at, p.kind, p.reason, e.amount_fen FROM ledger_entry e JOIN ledger_posting p"
        " ON p.id = e.posting_id WHERE e.account_id = %s AND e.id < %s ORDER BY e.id DESC LIMIT %s",
        account_id,
        ids.parse(before) or 0,
        limit + 1,
    )
    lines: list[StatementLine] = []
    for entry in found:
        lines.append(_line(entry, after_it))
        after_it -= entry.amount_fen
    return cut(lines, limit, lambda line: encode_cursor(line.id, line.balance_fen - line.amount_fen))


def _line(entry: _Entry, balance_fen: int) -> StatementLine:
    return StatementLine(
        id=ids.public(entry.id),
        at=clock.iso(entry.at) or "",
        kind=entry.kind.value,
        kind_text=POSTING_TEXT[entry.kind],
        reason=entry.reason,
        amount_fen=entry.amount_fen,
        balance_fen=balance_fen,
    )
