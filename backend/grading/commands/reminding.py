"""Assessors are told that sheets wait for them: once when there are some, and once before the closing day."""

from datetime import timedelta

from backend.core import clock, database, ids
from backend.core.command import command
from backend.grading.chair_rows import PeriodRow
from backend.grading.enums import PeriodState
from backend.grading.queries import rounds as reading
from backend.grading.worker_words import day_text
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient

REMIND_DAYS = 3
PERIODS_AT_ONCE = 20


@command
async def tell_assessors(period_id: int) -> int:
    """One message for all sheets of an assessor, however often it is asked for; how many were told."""
    period = await reading.by_id(period_id)
    if period.state != PeriodState.SCORING:
        return 0
    return await _tell(period, Notice.GRADE_SHEETS, key=ids.public(period.id))


async def remind_assessors() -> int:
    """Whoever has sheets to write in a round that closes within a few days, once for each closing day."""
    today = clock.today()
    due = await database.rows(
        "SELECT id FROM grading_period WHERE state = %s AND closes_on >= %s AND closes_on <= %s ORDER BY id LIMIT %s",
        PeriodState.SCORING.value,
        today,
        today + timedelta(days=REMIND_DAYS),
        PERIODS_AT_ONCE,
    )
    return sum([await _remind(row["id"]) for row in due])


@command
async def _remind(period_id: int) -> int:
    period = await reading.by_id(period_id)
    return await _tell(period, Notice.GRADE_SHEETS_DUE, key=f"{ids.public(period.id)}:{period.closes_on}")


async def _tell(period: PeriodRow, notice: Notice, *, key: str) -> int:
    waiting = (await reading.gathered(period)).waiting()
    until = day_text(period.closes_on) if period.closes_on else ""
    told = 0
    for account_id, count in sorted(waiting.items()):
        told += await notifications.notify(
            notice,
            Audience.HANDLER,
            recipients=[Recipient(account_id=account_id)],
            values={"year": str(period.year), "until": until, "result": "", "count": str(count)},
            key=key,
        )
    return told


@command
async def tell_withdrawn(candidate_id: int) -> None:
    """The candidate, that they are out of the round and why they may ask."""
    row = await reading.by_candidate(candidate_id)
    account_id = await reading.account_of(row)
    if account_id is None or row.withdrawn_on is None:
        return
    await notifications.notify(
        Notice.GRADE_WITHDRAWN,
        Audience.MEMBER,
        recipients=[Recipient(account_id=account_id)],
        values={"year": str(row.year), "until": day_text(row.withdrawn_on), "result": "", "count": ""},
        key=f"{ids.public(row.id)}:{row.withdrawn_on}",
    )
