"""A whole year computed dry, and what was published, each beside the year before."""

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.grading.chair_results import Figures, GradeCount, ResultLine
from backend.grading.chair_rows import PeriodRow
from backend.grading.chair_views import DryRun
from backend.grading.enums import PeriodState
from backend.grading.queries import rounds as reading
from backend.grading.queries.rounds import Gathered, Standing
from backend.grading.rules import rounds


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody was given the year before."""

    person_index: str
    grade: str
    score: str
    subsidy_fen: int
    figures: Figures


_RESULT = "SELECT candidate_id, figures FROM grading_result"
_BEFORE = (
    "SELECT c.person_index, r.grade, r.score, r.subsidy_fen, r.figures FROM grading_result r"
    " JOIN grading_candidate c ON c.id = r.candidate_id JOIN grading_period p ON p.id = r.period_id"
)


class _Frozen(msgspec.Struct):
    candidate_id: int
    figures: Figures


async def frozen(period_id: int) -> dict[int, Figures]:
    """Candidate → the result as it was written down."""
    found = await database.views(_Frozen, f"{_RESULT} WHERE period_id = %s", period_id)
    return {one.candidate_id: one.figures for one in found}


async def frozen_of(candidate_id: int) -> Figures | None:
    found = await database.view(_Frozen, f"{_RESULT} WHERE candidate_id = %s", candidate_id)
    return found.figures if found else None


async def _before(period: PeriodRow) -> dict[str, Before]:
    found = await database.views(
        Before,
        f"{_BEFORE} WHERE p.union_id = %s AND p.year = %s AND p.state = %s",
        period.union_id,
        period.year - 1,
        PeriodState.PUBLISHED.value,
    )
    return {one.person_index: one for one in found}


async def dry_run(period: str, actor: Actor) -> DryRun:
    """What would be published now, of those of whom nothing is missing; once results are proposed, these."""
    found = await reading.gathered(await reading.managed(period, actor))
    before = await _before(found.period)
    kept = await frozen(found.period.id) if found.period.state != PeriodState.SCORING else {}
    made = {one.row.id: _figures(found, one, kept) for one in found.candidates}
    lines = [
        _line(one, figures, before.get(one.row.person_index))
        for one in found.candidates
        if (figures := made[one.row.id]) is not None
    ]
    return DryRun(
        period=reading.period_view(found.period, len(found.candidates)),
        lines=lines,
        missing=found.missing() if not kept else [],
        withdrawn=found.withdrawn(),
        grades=[
            GradeCount(
                grade=band.grade,
                name=band.name,
                count=sum(line.grade == band.grade for line in lines),
                before=sum(one.grade == band.grade for one in before.values()),
            )
            for band in found.period.rules.bands
        ],
        total_fen=sum(line.subsidy_fen for line in lines),
        before_total_fen=sum(one.subsidy_fen for one in before.values()),
    )


def _figures(found: Gathered, one: Standing, kept: dict[int, Figures]) -> Figures | None:
    if kept:
        return kept.get(one.row.id)
    if not rounds.is_graded(found.period.rules, one.given):
        return None
    return rounds.figures(found.period.rules, one.given)


def _line(one: Standing, figures: Figures, before: Before | None) -> ResultLine:
    if before is None:
        change = "去年没有参加"
    elif before.grade == figures.grade:
        change = "和去年一样"
    else:
        change = f"{before.figures.grade_name} → {figures.grade_name}"
    return ResultLine(
        candidate=ids.public(one.row.id),
        name=one.row.name,
        union_name=one.row.union_name,
        town_name=one.row.town_name,
        score=figures.score,
        grade=figures.grade,
        grade_name=figures.grade_name,
        parts=figures.parts,
        vetoed=figures.veto is not None,
        months=figures.months,
        subsidy_fen=figures.subsidy.total_fen if figures.subsidy else 0,
        withdrawn_on=one.row.withdrawn_on,
        before_grade=before.figures.grade_name if before else "",
        before_score=before.score if before else "",
        change=change,
    )
