"""Visits of a plan and the lists of whom to visit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import commands as aid
from backend.aid.visit_enums import Season
from backend.casework.protocols import Approved


async def note_visit(approved: Approved, params: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever was visited is marked on the union's list of that season, where one has them."""
    day = date.fromisoformat(str(approved.act["visited_at"])[:10])
    await aid.note_visit(
        approved.decided_by,
        union_id=approved.target_union_id or approved.desk_union_id or 0,
        season=Season(approved.values["season"]),
        year=date.fromisoformat(approved.values["visit_date"]).year,
        name=str(approved.act["who"]),
        day=day,
    )
    return {}
