"""Decisions taken together. The cases are locked at once; each is decided when the ten minutes to undo are over."""

from datetime import timedelta

import msgspec

from backend.casework import rules
from backend.casework.commands.decide import decide
from backend.casework.enums import BatchRowState, BatchState
from backend.casework.events import BatchDue
from backend.casework.models import Batch
from backend.casework.queries.batching import Judged, check_input, judge
from backend.casework.queries.staff import actor_of
from backend.casework.schemas import BatchInput, DecisionInput
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import AppError, Conflict, NotFound

UNDO = timedelta(minutes=10)
_CHUNK = 20


@command
async def start(*, data: BatchInput, actor: Actor) -> str:
    """Lock every case that can be decided so; the batch's public id. Refused ones are kept with their reason."""
    check_input(data)
    judged = await judge(data, actor)
    now, batch_id = clock.now(), ids.new_id()
    row = {
        "id": batch_id,
        "actor_id": actor.account_id,
        "action": data.action,
        "comment": data.comment.strip(),
        "state": BatchState.PENDING.value,
        "made_at": now,
        "due_at": now + UNDO,
    }
    await database.insert("batch", row)
    locked = [one for one in judged if not one.code and await _lock(one, batch_id)]
    await _write_rows(judged, {one.number for one in locked}, batch_id)
    detail = {"action": data.action, "locked": len(locked), "refused": len(judged) - len(locked)}
    await audit.record(actor, "batch.started", object_kind="batch", object_id=batch_id, detail=detail)
    await outbox.emit(BatchDue(batch_id), key=str(batch_id), due_at=now + UNDO)
    return ids.public(batch_id)


async def _lock(one: Judged, batch_id: int) -> bool:
    """The guarded change that makes the case this batch's; false when somebody was quicker."""
    guard, values = _unlocked(one.version)
    sql = f"UPDATE case_file SET batch_id = %s, version = version + 1 WHERE id = %s{guard}"  # noqa: S608
    return await database.execute(sql, batch_id, one.case_id, *values) > 0


def _unlocked(version: int) -> tuple[str, list[object]]:
    """What makes the lock conditional; the race test shows what happens without it."""
    marks = ", ".join(["%s"] * len(rules.UNDECIDED))
    statuses = [status.value for status in rules.UNDECIDED]
    return f" AND version = %s AND batch_id IS NULL AND status IN ({marks})", [version, *statuses]


async def _write_rows(judged: list[Judged], locked: set[str], batch_id: int) -> None:
    rows = []
    for one in judged:
        ok = one.number in locked
        refusal = ("", "") if ok else (one.code or "batch_stale", one.said or Conflict("batch_stale").detail)
        state = BatchRowState.LOCKED if ok else BatchRowState.REFUSED
        rows.append(
            (ids.new_id(), batch_id, one.case_id, one.number, one.version + 1, one.comment, state.value, *refusal)
        )
    await database.execute_many(
        "INSERT INTO batch_case (id, batch_id, case_id, number, version, comment, state, code, said)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        rows,
    )


@command
async def undo(*, batch: str, actor: Actor) -> None:
    """Within the ten minutes, by whoever took the decisions: every case is as it was, and nobody was told anything."""
    found = await Batch.get_or_none(id=ids.parse(batch) or 0, actor_id=actor.account_id)
    if found is None:
        raise NotFound("batch_unknown")
    undone = await database.execute(
        "UPDATE batch SET state = %s WHERE id = %s AND state = %s AND due_at > %s",
        BatchState.UNDONE.value,
        found.id,
        BatchState.PENDING.value,
        clock.now(),
    )
    if not undone:
        raise Conflict("batch_over")
    await database.execute("UPDATE case_file SET batch_id = NULL, version = version + 1 WHERE batch_id = %s", found.id)
    await database.execute(
        "UPDATE batch_case SET state = %s WHERE batch_id = %s AND state = %s",
        BatchRowState.UNDONE.value,
        found.id,
        BatchRowState.LOCKED.value,
    )
    await audit.record(actor, "batch.undone", object_kind="batch", object_id=found.id)


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    version: int
    comment: str


async def run(batch_id: int) -> bool:
    """Decide what is still locked, a few at a time, each in a command of its own; False when there is more to do."""
    batch = await _begin(batch_id)
    if batch is None:
        return True
    rows = await database.views(
        _Row,
        "SELECT id, number, version, comment FROM batch_case WHERE batch_id = %s AND state = %s ORDER BY id LIMIT %s",
        batch_id,
        BatchRowState.LOCKED.value,
        _CHUNK,
    )
    actor = await actor_of(batch.actor_id)
    for row in rows:
        await _decide(batch, row, actor)
    if len(rows) == _CHUNK:
        return False
    await _end(batch_id)
    return True


@command
async def _begin(batch_id: int) -> Batch | None:
    """None for a batch that was undone or is done."""
    await database.execute(
        "UPDATE batch SET state = %s WHERE id = %s AND state = %s AND due_at <= %s",
        BatchState.RUNNING.value,
        batch_id,
        BatchState.PENDING.value,
        clock.now(),
    )
    return await Batch.get_or_none(id=batch_id, state=BatchState.RUNNING.value)


async def _decide(batch: Batch, row: _Row, actor: Actor) -> None:
    data = DecisionInput(action=batch.action, version=row.version, comment=row.comment or batch.comment)
    try:
        await _decide_one(batch.id, row, data, actor)
    except AppError as error:
        if error.status >= 500:
            raise
        await _fail(row.id, error)


@command
async def _decide_one(batch_id: int, row: _Row, data: DecisionInput, actor: Actor) -> None:
    """The decision and the note that it was taken, together."""
    await decide(number=row.number, data=data, actor=actor, batch_id=batch_id)
    await database.execute("UPDATE batch_case SET state = %s WHERE id = %s", BatchRowState.DONE.value, row.id)


@command
async def _fail(row_id: int, error: AppError) -> None:
    await database.execute(
        "UPDATE batch_case SET state = %s, code = %s, said = %s WHERE id = %s",
        BatchRowState.FAILED.value,
        error.code[:40],
        error.detail[:200],
        row_id,
    )


@command
async def _end(batch_id: int) -> None:
    """What could not be decided is free for everybody again."""
    await database.execute("UPDATE case_file SET batch_id = NULL, version = version + 1 WHERE batch_id = %s", batch_id)
    await database.execute("UPDATE batch SET state = %s WHERE id = %s", BatchState.DONE.value, batch_id)
