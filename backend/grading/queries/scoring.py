"""One's own sheets. Whoever is no assessor of a candidate does not find them, and nobody finds another's sheet."""

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.grading.chair_rows import CandidateRow, PeriodRow, SheetRow
from backend.grading.chair_views import ItemView, PeriodView, SheetView
from backend.grading.enums import ASSESSOR_TEXT, Assessor, PeriodState, SheetState
from backend.grading.queries import rounds as reading

_OWN = (
    "SELECT DISTINCT c.period_id FROM grading_candidate c LEFT JOIN grading_panelist g ON g.period_id = c.period_id"
    " AND g.account_id = %s WHERE c.period_id IS NOT NULL AND (c.town_account_id = %s OR g.id IS NOT NULL)"
)


_WAITING = (
    "SELECT COUNT(*) FROM grading_period p JOIN grading_candidate c ON c.period_id = p.id"
    " LEFT JOIN grading_panelist g ON g.period_id = p.id AND g.account_id = %s"
    " LEFT JOIN grading_sheet s ON s.candidate_id = c.id AND s.account_id = %s AND s.state <> %s"
    " WHERE p.state = %s AND c.withdrawn_on IS NULL AND s.id IS NULL AND (c.town_account_id = %s OR g.id IS NOT NULL)"
)


class Own(msgspec.Struct, frozen=True):
    """A candidate whom the actor assesses, and as whom."""

    period: PeriodRow
    row: CandidateRow
    assessor: Assessor
    sheet: SheetRow | None


async def own_periods(actor: Actor) -> list[PeriodView]:
    """Where the actor scores; each with how many they have to."""
    found = await database.rows(f"{_OWN} ORDER BY c.period_id DESC LIMIT 20", actor.account_id, actor.account_id)
    shown = []
    for one in found:
        period = await reading.by_id(one["period_id"])
        shown.append(reading.period_view(period, len(await _own(period, actor))))
    return shown


async def waiting_sheets(actor: Actor) -> int:
    """How many sheets the actor has still to write, in all rounds that are being scored."""
    if not actor.can(reading.SCORE):
        return 0
    return await database.scalar(
        _WAITING,
        actor.account_id,
        actor.account_id,
        SheetState.REPLACED.value,
        PeriodState.SCORING.value,
        actor.account_id,
    )


async def own_sheets(period: str, actor: Actor) -> list[SheetView]:
    """All whom the actor has to score in a period, by township."""
    found = await reading.by_id(ids.parse(period) or 0)
    own = await _own(found, actor)
    if not own:
        raise NotFound()
    return [_view(one) for one in own]


async def own_sheet(period: str, candidate: str, actor: Actor) -> SheetView:
    return _view(await assessed(period, candidate, actor))


async def assessed(period: str, candidate: str, actor: Actor) -> Own:
    """For the commands of an assessor."""
    found = await reading.by_id(ids.parse(period) or 0)
    row = await reading.candidate_in(found.id, candidate)
    assessor = _role(row, actor, await reading.panelists_of(found.id))
    if assessor is None:
        raise NotFound()
    return Own(found, row, assessor, await reading.own_sheet(row.id, actor))


def _role(row: CandidateRow, actor: Actor, panelists: list[int]) -> Assessor | None:
    if actor.account_id == row.town_account_id:
        return Assessor.TOWN
    return Assessor.PANEL if actor.account_id in panelists else None


async def _own(period: PeriodRow, actor: Actor) -> list[Own]:
    panelists = await reading.panelists_of(period.id)
    sheets = {one.candidate_id: one for one in await reading.sheets_of(period.id) if one.account_id == actor.account_id}
    rows = await reading.candidates_of(period.id)
    return [
        Own(period, row, assessor, sheets.get(row.id))
        for row in rows
        if (assessor := _role(row, actor, panelists)) is not None
    ]


def _view(own: Own) -> SheetView:
    sheet = own.sheet if own.sheet and own.sheet.assessor is own.assessor else None
    given = sheet.scores if sheet else {}
    state = sheet.state.value if sheet and sheet.state is not SheetState.REPLACED else ""
    withdrawn = own.row.withdrawn_on is not None
    may_score = own.period.state == PeriodState.SCORING and not withdrawn
    return SheetView(
        candidate=ids.public(own.row.id),
        name=own.row.name,
        union_name=own.row.union_name,
        town_name=own.row.town_name,
        assessor=own.assessor.value,
        assessor_text=ASSESSOR_TEXT[own.assessor],
        state=state,
        reason=sheet.reason if sheet else "",
        items=[
            ItemView(key=item.key, name=item.name, most=f"{item.most:f}", part=part.name, given=given.get(item.key, ""))
            for part in own.period.rules.parts
            for item in part.items
        ],
        total=sheet.total if sheet else "",
        case_number=own.row.case_number,
        may_score=may_score,
        withdrawn=withdrawn,
        waits=may_score and not state,
    )
