"""One's own grades: what one was given and why, and while it is being decided only how far it is."""

from typing import Any

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.documents import queries as documents
from backend.documents.schemas import DocumentView
from backend.grading.chair_results import AppealView, Figures, GradesView, GradeView
from backend.grading.chair_rows import CandidateRow, PeriodRow
from backend.grading.enums import (
    CHAIR_GRADING,
    ENROLLED,
    OBJECTION_TEXT,
    STATUS_TEXT,
    WITHDRAWN,
    BandRule,
    ObjectionState,
)
from backend.grading.enums import PeriodState as State
from backend.grading.queries import results
from backend.grading.queries import rounds as reading
from backend.grading.queries.worker_pages import my_worker_grades
from backend.grading.rules import rounds
from backend.grading.worker_words import day_text

SCHEME_NAME = "非公企业工会主席等级考核"


def certificate_key(candidate_id: int) -> str:
    return f"chair-grade:{candidate_id}"


async def my_grades(actor: Actor) -> GradesView:
    """The latest first. Somebody who never took part has none."""
    return GradesView(items=[*await my_chair_grades(actor), *await my_worker_grades(actor)])


async def my_chair_grades(actor: Actor) -> list[GradeView]:
    rows = await reading.own_candidates(actor)
    papers = await documents.by_keys([certificate_key(row.id) for row in rows])
    return [await _view(row, papers) for row in rows]


async def own_grade(grade: str, actor: Actor) -> tuple[CandidateRow, PeriodRow]:
    """For the commands of the person who was graded; NotFound before there is a result."""
    row = await own_candidate(grade, actor)
    if row.period_id is None:
        raise NotFound()
    return row, await reading.by_id(row.period_id)


async def own_candidate(grade: str, actor: Actor) -> CandidateRow:
    wanted = ids.parse(grade) or 0
    found = next((row for row in await reading.own_candidates(actor) if row.id == wanted), None)
    if found is None:
        raise NotFound()
    return found


async def own_certificate(grade: str, actor: Actor) -> DocumentView:
    row = await own_candidate(grade, actor)
    paper = (await documents.by_keys([certificate_key(row.id)])).get(certificate_key(row.id))
    if paper is None:
        raise NotFound()
    return paper


async def _view(row: CandidateRow, papers: dict[str, DocumentView]) -> GradeView:
    period = await reading.by_id(row.period_id) if row.period_id is not None else None
    shown = period is not None and period.state != State.SCORING
    figures = await results.frozen_of(row.id) if shown else None
    appeal = await _appeal(row, period) if period is not None else None
    status = State(period.state) if period is not None else ENROLLED
    if row.withdrawn_on is not None and figures is None:
        status = WITHDRAWN
    return GradeView(
        id=ids.public(row.id),
        scheme=CHAIR_GRADING,
        scheme_name=SCHEME_NAME,
        period=str(row.year),
        status=status,
        status_text=STATUS_TEXT[status],
        union_name=row.union_name,
        **_of(figures),
        progress=await _progress(row, period) if figures is None else [],
        objections_until=period.objections_until if period is not None and shown else None,
        may_appeal=appeal is None and figures is not None and period is not None and may_appeal(period),
        appeal=appeal,
        certificate=f"/me/grades/{ids.public(row.id)}/certificate" if certificate_key(row.id) in papers else "",
        case_number=row.case_number,
    )


def may_appeal(period: PeriodRow) -> bool:
    return period.state == State.PROPOSED and not reading.window_over(period, clock.today())


def _of(figures: Figures | None) -> dict[str, Any]:
    if figures is None:
        nothing = dict.fromkeys(("grade", "grade_name", "score", "rule", "source"), "")
        return nothing | {"parts": [], "veto": None, "subsidy": None, "next": None, "explanation": []}
    return {
        "grade": figures.grade,
        "grade_name": figures.grade_name,
        "score": figures.score,
        "parts": figures.parts,
        "veto": figures.veto,
        "subsidy": figures.subsidy,
        "next": figures.next,
        "explanation": figures.explanation,
        "rule": rounds.RULE_TEXT[BandRule(figures.band_rule)],
        "source": f"{figures.source}，{figures.since.isoformat()} 起施行",
    }


async def _progress(row: CandidateRow, period: PeriodRow | None) -> list[str]:
    """Who is done, in numbers: never a score."""
    given = f"自评 {row.self_score} 分" if row.self_score is not None else "没有自评"
    if row.withdrawn_on is not None:
        return [f"{day_text(row.withdrawn_on)}离任，已经退出这一轮考核：{row.withdrawn_reason}"]
    if period is None:
        return [given, "考核轮次还没有开始"]
    found = await reading.gathered(period)
    one = next(each for each in found.candidates if each.row.id == row.id)
    done = len(found.panelists) - len(rounds.waiting_for(one.given))
    town = "乡镇已评" if one.given.town is not None else "乡镇还没有评"
    return [given, town, f"评审组 {done} / {len(found.panelists)}"]


async def _appeal(row: CandidateRow, period: PeriodRow) -> AppealView | None:
    """That of this round."""
    found = await database.rows(
        "SELECT text, state, reply FROM grading_objection WHERE candidate_id = %s AND round = %s", row.id, period.round
    )
    if not found:
        return None
    state = ObjectionState(found[0]["state"])
    return AppealView(
        text=found[0]["text"], state=state.value, state_text=OBJECTION_TEXT[state], reply=found[0]["reply"]
    )
