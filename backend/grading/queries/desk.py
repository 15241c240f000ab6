"""Appraisals as those who manage them see them: who is done, never what somebody gave."""

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.grading.chair_views import (
    CandidateView,
    MissingLine,
    ObjectionView,
    PanelistView,
    PeriodProgress,
    PeriodView,
    SheetMark,
    TownProgress,
)
from backend.grading.enums import OBJECTION_TEXT, Assessor, ObjectionState, SheetState
from backend.grading.queries import rounds as reading
from backend.grading.queries.rounds import Gathered, Standing
from backend.grading.rules import chairs, rounds
from backend.unions import queries as unions
from backend.unions import roles

SHEET_TEXT = {
    SheetState.SCORED: "已评分",
    SheetState.RECUSED: "回避",
    SheetState.ABSENT: "缺席",
    SheetState.REPLACED: "已换人",
}
_WAITING = "没有评分"
_MANY = "SELECT period_id, COUNT(*) AS many FROM grading_candidate"
_UNPLACED = (
    "SELECT c.id, c.name, t.name AS town_name, c.year FROM grading_candidate c JOIN union_org u"
    " ON u.id = c.union_id JOIN union_org t ON t.id = c.town_union_id"
)


async def periods(actor: Actor) -> list[PeriodView]:
    """Those that the actor manages, the latest year first."""
    found = await reading.managed_periods(actor)
    marks = ", ".join(["%s"] * len(found)) or "0"
    counts = await database.rows(
        f"{_MANY} WHERE period_id IN ({marks}) GROUP BY period_id",
        *(one.id for one in found),
    )
    many = {row["period_id"]: row["many"] for row in counts}
    return [reading.period_view(one, many.get(one.id, 0)) for one in found]


async def period(period: str, actor: Actor) -> PeriodProgress:
    found = await reading.gathered(await reading.managed(period, actor))
    return PeriodProgress(
        period=reading.period_view(found.period, len(found.candidates)),
        towns=_towns(found),
        panel=_panel(found),
        missing=found.missing(),
        withdrawn=found.withdrawn(),
        objections=await objections(found.period.id),
    )


def _towns(found: Gathered) -> list[TownProgress]:
    towns: dict[int, TownProgress] = {}
    for one in found.active:
        town = towns.setdefault(
            one.row.town_union_id,
            TownProgress(
                id=ids.public(one.row.town_union_id),
                name=one.row.town_name,
                candidates=0,
                town_done=0,
                panel_done=0,
                panel_wanted=0,
                assessor=found.names.get(one.row.town_account_id or 0, ""),
            ),
        )
        waiting = len(rounds.waiting_for(one.given))
        town.candidates += 1
        town.town_done += one.given.town is not None
        town.panel_wanted += len(found.panelists)
        town.panel_done += len(found.panelists) - waiting
    return list(towns.values())


def _panel(found: Gathered) -> list[PanelistView]:
    waiting = [account for one in found.active for account in rounds.waiting_for(one.given)]
    total = len(found.active)
    return [
        PanelistView(
            id=ids.public(account),
            name=found.names.get(account, ""),
            done=total - waiting.count(account),
            wanted=total,
        )
        for account in found.panelists
    ]


class _ObjectionRow(msgspec.Struct, kw_only=True):
    id: int
    candidate_id: int
    name: str
    text: str
    state: ObjectionState
    reply: str
    raised_at: object
    replied_at: object | None


async def objections(period_id: int) -> list[ObjectionView]:
    found = await database.views(
        _ObjectionRow,
        "SELECT o.id, o.candidate_id, c.name, o.text, o.state, o.reply, o.raised_at, o.replied_at"
        " FROM grading_objection o JOIN grading_candidate c ON c.id = o.candidate_id WHERE o.period_id = %s"
        " ORDER BY o.id DESC",
        period_id,
    )
    return [
        ObjectionView(
            id=ids.public(one.id),
            candidate=ids.public(one.candidate_id),
            name=one.name,
            text=one.text,
            state=one.state.value,
            state_text=OBJECTION_TEXT[one.state],
            reply=one.reply,
            raised_at=clock.iso(database.aware(one.raised_at)) or "",
            replied_at=clock.iso(database.aware(one.replied_at)) if one.replied_at else None,
        )
        for one in found
    ]


async def candidates(period: str, actor: Actor) -> list[CandidateView]:
    found = await reading.gathered(await reading.managed(period, actor))
    return [_view(found, one) for one in found.candidates]


async def candidate(period: str, candidate: str, actor: Actor) -> CandidateView:
    found = await reading.gathered(await reading.managed(period, actor))
    row = await reading.candidate_in(found.period.id, candidate)
    return next(_view(found, one) for one in found.candidates if one.row.id == row.id)


def _view(found: Gathered, one: Standing) -> CandidateView:
    row, version = one.row, found.period.rules
    veto = version.veto(row.veto) if row.veto else None
    return CandidateView(
        id=ids.public(row.id),
        name=row.name,
        union_name=row.union_name,
        town=ids.public(row.town_union_id),
        town_name=row.town_name,
        case_number=row.case_number,
        post=row.post,
        since=row.since,
        until=row.until,
        months=chairs.subsidy_months(version, row.year, one.given.since, one.given.until),
        self_score=row.self_score,
        town_assessor=ids.public(row.town_account_id) if row.town_account_id else "",
        town_assessor_name=found.names.get(row.town_account_id or 0, ""),
        veto=row.veto,
        veto_name=veto.name if veto else "",
        veto_reason=row.veto_reason,
        withdrawn_on=row.withdrawn_on,
        withdrawn_reason=row.withdrawn_reason,
        graded=rounds.is_graded(version, one.given),
        missing=rounds.missing(version, one.given, found.names) if row.withdrawn_on is None else [],
        sheets=_marks(found, one),
    )


def _marks(found: Gathered, one: Standing) -> list[SheetMark]:
    """Of the township first, then of the panel; whoever has no sheet yet is listed as well."""
    known = {sheet.account_id: sheet for sheet in one.sheets}
    wanted = [(Assessor.TOWN, one.row.town_account_id or 0)] if one.row.town_account_id else []
    wanted += [(Assessor.PANEL, account) for account in found.panelists if account != one.row.town_account_id]
    lines = []
    for assessor, account in wanted:
        sheet = known.get(account)
        lines.append(
            SheetMark(
                assessor=assessor.value,
                account=ids.public(account),
                name=found.names.get(account, ""),
                state=SHEET_TEXT[sheet.state] if sheet else _WAITING,
                reason=sheet.reason if sheet else "",
            )
        )
    return lines


class _Unplaced(msgspec.Struct, kw_only=True):
    id: int
    name: str
    town_name: str
    year: int


async def unplaced(actor: Actor) -> list[MissingLine]:
    """Chairs whose application was approved and whose year has no period yet."""
    condition, values = unions.visible_to(actor, reading.MANAGE)
    found = await database.views(
        _Unplaced,
        f"{_UNPLACED} WHERE {condition} AND c.period_id IS NULL ORDER BY c.year DESC, c.id LIMIT %s",
        *values,
        100,
    )
    return [
        MissingLine(
            candidate=ids.public(one.id), name=one.name, town=one.town_name, what=f"{one.year} 年度还没有开轮次"
        )
        for one in found
    ]


class Assessors(msgspec.Struct, kw_only=True):
    """Somebody who may score, and where."""

    id: int
    display: str
    union_id: int
    union_name: str


_ASSESSORS = (
    "SELECT DISTINCT a.id, a.display, p.union_id, u.name AS union_name FROM staff_post p"
    " JOIN account a ON a.id = p.account_id JOIN union_org u ON u.id = p.union_id"
)


async def assessors_below(path: str) -> list[Assessors]:
    """Staff who may score, at the union of this path and below."""
    condition, values = unions.within(path)
    scoring = [code for code, role in roles.catalogue().roles.items() if reading.SCORE in role.permissions]
    marks = ", ".join(["%s"] * len(scoring))
    return await database.views(
        Assessors,
        f"{_ASSESSORS} WHERE {condition} AND p.role IN ({marks}) AND p.standing IS NOT NULL AND p.suspended = %s"
        " AND a.state = 'active' ORDER BY u.path, a.id LIMIT %s",
        *values,
        *scoring,
        False,
        500,
    )


async def assessors_for(period: str, actor: Actor) -> list[Assessors]:
    """Who may be an assessor of a period that the actor manages."""
    return await assessors_below((await reading.managed(period, actor)).path)


async def vetoes_of(period: str, actor: Actor) -> dict[str, str]:
    """The vetoes of a period's scheme."""
    return {one.key: one.name for one in (await reading.managed(period, actor)).rules.vetoes}
