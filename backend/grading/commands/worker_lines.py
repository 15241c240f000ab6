"""How the register changes: what happened is written first, then what follows is reckoned anew, and both stand in the
history with what was there before.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.grading import scheme_files
from backend.grading.enums import WorkerChange
from backend.grading.queries import worker_rows
from backend.grading.rules.register import Reckoned, reckon
from backend.grading.rules.workers import History
from backend.grading.worker_schemas import Because, WorkerRow

_LONGEST_REASON = 500


class Entry(msgspec.Struct, frozen=True):
    """A worker about to be changed, as everything stands before it."""

    worker: WorkerRow
    history: History


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history: from when it holds, and the values before and after, by name."""

    kind: WorkerChange
    on: date
    before: Mapping[str, Any] = {}
    after: Mapping[str, Any] = {}


async def is_done(because: Because) -> bool:
    """Whether what this key stands for has happened already."""
    if not because.key:
        return False
    found = await database.scalar("SELECT id FROM social_worker_history WHERE `key` = %s", because.key)
    return found is not None


async def entry_of(index: str) -> Entry:
    """By the blind index of an identity number; refused for somebody who is not in the register."""
    worker = await worker_rows.by_index(index)
    if worker is None:
        raise Conflict("worker_unknown")
    return await entry(worker)


async def entry(worker: WorkerRow) -> Entry:
    return Entry(worker, await worker_rows.history_of(worker))


async def write(actor: Actor, before: Entry, line: Line, because: Because, **columns: Any) -> None:
    """Change the entry's own `columns`, reckon it anew and add the line. Whoever was faster is told."""
    changed = await _settle(before.worker, columns)
    await note(actor, before.worker, line, because, told={"grade": (before.worker.grade, changed.grade)})


async def _settle(worker: WorkerRow, columns: Mapping[str, Any]) -> Reckoned:
    """The history as it is now, worked out. Only from the version that was read."""
    set_to = ", ".join(f"`{name}` = %s" for name in columns)
    assignments = f"{set_to}, version = version + 1" if columns else "version = version + 1"
    moved = await database.execute(
        f"UPDATE social_worker SET {assignments} WHERE id = %s AND version = %s",  # noqa: S608 - names from code only
        *columns.values(),
        worker.id,
        worker.version,
    )
    if not moved:
        raise Conflict("worker_changed")
    fresh = await worker_rows.by_index(worker.id_no_index)
    assert fresh is not None
    reckoned = reckon(await worker_rows.history_of(fresh), scheme_files.current().workers, clock.today())
    await keep(fresh, reckoned)
    return reckoned


async def keep(worker: WorkerRow, reckoned: Reckoned) -> bool:
    """What was worked out, in the columns that lists read. False when somebody changed the entry meanwhile."""
    moved = await database.execute(
        "UPDATE social_worker SET reckoned_on = %s, grade = %s, post_now = %s, capped = %s, next_on = %s,"
        " training_due_on = %s, confirmed_grade = CASE WHEN confirmed_grade > %s THEN %s ELSE confirmed_grade END"
        " WHERE id = %s AND version = %s",
        reckoned.reckoned_on,
        reckoned.grade,
        reckoned.post_now.value,
        reckoned.capped,
        reckoned.next_on,
        reckoned.training_due_on,
        reckoned.grade,
        reckoned.grade,
        worker.id,
        worker.version,
    )
    return moved > 0


async def note(
    actor: Actor, worker: WorkerRow, line: Line, because: Because, *, told: Mapping[str, tuple[Any, Any]] | None = None
) -> None:
    """The line itself and the audit log. `told` are values that followed, named where they changed."""
    followed = {name: pair for name, pair in (told or {}).items() if pair[0] != pair[1]}
    before = {name: pair[0] for name, pair in followed.items()} | dict(line.before)
    after = {name: pair[1] for name, pair in followed.items()} | dict(line.after)
    row = line_row(actor, worker.id, msgspec.structs.replace(line, before=before, after=after), because)
    await database.insert("social_worker_history", row)
    detail = {"kind": line.kind.value, "line": row["id"], "on": line.on.isoformat()}
    await audit.record(actor, "worker.changed", object_kind="social_worker", object_id=worker.id, detail=detail)


def line_row(actor: Actor, worker_id: int, line: Line, because: Because) -> dict[str, Any]:
    """A row of the history; without a key of its cause it has one of its own."""
    line_id = ids.new_id()
    return {
        "id": line_id,
        "key": because.key or f"{ids.public(worker_id)}:{ids.public(line_id)}",
        "worker_id": worker_id,
        "kind": line.kind.value,
        "holds_from": line.on,
        "before": _text(line.before),
        "after": _text(line.after),
        "reason": because.reason[:_LONGEST_REASON],
        "reference": because.reference,
        "actor_id": actor.account_id,
        "actor_label": label(actor),
        "at": clock.now(),
    }


def label(actor: Actor) -> str:
    union = actor.posts[0].union_name if actor.posts else ""
    return f"{union} {actor.display}".strip()[:80] or "系统"


def _text(values: Mapping[str, Any]) -> str:
    return msgspec.json.encode(values).decode()
