"""What rules ask about a person's cases. Each is read by the index on the person and stops at a few rows."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import msgspec

from backend.casework.enums import OPEN, CaseStatus
from backend.casework.queries.acts import acts_of
from backend.core import clock, database

_MOST = 200


class PersonCases(msgspec.Struct, frozen=True, kw_only=True):
    """Whose cases: by the identity number in the form, or by the applicant's own record. `but` is left out."""

    index: str | None
    member_id: int | None
    but: int | None

    @property
    def condition(self) -> tuple[str, list[Any]] | None:
        if self.index is not None:
            return "id_no_index = %s AND id <> %s", [self.index, self.but or 0]
        if self.member_id is not None:
            return "member_id = %s AND id <> %s", [self.member_id, self.but or 0]
        return None


async def _rows(columns: str, who: PersonCases, flow: str, states: Collection[CaseStatus]) -> list[dict[str, Any]]:
    if who.condition is None:
        return []
    condition, values = who.condition
    marks = ", ".join(["%s"] * len(states))
    return await database.rows(
        f"SELECT {columns} FROM case_file WHERE {condition} AND flow = %s AND status IN ({marks}) LIMIT {_MOST}",  # noqa: S608
        *values,
        flow,
        *(state.value for state in states),
    )


async def running(who: PersonCases, flow: str) -> int:
    return len(await _rows("id", who, flow, OPEN))


async def approved_on(who: PersonCases, flow: str) -> Sequence[date]:
    """The days on which cases of this service were approved."""
    found = await _rows("decided_at", who, flow, (CaseStatus.APPROVED,))
    return [clock.local(database.aware(row["decided_at"])).date() for row in found if row["decided_at"]]


async def running_forms(who: PersonCases, flow: str) -> list[dict[str, Any]]:
    """What the running ones hold, without what is sensitive."""
    return [msgspec.json.decode(row["form"]) for row in await _rows("form", who, flow, OPEN)]


async def approved_forms(who: PersonCases, flow: str) -> list[dict[str, Any]]:
    """What the approved ones hold, without what is sensitive."""
    found = await _rows("form", who, flow, (CaseStatus.APPROVED,))
    return [msgspec.json.decode(row["form"]) for row in found]


async def forms_of(case_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What these cases hold, without what is sensitive."""
    if not case_ids:
        return {}
    marks = ", ".join(["%s"] * len(case_ids))
    sql = f"SELECT id, form FROM case_file WHERE id IN ({marks})"  # noqa: S608 - placeholders only
    return {row["id"]: msgspec.json.decode(row["form"]) for row in await database.rows(sql, *case_ids)}


async def holds_invoice(numbers: Collection[str], *, but: int | None) -> bool:
    """Whether another case counts on one of these invoices."""
    if not numbers:
        return False
    marks = ", ".join(["%s"] * len(numbers))
    sql = f"SELECT id FROM case_invoice WHERE number IN ({marks}) AND case_id <> %s LIMIT 1"  # noqa: S608
    return await database.scalar(sql, *numbers, but or 0) is not None


async def last_act(case_id: int, action: str) -> dict[str, Any] | None:
    """What the last act of this name wrote down."""
    found = [row for row in await acts_of(case_id) if row.action == action]
    return found[-1].content.values if found else None


async def last_said(case_id: int, action: str, field: str) -> Any:
    """What the last act of this name wrote into a field; names in flow files may have hyphens or underscores."""
    for row in reversed(await acts_of(case_id)):
        if row.action.replace("-", "_") == action.replace("-", "_"):
            return row.content.values.get(field)
    return None
