"""Until when, and by whom, a refusal can be taken back."""

from datetime import date, datetime, timedelta

from backend.casework import rules
from backend.casework.enums import CaseStatus
from backend.casework.queries import records
from backend.casework.queries.records import CaseRecord
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import queries as unions


def last_day(days: int, decided_at: datetime | None) -> date | None:
    """None for a service that takes no refusal back."""
    if days == 0 or decided_at is None:
        return None
    return clock.local(decided_at).date() + timedelta(days=days)


async def may_reopen(case: CaseRecord, actor: Actor) -> bool:
    """No query for a case that was not refused."""
    last = last_day(case.spec.reopen_days, case.decided_at)
    if case.status != CaseStatus.REJECTED or last is None or clock.today() > last:
        return False
    desk = await unions.place(case.desk_union_id or 0)
    post = rules.reopening_post(actor, case.standing, desk.path if desk else "")
    return post is not None and not rules.is_recused(actor, case.standing)


async def refused_case(number: str, actor: Actor) -> CaseRecord:
    """The case, for the page on which it is reopened; for anybody who may not, there is no such page."""
    case = await records.record(number, actor)
    if not await may_reopen(case, actor):
        raise NotFound("case_not_found")
    return case
