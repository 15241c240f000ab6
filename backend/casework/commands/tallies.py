"""Counts by flow, union and month: a change marks its slices, the schedule counts marked slices anew.

Counting a slice again gives the same result, so neither a lost nor a doubled mark can make a number wrong for long.
"""

from collections import Counter
from datetime import datetime, timedelta

import msgspec

from backend.casework.enums import CaseStatus
from backend.casework.months import bounds, month_of
from backend.core import clock, database, ids
from backend.core.command import command

_DAY = timedelta(days=1)


class _Place(msgspec.Struct, kw_only=True):
    flow: str
    target_union_id: int | None
    submitted_at: datetime
    decided_at: datetime | None


@command
async def mark(case_id: int, *, also: datetime | None = None) -> None:
    """The months in which the case came in and was decided have to be counted anew; `also` that of a decision
    that no longer stands."""
    found = await database.view(
        _Place,
        "SELECT flow, target_union_id, submitted_at, decided_at FROM case_file WHERE id = %s",
        case_id,
    )
    if found is None:
        return
    for moment in {month_of(at) for at in (found.submitted_at, found.decided_at, also) if at is not None}:
        union_id = found.target_union_id or 0
        row = {
            "id": f"{moment}:{found.flow}:{union_id}",
            "month": moment,
            "flow": found.flow,
            "union_id": union_id,
            "at": clock.now(),
        }
        await database.insert_if_absent("tally_due", row, key="id")


class _Due(msgspec.Struct, kw_only=True):
    id: str
    month: str
    flow: str
    union_id: int


@command
async def mark_lately(months: int = 2) -> None:
    """Every slice of the last months: what no event told of, a case that went to another union, is set right."""
    now = clock.now()
    found = await database.rows(
        "SELECT month, flow, union_id FROM case_tally WHERE month >= %s",
        month_of(now - timedelta(days=31 * (months - 1))),
    )
    for row in found:
        await database.insert_if_absent(
            "tally_due", {"id": ":".join(map(str, row.values())), **row, "at": now}, key="id"
        )


async def recount(limit: int = 50) -> int:
    """Count up to `limit` marked slices; how many there were."""
    found = await database.views(_Due, "SELECT id, month, flow, union_id FROM tally_due ORDER BY at LIMIT %s", limit)
    for due in found:
        await _count(due)
    return len(found)


@command
async def _count(due: _Due) -> None:
    """The mark goes first: a change that comes while we count marks the slice again."""
    await database.execute("DELETE FROM tally_due WHERE id = %s", due.id)
    came, went = await _submitted(due), await _decided(due)
    pace = Counter(days_taken(row.submitted_at, row.decided_at) for row in went if row.decided_at is not None)
    counts = {
        "submitted": len(came),
        "returned": sum(1 for row in came if row.round - row.reopened > 1 or row.status == CaseStatus.RETURNED),
        "withdrawn": sum(1 for row in came if row.status == CaseStatus.WITHDRAWN),
        "approved": sum(1 for row in went if row.status == CaseStatus.APPROVED),
        "rejected": sum(1 for row in went if row.status == CaseStatus.REJECTED),
        "pace": msgspec.json.encode({str(days): cases for days, cases in sorted(pace.items())}).decode(),
    }
    key = {"month": due.month, "flow": due.flow, "union_id": due.union_id}
    await database.execute("DELETE FROM case_tally WHERE month = %s AND flow = %s AND union_id = %s", *key.values())
    if any(count for name, count in counts.items() if name != "pace"):
        await database.insert("case_tally", {"id": ids.new_id(), **key, **counts})


class _Case(msgspec.Struct, kw_only=True):
    status: CaseStatus
    round: int
    reopened: int
    submitted_at: datetime
    decided_at: datetime | None


_CASES = (
    "SELECT status, round, reopened, submitted_at, decided_at FROM case_file"
    " WHERE flow = %s AND COALESCE(target_union_id, 0) = %s"
)


async def _submitted(due: _Due) -> list[_Case]:
    sql = f"{_CASES} AND submitted_at >= %s AND submitted_at < %s"
    return await database.views(_Case, sql, due.flow, due.union_id, *bounds(due.month))


async def _decided(due: _Due) -> list[_Case]:
    """Only last words: an approval on the way notes its time too."""
    sql = f"{_CASES} AND decided_at >= %s AND decided_at < %s AND status IN (%s, %s)"
    final = (CaseStatus.APPROVED.value, CaseStatus.REJECTED.value)
    return await database.views(_Case, sql, due.flow, due.union_id, *bounds(due.month), *final)


def days_taken(submitted: datetime, decided: datetime) -> int:
    """From coming in to the last word, begun days count; a decision on the same day is one day."""
    return max(1, -(-(decided - submitted) // _DAY))
