"""Batches as their makers see them: what would happen, what happened, what can still be undone."""

from datetime import datetime

import msgspec

from backend.casework.enums import BatchRowState, BatchState
from backend.casework.queries.batching import check_input, judge
from backend.casework.schemas import BatchCounts, BatchInput, BatchResult, BatchView
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

# What was taken into the batch, also when it was taken back.
_GOOD = (BatchRowState.LOCKED, BatchRowState.DONE, BatchRowState.UNDONE)


async def batch_preview(data: BatchInput, actor: Actor) -> BatchView:
    check_input(data)
    judged = await judge(data, actor)
    results = [
        BatchResult(
            number=one.number,
            ok=not one.code,
            code=one.code,
            detail=one.said,
            subject=one.subject,
            service=one.service,
            version=one.version,
            amount_fen=one.amount_fen,
            signs=one.signs,
            asking=one.asking,
        )
        for one in judged
    ]
    return BatchView(
        counts=_counts(results), results=_refused_first(results), action=data.action, comment=data.comment.strip()
    )


class _Batch(msgspec.Struct, kw_only=True):
    id: int
    action: str
    comment: str
    state: BatchState
    made_at: datetime
    due_at: datetime


class _Row(msgspec.Struct, kw_only=True):
    number: str
    state: BatchRowState
    code: str
    said: str


_BATCHES = "SELECT id, action, comment, state, made_at, due_at FROM batch WHERE actor_id = %s"


async def own_batch(batch: str, actor: Actor) -> BatchView:
    """One of the actor's own, with every row."""
    found = await database.view(_Batch, f"{_BATCHES} AND id = %s", actor.account_id, ids.parse(batch) or 0)
    if found is None:
        raise NotFound("batch_unknown")
    rows = await database.views(
        _Row, "SELECT number, state, code, said FROM batch_case WHERE batch_id = %s ORDER BY id", found.id
    )
    results = [
        BatchResult(number=row.number, ok=row.state in _GOOD, code=row.code, detail=row.said, state=row.state)
        for row in rows
    ]
    return _view(found, _refused_first(results), _counts(results))


async def own_batches(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[BatchView]:
    """The latest first, without their rows; two queries."""
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        _Batch, f"{_BATCHES} AND id < %s ORDER BY id DESC LIMIT %s", actor.account_id, before, limit + 1
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    counts = await _counts_of([one.id for one in page.items])
    nothing = BatchCounts(total=0, ok=0, refused=0)
    return Page(items=[_view(one, [], counts.get(one.id, nothing)) for one in page.items], next_cursor=page.next_cursor)


async def _counts_of(batch_ids: list[int]) -> dict[int, BatchCounts]:
    if not batch_ids:
        return {}
    marks = ", ".join(["%s"] * len(batch_ids))
    found = await database.rows(
        "SELECT batch_id, COUNT(*) AS total, SUM(CASE WHEN state IN (%s, %s, %s) THEN 1 ELSE 0 END) AS ok"  # noqa: S608
        f" FROM batch_case WHERE batch_id IN ({marks}) GROUP BY batch_id",
        *(state.value for state in _GOOD),
        *batch_ids,
    )
    return {
        row["batch_id"]: BatchCounts(total=row["total"], ok=int(row["ok"]), refused=row["total"] - int(row["ok"]))
        for row in found
    }


def _view(found: _Batch, results: list[BatchResult], counts: BatchCounts) -> BatchView:
    pending = found.state == BatchState.PENDING
    return BatchView(
        counts=counts,
        results=results,
        batch=ids.public(found.id),
        action=found.action,
        comment=found.comment,
        state=found.state,
        made_at=clock.iso(found.made_at) or "",
        undo_until=(clock.iso(found.due_at) or "") if pending else "",
        undo_seconds=max(0, int((found.due_at - clock.now()).total_seconds())) if pending else 0,
    )


def _counts(results: list[BatchResult]) -> BatchCounts:
    ok = [one for one in results if one.ok]
    return BatchCounts(
        total=len(results),
        ok=len(ok),
        refused=len(results) - len(ok),
        amount_fen=sum(one.amount_fen for one in ok if not one.signs),
    )


def _refused_first(results: list[BatchResult]) -> list[BatchResult]:
    return sorted(results, key=lambda one: one.ok)
