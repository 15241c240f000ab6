"""What time does to cases: near their end, past it, and held ones whose day has come. Run by the schedule."""

from datetime import date

from backend.casework import clocks
from backend.casework.commands.hold_transfer import wake
from backend.casework.enums import CaseStatus
from backend.casework.events import CaseNearDue, CaseOverdue
from backend.core import clock, database, outbox, reference
from backend.core.command import command
from backend.core.errors import Conflict

_NEAR, _OVERDUE = "near", "overdue"


async def run(limit: int) -> int:
    """Up to `limit` cases of each sort; the number that was acted on. Fewer than `limit`: nothing is left."""
    return await tell_overdue(limit) + await tell_near(limit) + await wake_held(limit)


@command
async def tell_overdue(limit: int) -> int:
    """Once for each last day that a case has let pass."""
    found = await _due("due_on < %s AND reminded <> %s", clock.today(), _OVERDUE, limit=limit)
    await _mark(found, _OVERDUE)
    for case_id, due in found:
        await outbox.emit(CaseOverdue(case_id), key=f"{case_id}:{due}")
    return len(found)


@command
async def tell_near(limit: int) -> int:
    """Once, when one working day is left."""
    today = clock.today()
    last = clocks.near_limit(reference.calendar(), today)
    found = await _due("due_on >= %s AND due_on <= %s AND reminded = %s", today, last, "", limit=limit)
    await _mark(found, _NEAR)
    for case_id, due in found:
        await outbox.emit(CaseNearDue(case_id), key=f"{case_id}:{due}")
    return len(found)


async def wake_held(limit: int) -> int:
    """Each held case is taken up by a command of its own: one that fails keeps no other asleep."""
    found = await database.rows(
        "SELECT id FROM case_file WHERE status = %s AND held_until <= %s ORDER BY id LIMIT %s",
        CaseStatus.ON_HOLD.value,
        clock.today(),
        limit,
    )
    woken = 0
    for row in found:
        try:
            woken += await wake(row["id"])
        except Conflict:
            continue  # a clerk took it up at the same moment
    return woken


async def _due(condition: str, *values: object, limit: int) -> list[tuple[int, str]]:
    """(case, last day) of undecided cases."""
    found = await database.rows(
        f"SELECT id, due_on FROM case_file WHERE status IN (%s, %s) AND {condition} ORDER BY id LIMIT %s",  # noqa: S608
        CaseStatus.SUBMITTED.value,
        CaseStatus.IN_REVIEW.value,
        *values,
        limit,
    )
    return [(row["id"], _iso(row["due_on"])) for row in found]


def _iso(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


async def _mark(found: list[tuple[int, str]], reminded: str) -> None:
    """No new version: a clerk who has the case open may go on."""
    if found:
        marks = ", ".join(["%s"] * len(found))
        sql = f"UPDATE case_file SET reminded = %s WHERE id IN ({marks})"  # noqa: S608 - placeholders only
        await database.execute(sql, reminded, *(case_id for case_id, _ in found))
