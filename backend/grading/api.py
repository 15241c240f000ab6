"""JSON doors of appraisals: one's own grades, one's own sheets, and the desk that runs a year."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.grading import commands, queries
from backend.grading.chair_inputs import (
    AbsenceInput,
    AppealInput,
    ClosingInput,
    NewPeriod,
    PanelInput,
    PostInput,
    RecusalInput,
    ReplyInput,
    SheetInput,
    TownInput,
    VetoInput,
    WithdrawalInput,
)
from backend.grading.chair_results import GradesView
from backend.grading.chair_views import (
    CandidateView,
    DryRun,
    PeriodProgress,
    PeriodsView,
    PeriodView,
    SheetView,
    SubsidiesMade,
)
from backend.web.access import PERSON, CurrentActor, may

_MANAGE, _SCORE = may("grading.manage"), may("grading.score")


@get("/me/grades", opt=PERSON)
async def list_own_grades(actor: CurrentActor) -> GradesView:
    """My grades, the latest first: grade, parts with weight, score and points, rule and source, veto, subsidy and
    what is missing for the next grade. Before results are shown only how far they are."""
    return await queries.my_grades(actor)


@post("/me/grades/{grade:str}/appeals", opt=PERSON, status_code=201)
async def appeal(grade: FromPath[str], data: JSONBody[AppealInput], actor: CurrentActor) -> GradesView:
    """Object to my proposed result. 409 `grading_appeal_closed` outside the window, `grading_appealed_already`."""
    await commands.appeal(actor, grade=grade, data=data)
    return await queries.my_grades(actor)


@get("/desk/grading", opt=_MANAGE)
async def list_periods(actor: CurrentActor) -> PeriodsView:
    return PeriodsView(items=await queries.periods(actor))


@post("/desk/grading", opt=_MANAGE, status_code=201)
async def open_period(data: JSONBody[NewPeriod], actor: CurrentActor) -> PeriodProgress:
    """Open a year's appraisal; 409 `grading_period_exists`."""
    return await queries.period(await commands.open_period(actor, data=data), actor)


@get("/desk/grading/{appraisal:str}", opt=_MANAGE)
async def show_period(appraisal: FromPath[str], actor: CurrentActor) -> PeriodProgress:
    """Progress by township, who of the panel is done, everything that is missing, and objections."""
    return await queries.period(appraisal, actor)


@get("/desk/grading/{appraisal:str}/candidates", opt=_MANAGE)
async def list_candidates(appraisal: FromPath[str], actor: CurrentActor) -> list[CandidateView]:
    return await queries.candidates(appraisal, actor)


@get("/desk/grading/{appraisal:str}/sheets", opt=_SCORE)
async def list_own_sheets(appraisal: FromPath[str], actor: CurrentActor) -> list[SheetView]:
    """My own sheets and nobody else's."""
    return await queries.own_sheets(appraisal, actor)


@post("/desk/grading/{appraisal:str}/sheets", opt=_SCORE, status_code=201)
async def score(appraisal: FromPath[str], data: JSONBody[SheetInput], actor: CurrentActor) -> SheetView:
    """Save my sheet for a candidate; again replaces it. 422 names every item that is missing or out of its range."""
    return await commands.score(actor, period=appraisal, data=data)


@post("/desk/grading/{appraisal:str}/recusals", opt=_SCORE, status_code=201)
async def recuse(appraisal: FromPath[str], data: JSONBody[RecusalInput], actor: CurrentActor) -> SheetView:
    return await commands.recuse(actor, period=appraisal, data=data)


@post("/desk/grading/{appraisal:str}/panel", opt=_MANAGE, status_code=200)
async def set_panel(appraisal: FromPath[str], data: JSONBody[PanelInput], actor: CurrentActor) -> PeriodProgress:
    await commands.set_panel(actor, period=appraisal, data=data)
    return await queries.period(appraisal, actor)


@post("/desk/grading/{appraisal:str}/town-assessors", opt=_MANAGE, status_code=200)
async def set_town_assessor(appraisal: FromPath[str], data: JSONBody[TownInput], actor: CurrentActor) -> PeriodProgress:
    await commands.set_town_assessor(actor, period=appraisal, data=data)
    return await queries.period(appraisal, actor)


@post("/desk/grading/{appraisal:str}/absences", opt=_MANAGE, status_code=200)
async def mark_absent(appraisal: FromPath[str], data: JSONBody[AbsenceInput], actor: CurrentActor) -> PeriodProgress:
    """Somebody of the panel will not score, or a self-assessment will not come; with a reason."""
    await commands.mark_absent(actor, period=appraisal, data=data)
    return await queries.period(appraisal, actor)


@post("/desk/grading/{appraisal:str}/vetoes", opt=_MANAGE, status_code=200)
async def set_veto(appraisal: FromPath[str], data: JSONBody[VetoInput], actor: CurrentActor) -> list[CandidateView]:
    await commands.set_veto(actor, period=appraisal, data=data)
    return await queries.candidates(appraisal, actor)


@post("/desk/grading/{appraisal:str}/times", opt=_MANAGE, status_code=200)
async def set_time_in_post(
    appraisal: FromPath[str], data: JSONBody[PostInput], actor: CurrentActor
) -> list[CandidateView]:
    await commands.set_time_in_post(actor, period=appraisal, data=data)
    return await queries.candidates(appraisal, actor)


@post("/desk/grading/{appraisal:str}/withdrawals", opt=_MANAGE, status_code=200)
async def withdraw(
    appraisal: FromPath[str], data: JSONBody[WithdrawalInput], actor: CurrentActor
) -> list[CandidateView]:
    """Take somebody out of the round who left the post, with `on`, the last day in it, and the reason; without `on`
    take that back. 409 `grading_published_already`."""
    await commands.withdraw(actor, period=appraisal, data=data)
    return await queries.candidates(appraisal, actor)


@post("/desk/grading/{appraisal:str}/closing-day", opt=_MANAGE, status_code=200)
async def set_closing_day(
    appraisal: FromPath[str], data: JSONBody[ClosingInput], actor: CurrentActor
) -> PeriodProgress:
    """Until when sheets should be there; assessors are reminded before it."""
    await commands.set_closing_day(actor, period=appraisal, data=data)
    return await queries.period(appraisal, actor)


@get("/desk/grading/{appraisal:str}/dry-run", opt=_MANAGE)
async def dry_run(appraisal: FromPath[str], actor: CurrentActor) -> DryRun:
    """The whole year as it would be published now, beside the year before."""
    return await queries.dry_run(appraisal, actor)


@post("/desk/grading/{appraisal:str}/publish", opt=_MANAGE, status_code=200)
async def publish(appraisal: FromPath[str], actor: CurrentActor) -> PeriodView:
    """Show the results for objections, and after that window publish them. 409 `grading_missing` lists under
    `missing` who has not scored, `grading_window_open` says until when objections may be raised."""
    return await commands.publish(actor, period=appraisal)


@post("/desk/grading/{appraisal:str}/appeals/{appeal:str}/reply", opt=_MANAGE, status_code=200)
async def reply(
    appraisal: FromPath[str], appeal: FromPath[str], data: JSONBody[ReplyInput], actor: CurrentActor
) -> PeriodProgress:
    await commands.reply(actor, period=appraisal, objection=appeal, data=data)
    return await queries.period(appraisal, actor)


@post("/desk/grading/{appraisal:str}/subsidies", opt=_MANAGE, status_code=200)
async def record_subsidies(appraisal: FromPath[str], actor: CurrentActor) -> SubsidiesMade:
    """Write down what is due to whom, once a person and year."""
    return await commands.record_subsidies(actor, period=appraisal)


routes = [
    list_own_grades,
    appeal,
    list_periods,
    open_period,
    show_period,
    list_candidates,
    list_own_sheets,
    score,
    recuse,
    set_panel,
    set_town_assessor,
    mark_absent,
    set_veto,
    set_time_in_post,
    withdraw,
    set_closing_day,
    dry_run,
    publish,
    reply,
    record_subsidies,
]
