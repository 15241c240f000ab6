"""Double entry: money only moves from accounts to accounts, and what was moved wrongly is moved back.

A posting happens once by its key. The rows that everybody wants, the balances, are changed last and in the order of
their ids, so that postings wait for each other and never in a circle.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, NotFound
from backend.payments import rules
from backend.payments.enums import AccountKind, PostingKind
from backend.payments.schemas import Line

LONGEST_REASON = 200

_MOVE = (
    "UPDATE ledger_account SET balance_fen = balance_fen + %s WHERE id = %s AND (balance_fen + %s >= 0 OR kind = %s)"
)


class _Posted(msgspec.Struct):
    id: int
    reversed_by: str | None


@command
async def account(*, key: str, kind: AccountKind, name: str = "") -> int:
    """The account of this key, opened when there is none."""
    row = {
        "id": ids.new_id(),
        "key": key,
        "kind": kind.value,
        "name": name[:80],
        "balance_fen": 0,
        "created_at": clock.now(),
    }
    if await database.insert_if_absent("ledger_account", row, key="`key`"):
        return row["id"]
    return int(await database.scalar("SELECT id FROM ledger_account WHERE `key` = %s", key))


@command
async def post(
    *,
    key: str,
    kind: PostingKind,
    lines: Sequence[Line],
    actor: Actor,
    at: datetime | None = None,
    reason: str = "",
) -> int:
    """Move money as `lines` say; the posting's id. The same key again moves nothing and gives the first one's id.

    Conflict `account_too_small` where an account would fall below zero that may not.
    """
    return await move(key=key, kind=kind, lines=lines, actor=actor, at=at, short=lambda _: _too_small(), reason=reason)


def _too_small() -> AppError:
    return Conflict("account_too_small")


async def move(
    *,
    key: str,
    kind: PostingKind,
    lines: Sequence[Line],
    actor: Actor,
    short: Callable[[int], AppError],
    at: datetime | None = None,
    reverses: int | None = None,
    reason: str = "",
) -> int:
    """Inside a command. `short` says what it means that the account with this id has too little."""
    rules.require_balanced(lines)
    posting_id = ids.new_id()
    row = {
        "id": posting_id,
        "key": key,
        "kind": kind.value,
        "reverses_id": reverses,
        "reason": reason[:LONGEST_REASON],
        "actor_id": actor.account_id,
        "at": at or clock.now(),
    }
    if not await database.insert_if_absent("ledger_posting", row, key="`key`"):
        return await _posted_before(key, lines)
    await database.execute_many(
        "INSERT INTO ledger_entry (id, posting_id, account_id, amount_fen) VALUES (%s, %s, %s, %s)",
        [(ids.new_id(), posting_id, line.account_id, line.amount_fen) for line in lines],
    )
    for line in sorted(lines, key=lambda one: one.account_id):
        amount = line.amount_fen
        if not await database.execute(_MOVE, amount, line.account_id, amount, AccountKind.SOURCE.value):
            raise short(line.account_id)
    return posting_id


async def move_many(actor: Actor, *, kind: PostingKind, moves: Mapping[str, Sequence[Line]], at: datetime) -> None:
    """Inside a command: many postings by their keys, of which none may have been made before. Every balance changes
    once, by what all of them add to it."""
    postings, entries, sums = [], [], dict[int, int]()
    for key, lines in moves.items():
        rules.require_balanced(lines)
        posting_id = ids.new_id()
        postings.append((posting_id, key, kind.value, None, "", actor.account_id, at))
        for line in lines:
            entries.append((ids.new_id(), posting_id, line.account_id, line.amount_fen))
            sums[line.account_id] = sums.get(line.account_id, 0) + line.amount_fen
    await database.execute_many(
        "INSERT INTO ledger_posting (id, `key`, kind, reverses_id, reason, actor_id, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        postings,
    )
    await database.execute_many(
        "INSERT INTO ledger_entry (id, posting_id, account_id, amount_fen) VALUES (%s, %s, %s, %s)", entries
    )
    for account_id, amount in sorted(sums.items()):
        if amount and not await database.execute(_MOVE, amount, account_id, amount, AccountKind.SOURCE.value):
            raise _too_small()


async def _posted_before(key: str, lines: Sequence[Line]) -> int:
    """A key that comes again with something else was not made of what it stands for."""
    posting_id = int(await database.scalar("SELECT id FROM ledger_posting WHERE `key` = %s", key))
    if {line.account_id: line.amount_fen for line in lines} != {
        line.account_id: line.amount_fen for line in await _lines_of(posting_id)
    }:
        raise ValueError(f"the posting {key} moved something else")
    return posting_id


async def _lines_of(posting_id: int) -> list[Line]:
    return await database.views(
        Line, "SELECT account_id, amount_fen FROM ledger_entry WHERE posting_id = %s ORDER BY id", posting_id
    )


@command
async def reverse(actor: Actor, *, posting_key: str, key: str, reason: str) -> int:
    """Take a posting back by its opposite, once: again by the same key it is the same, by another one a Conflict."""
    found = await database.view(
        _Posted,
        "SELECT p.id, r.`key` AS reversed_by FROM ledger_posting p LEFT JOIN ledger_posting r ON r.reverses_id = p.id"
        " WHERE p.`key` = %s",
        posting_key,
    )
    if found is None:
        raise NotFound()
    if found.reversed_by is not None and found.reversed_by != key:
        raise Conflict("already_reversed")
    lines = [Line(line.account_id, -line.amount_fen) for line in await _lines_of(found.id)]
    return await move(
        key=key,
        kind=PostingKind.REVERSE,
        lines=lines,
        actor=actor,
        short=lambda _: _too_small(),
        reverses=found.id,
        reason=reason,
    )
