"""Desk pages of those who run an appraisal: the year, its candidates, a dry run, and the list for print."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.grading import commands, queries, scheme_files
from backend.grading.chair_inputs import (
    AbsenceInput,
    ClosingInput,
    NewPeriod,
    PanelInput,
    PostInput,
    ReplyInput,
    TownInput,
    VetoInput,
    WithdrawalInput,
)
from backend.grading.enums import ASSESSOR_TEXT, Assessor
from backend.grading.rules.rounds import RULE_TEXT
from backend.unions import queries as unions
from backend.web.access import CurrentActor, may
from backend.web.form_pages import Choice, again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_MANAGE, _SCORE = may("grading.manage"), may("grading.score")
_NOTICES = {
    "opened": "考核轮次已经开好。",
    "panel": "评审组已经保存。",
    "town": "乡镇评价人已经指定。",
    "absent": "已经登记缺席。",
    "proposed": "结果已经公示，参加考核的人可以申诉。",
    "published": "结果已经正式通报。",
    "subsidies": "补贴已经列入待付，再点一次也不会重复。",
    "reply": "申诉已经答复。",
    "veto": "一票否决已经登记。",
    "times": "任职时间已经更正。",
    "withdrawn": "已经退出这一轮考核，评过的分还在。",
    "returned": "退出已经撤销，评分接着等。",
    "closing": "截止日期已经改好，到期前会提醒没评完的人。",
}


@get("/grading", opt=_SCORE)
async def list_periods(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _periods_page(request, actor)


@post("/grading", opt=_MANAGE)
async def open_period(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        made = await commands.open_period(actor, data=form_struct(form, NewPeriod))
    except NotFound:
        raise
    except AppError as error:
        return await _periods_page(request, actor, form=form, error=error)
    return redirect(f"/desk/grading/{made}?done=opened")


async def _periods_page(
    request: AnyRequest, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    manages = actor.can("grading.manage")
    places = await unions.choices_in_scope(actor, "grading.manage") if manages else []
    return page(
        request,
        "desk/grading/periods.html",
        title="等级考核",
        tab="grading",
        status=status_of(error),
        manages=manages,
        periods=await queries.periods(actor) if manages else [],
        own=await queries.own_periods(actor),
        unplaced=await queries.unplaced(actor) if manages else [],
        unions=[Choice(value=one.id, label=one.name, selected=one is places[0]) for one in places],
        this_year=clock.today().year,
        **again(form, error),
    )


@get("/grading/scheme", opt=_MANAGE)
async def show_scheme(request: AnyRequest) -> Response[str]:
    scheme = scheme_files.current().chairs
    return page(
        request,
        "desk/grading/scheme.html",
        title=scheme.name,
        tab="grading",
        versions=list(reversed(scheme.versions)),
        today=clock.today(),
        assessors=[(ASSESSOR_TEXT[one], one.value) for one in Assessor],
        rules=RULE_TEXT,
    )


@get("/grading/{appraisal:str}", opt=_MANAGE)
async def show_period(
    request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor, done: FromQuery[str] = ""
) -> Response[str]:
    return await _period_page(request, appraisal, actor, done=done)


@post("/grading/{appraisal:str}/panel", opt=_MANAGE)
async def set_panel(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.set_panel(actor, period=appraisal, data=form_struct(form, PanelInput))
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, form=form, error=error)
    return redirect(f"/desk/grading/{appraisal}?done=panel")


@post("/grading/{appraisal:str}/town-assessor", opt=_MANAGE)
async def set_town_assessor(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.set_town_assessor(actor, period=appraisal, data=form_struct(form, TownInput))
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, form=form, error=error)
    return redirect(f"/desk/grading/{appraisal}?done=town")


@post("/grading/{appraisal:str}/absence", opt=_MANAGE)
async def mark_absent(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.mark_absent(actor, period=appraisal, data=form_struct(form, AbsenceInput))
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, form=form, error=error)
    return redirect(f"/desk/grading/{appraisal}?done=absent")


@post("/grading/{appraisal:str}/closing-day", opt=_MANAGE)
async def set_closing_day(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.set_closing_day(actor, period=appraisal, data=form_struct(form, ClosingInput))
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, form=form, error=error)
    return redirect(f"/desk/grading/{appraisal}?done=closing")


@post("/grading/{appraisal:str}/publish", opt=_MANAGE)
async def publish(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        made = await commands.publish(actor, period=appraisal)
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, error=error)
    return redirect(f"/desk/grading/{appraisal}?done={made.state}")


@post("/grading/{appraisal:str}/subsidies", opt=_MANAGE)
async def record_subsidies(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.record_subsidies(actor, period=appraisal)
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, error=error)
    return redirect(f"/desk/grading/{appraisal}?done=subsidies")


@post("/grading/{appraisal:str}/appeals/{appeal:str}", opt=_MANAGE)
async def reply(
    request: AnyRequest, appraisal: FromPath[str], appeal: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.reply(actor, period=appraisal, objection=appeal, data=form_struct(form, ReplyInput))
    except NotFound:
        raise
    except AppError as error:
        return await _period_page(request, appraisal, actor, form=form, error=error, appeal=appeal)
    return redirect(f"/desk/grading/{appraisal}?done=reply")


async def _period_page(
    request: AnyRequest,
    appraisal: str,
    actor: Actor,
    *,
    done: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
    appeal: str = "",
) -> Response[str]:
    found = await queries.period(appraisal, actor)
    people = await queries.assessors_for(appraisal, actor)
    return page(
        request,
        "desk/grading/period.html",
        title=f"{found.period.year} 年度考核",
        tab="grading",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        found=found,
        period=found.period,
        people=[Choice(value=ids.public(one.id), label=f"{one.display} · {one.union_name}") for one in people],
        panel=[one.id for one in found.panel],
        appeal=appeal,
        **again(form, error, lists=("assessors",)),
    )


@get("/grading/{appraisal:str}/candidates", opt=_MANAGE)
async def list_candidates(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[str]:
    return page(
        request,
        "desk/grading/candidates.html",
        title="参加考核的人",
        tab="grading",
        at=appraisal,
        candidates=await queries.candidates(appraisal, actor),
    )


@get("/grading/{appraisal:str}/candidates/{candidate:str}", opt=_MANAGE)
async def show_candidate(
    request: AnyRequest,
    appraisal: FromPath[str],
    candidate: FromPath[str],
    actor: CurrentActor,
    done: FromQuery[str] = "",
) -> Response[str]:
    return await _candidate_page(request, appraisal, candidate, actor, done=done)


@post("/grading/{appraisal:str}/candidates/{candidate:str}/veto", opt=_MANAGE)
async def set_veto(
    request: AnyRequest, appraisal: FromPath[str], candidate: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    form = await read_form(request)
    form.values["candidate"] = [candidate]
    try:
        await commands.set_veto(actor, period=appraisal, data=form_struct(form, VetoInput))
    except NotFound:
        raise
    except AppError as error:
        return await _candidate_page(request, appraisal, candidate, actor, form=form, error=error, sent="veto")
    return redirect(f"/desk/grading/{appraisal}/candidates/{candidate}?done=veto")


@post("/grading/{appraisal:str}/candidates/{candidate:str}/times", opt=_MANAGE)
async def set_time_in_post(
    request: AnyRequest, appraisal: FromPath[str], candidate: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    form = await read_form(request)
    form.values["candidate"] = [candidate]
    try:
        await commands.set_time_in_post(actor, period=appraisal, data=form_struct(form, PostInput))
    except NotFound:
        raise
    except AppError as error:
        return await _candidate_page(request, appraisal, candidate, actor, form=form, error=error, sent="times")
    return redirect(f"/desk/grading/{appraisal}/candidates/{candidate}?done=times")


@post("/grading/{appraisal:str}/candidates/{candidate:str}/withdrawal", opt=_MANAGE)
async def withdraw(
    request: AnyRequest, appraisal: FromPath[str], candidate: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    form = await read_form(request)
    form.values["candidate"] = [candidate]
    try:
        data = form_struct(form, WithdrawalInput)
        await commands.withdraw(actor, period=appraisal, data=data)
    except NotFound:
        raise
    except AppError as error:
        return await _candidate_page(request, appraisal, candidate, actor, form=form, error=error, sent="withdrawal")
    done = "withdrawn" if data.on else "returned"
    return redirect(f"/desk/grading/{appraisal}/candidates/{candidate}?done={done}")


async def _candidate_page(
    request: AnyRequest,
    appraisal: str,
    candidate: str,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
    sent: str = "",
    done: str = "",
) -> Response[str]:
    found = await queries.candidate(appraisal, candidate, actor)
    vetoes = await queries.vetoes_of(appraisal, actor)
    return page(
        request,
        "desk/grading/candidate.html",
        title=found.name,
        tab="grading",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        at=appraisal,
        one=found,
        sent=sent,
        today=clock.today(),
        vetoes=[Choice(value=key, label=name) for key, name in vetoes.items()],
        **again(form, error),
    )


@get("/grading/{appraisal:str}/dry-run", opt=_MANAGE)
async def dry_run(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[str]:
    run = await queries.dry_run(appraisal, actor)
    return page(request, "desk/grading/dry_run.html", title="试算", tab="grading", run=run, period=run.period)


@get("/grading/{appraisal:str}/print", opt=_MANAGE)
async def print_list(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[str]:
    run = await queries.dry_run(appraisal, actor)
    title = f"{run.period.year} 年度非公企业工会主席等级考核名单"
    return page(request, "desk/grading/print.html", title=title, tab="grading", run=run, period=run.period)


routes = [
    list_periods,
    open_period,
    show_scheme,
    show_period,
    set_panel,
    set_town_assessor,
    mark_absent,
    set_closing_day,
    publish,
    record_subsidies,
    reply,
    list_candidates,
    show_candidate,
    set_veto,
    set_time_in_post,
    withdraw,
    dry_run,
    print_list,
]
