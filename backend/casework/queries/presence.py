"""Colleagues who have a case open, for the page of the case and the lines of the queue."""

from datetime import datetime

import msgspec

from backend.casework import rules
from backend.casework.queries import records
from backend.casework.schemas import PresenceView, QueueRow
from backend.core import clock, database
from backend.core.actor import Actor


class _Row(msgspec.Struct, kw_only=True):
    display: str
    opened_at: datetime


async def of_case(case_id: int, actor: Actor) -> list[PresenceView]:
    """Others than the actor, whoever opened it first."""
    found = await database.views(
        _Row,
        "SELECT display, opened_at FROM case_presence WHERE case_id = %s AND account_id <> %s AND seen_at > %s"
        " ORDER BY opened_at, id",
        case_id,
        actor.account_id,
        clock.now() - rules.PRESENT,
    )
    return [PresenceView(who=row.display, since=clock.iso(row.opened_at) or "") for row in found]


async def present_at(number: str, actor: Actor) -> list[PresenceView]:
    return await of_case((await records.record(number, actor)).id, actor)


async def mark(rows: list[QueueRow], actor: Actor) -> list[QueueRow]:
    """The lines with the name of a colleague who has the case open; one query for all of them."""
    if not rows:
        return rows
    marks = ", ".join(["%s"] * len(rows))
    found = await database.rows(
        "SELECT c.number, p.display FROM case_file c JOIN case_presence p ON p.case_id = c.id"  # noqa: S608
        f" WHERE c.number IN ({marks}) AND p.account_id <> %s AND p.seen_at > %s ORDER BY p.opened_at DESC",
        *(row.number for row in rows),
        actor.account_id,
        clock.now() - rules.PRESENT,
    )
    names = {row["number"]: row["display"] for row in found}
    for row in rows:
        row.open_by = names.get(row.number, "")
    return rows
