"""The audit log: rows written by commands, sealed afterwards by chained, signed digests over ranges.

Rows are never updated. A change, a gap or a missing row inside a sealed range changes its digest; a cut
tail breaks the chain or the head. Sealing lags behind by `LAG`, longer than any command may run.
"""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from backend.core import clock, crypto, database, ids
from backend.core.actor import Actor
from backend.core.command import command

LAG = timedelta(seconds=30)
RANGE = 5_000

_SEALS = "SELECT id, first_id, last_id, `rows`, digest, signature FROM audit_seal"


async def record(
    actor: Actor, action: str, *, object_kind: str, object_id: int, detail: dict[str, Any] | None = None
) -> None:
    """Note an act. `detail` holds ids, states and field names, never personal values."""
    await database.insert(
        "audit",
        {
            "id": ids.new_id(),
            "at": clock.now(),
            "actor_kind": actor.kind,
            "actor_id": actor.account_id,
            "action": action,
            "object_kind": object_kind,
            "object_id": object_id,
            "detail": msgspec.json.encode(detail or {}, order="sorted").decode(),
        },
    )


class _Row(msgspec.Struct):
    id: int
    at: str
    actor_kind: str
    actor_id: int
    action: str
    object_kind: str
    object_id: int
    detail: str


class _Seal(msgspec.Struct):
    id: int
    first_id: int
    last_id: int
    rows: int
    digest: str
    signature: str


class Finding(msgspec.Struct):
    """A broken seal: which range, and what does not fit."""

    seal_id: int
    first_id: int
    last_id: int
    problem: str


async def _range(after: int, up_to: int) -> list[_Row]:
    found = await database.rows(
        "SELECT id, at, actor_kind, actor_id, action, object_kind, object_id, detail"
        " FROM audit WHERE id > %s AND id <= %s ORDER BY id",
        after,
        up_to,
    )
    for row in found:
        row["at"] = database.aware(row["at"]).isoformat()
    return msgspec.convert(found, list[_Row])


def _digest(previous: str, entries: list[_Row]) -> str:
    sha = hashlib.sha256(previous.encode())
    for entry in entries:
        sha.update(msgspec.json.encode(entry))
    return sha.hexdigest()


@command
async def seal() -> int:
    """Seal the next range of old enough rows; the number of rows sealed."""
    head = await database.view(_Seal, f"{_SEALS} ORDER BY id DESC LIMIT 1")
    after = head.last_id if head else 0
    due = await database.rows(
        "SELECT id FROM audit WHERE id > %s AND at < %s ORDER BY id LIMIT %s", after, clock.now() - LAG, RANGE
    )
    if not due:
        return 0
    last_id = due[-1]["id"]
    entries = await _range(after, last_id)
    digest = _digest(head.digest if head else "", entries)
    await database.insert(
        "audit_seal",
        {
            "id": head.id + 1 if head else 1,
            "first_id": entries[0].id,
            "last_id": last_id,
            "rows": len(entries),
            "digest": digest,
            "signature": crypto.sign("audit-seal", digest),
            "at": clock.now(),
        },
    )
    return len(entries)


async def seal_all(anchor: Path) -> int:
    """Seal whatever is old enough and write the head to `anchor`, a file outside the database."""
    total = 0
    while sealed := await seal():
        total += sealed
    head = await database.view(_Seal, f"{_SEALS} ORDER BY id DESC LIMIT 1")
    if head is not None:
        unfinished = anchor.with_name(anchor.name + ".unfinished")
        unfinished.write_text(f"{head.id} {head.digest}\n", "utf-8")
        unfinished.replace(anchor)
    return total


async def verify(anchor: Path | None = None) -> list[Finding]:
    """Recompute every seal; the ranges that do not hold. `anchor` shows whether the tail was cut off."""
    seals = await database.views(_Seal, f"{_SEALS} ORDER BY id")
    findings = []
    previous, after, expected_id = "", 0, 1
    for one in seals:
        problem = await _problem(one, previous, after, expected_id)
        if problem:
            findings.append(Finding(one.id, one.first_id, one.last_id, problem))
        previous, after, expected_id = one.digest, one.last_id, one.id + 1
    known = _anchored(anchor)
    if known is not None and known not in {(one.id, one.digest) for one in seals}:
        findings.append(Finding(known[0], after, after, "the end of the log was cut off"))
    return findings


async def _problem(one: _Seal, previous: str, after: int, expected_id: int) -> str | None:
    entries = await _range(after, one.last_id)
    if one.id != expected_id:
        return "a seal is missing before this one"
    if len(entries) != one.rows:
        return f"{one.rows} rows were sealed, {len(entries)} are there"
    if _digest(previous, entries) != one.digest:
        return "a row was changed"
    if not crypto.signature_holds("audit-seal", one.digest, one.signature):
        return "the seal was not made with our key"
    return None


def _anchored(anchor: Path | None) -> tuple[int, str] | None:
    if anchor is None or not anchor.exists():
        return None
    seal_id, _, digest = anchor.read_text("utf-8").strip().partition(" ")
    return int(seal_id), digest
