"""What time does to cases: near their end, past it, and held ones whose day has come. Run by the schedule."""

from datetime import date

import msgspec

from backend.casework import clocks
from backend.casework.commands.hold_transfer import wake
from backend.casework.enums import OPEN, CaseStatus, QuestionState
from backend.casework.events import CaseNearDue, CaseOverdue, QuestionOverdue
from backend.core import clock, database, outbox, reference
from backend.core.command import command
from backend.core.errors import Conflict

_NEAR, _OVERDUE = "near", "overdue"


async def run(limit: int) -> int:
    """Up to `limit` cases of each sort; the number that was acted on. Fewer than `limit`: nothing is left."""
    told = await tell_overdue(limit) + await tell_near(limit) + await tell_unanswered(limit)
    return told + await wake_held(limit)


@command
async def tell_overdue(limit: int) -> int:
    """Once for each last day that a case has let pass."""
    found = await _due("next_due_on < %s AND reminded <> %s", clock.today(), _OVERDUE, limit=limit)
    await _mark(found, _OVERDUE)
    for one in found:
        event = CaseOverdue(one.id, one.next_due_on, one.desk_union_id, one.desk_role)
        await outbox.emit(event, key=one.key)
    return len(found)


@command
async def tell_near(limit: int) -> int:
    """Once, when one working day is left."""
    today = clock.today()
    last = clocks.near_limit(reference.calendar(), today)
    found = await _due("next_due_on >= %s AND next_due_on <= %s AND reminded = %s", today, last, "", limit=limit)
    await _mark(found, _NEAR)
    for one in found:
        event = CaseNearDue(one.id, one.next_due_on, one.desk_union_id, one.desk_role)
        await outbox.emit(event, key=one.key)
    return len(found)


class _Unanswered(msgspec.Struct):
    id: int
    case_id: int
    union_id: int
    role: str
    due_on: date
    asked_by: int
    asker_label: str


@command
async def tell_unanswered(limit: int) -> int:
    """Once, when the day has passed on which another desk should have said its opinion."""
    found = await database.views(
        _Unanswered,
        "SELECT id, case_id, union_id, role, due_on, asked_by, asker_label FROM case_question"
        " WHERE state = %s AND reminded = %s AND due_on < %s ORDER BY due_on LIMIT %s",
        QuestionState.OPEN.value,
        False,
        clock.today(),
        limit,
    )
    for one in found:
        await database.execute("UPDATE case_question SET reminded = %s WHERE id = %s", True, one.id)
        event = QuestionOverdue(
            case_id=one.case_id,
            question_id=one.id,
            union_id=one.union_id,
            role=one.role,
            due_on=one.due_on,
            by=one.asker_label,
            asker_id=one.asked_by,
        )
        await outbox.emit(event, key=str(one.id))
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


class _Due(msgspec.Struct):
    id: int
    next_due_on: date
    desk_union_id: int
    desk_role: str

    @property
    def key(self) -> str:
        return f"{self.id}:{self.next_due_on.isoformat()}"


async def _due(condition: str, *values: object, limit: int) -> list[_Due]:
    """Open cases by their next last day. While a case waits it has one only by a clock that never stops."""
    marks = ", ".join(["%s"] * len(OPEN))
    return await database.views(
        _Due,
        "SELECT id, next_due_on, desk_union_id, desk_role FROM case_file"  # noqa: S608 - conditions from code only
        f" WHERE status IN ({marks}) AND {condition} ORDER BY id LIMIT %s",
        *(status.value for status in OPEN),
        *values,
        limit,
    )


async def _mark(found: list[_Due], reminded: str) -> None:
    """No new version: a clerk who has the case open may go on."""
    if found:
        marks = ", ".join(["%s"] * len(found))
        sql = f"UPDATE case_file SET reminded = %s WHERE id IN ({marks})"  # noqa: S608 - placeholders only
        await database.execute(sql, reminded, *(one.id for one in found))
