"""Desk pages of the register of social workers: who is due, and one worker with every figure explained."""

import secrets
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.grading import commands, queries
from backend.grading.enums import DUE_TEXT, POST_NAMES, RESULT_TEXT, TRAINING_TEXT, WorkerDue
from backend.grading.register_sheet import template_header
from backend.grading.uploads import register_in
from backend.grading.worker_schemas import (
    BreakInput,
    NewWorker,
    TrainingInput,
    WorkerCorrection,
    WorkerImport,
    YearInput,
)
from backend.unions import queries as unions
from backend.web.access import CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.form_pages import Choice, again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _MANAGE = may("worker.view"), may("worker.manage")
_NOTICES = {
    "entered": "已经登记入册。",
    "corrected": "已经更正，级别和日期都重新算过。",
    "year": "考核结果已经记下，级别和日期都重新算过。",
    "training": "培训已经记下，轮训期限重新算过。",
    "break": "中断已经记下，级别和日期都重新算过。",
}
_AHEAD = {30: "30 天内", 90: "90 天内", 180: "半年内", 366: "一年内"}

MOST_PRINTED = 1_000
SoonDays = Annotated[int, QueryParameter(ge=0, le=1100)]


@get("/social-workers", opt=_VIEW)
async def list_workers(
    request: AnyRequest,
    actor: CurrentActor,
    due: FromQuery[str] = "",
    union: FromQuery[str] = "",
    q: FromQuery[str] = "",
    days: SoonDays = 90,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    chosen = {"due": due if due in set(WorkerDue) else "", "union": union, "q": q, "days": str(days)}
    return await _workers_page(request, actor, chosen, cursor=cursor)


@post("/social-workers", opt=_MANAGE)
async def enter_worker(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, NewWorker)
        worker = await commands.enter_worker(actor, data=data, nonce=form.one("submission_key") or None)
    except AppError as error:
        return await _workers_page(request, actor, {}, form=form, error=error)
    return redirect(f"/desk/social-workers/{worker}?done=entered")


async def _workers_page(
    request: AnyRequest,
    actor: Actor,
    chosen: dict[str, str],
    *,
    cursor: str | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    due, union, days = chosen.get("due", ""), chosen.get("union", ""), int(chosen.get("days", "90"))
    q = chosen.get("q", "")
    found = await queries.desk_workers(
        actor, due=WorkerDue(due) if due else None, union=union, q=q, days=days, cursor=cursor
    )
    return page(
        request,
        "desk/grading/workers.html",
        title="社工岗级",
        tab="workers",
        status=status_of(error),
        workers=found.items,
        counts=await queries.worker_counts(actor, union=union, days=days),
        tabs=_tabs(chosen),
        chosen=chosen,
        unions=await _unions(actor, "worker.view", union),
        ahead=[Choice(value=str(value), label=label, selected=value == days) for value, label in _AHEAD.items()],
        own_unions=await _unions(actor, "worker.manage") if actor.can("worker.manage") else [],
        posts=choices(POST_NAMES),
        submission_key=secrets.token_urlsafe(16),
        more_href=_href(chosen | {"cursor": found.next_cursor}) if found.next_cursor else "",
        **again(form, error),
    )


async def _unions(actor: Actor, permission: str, chosen: str = "") -> list[Choice]:
    places = await unions.choices_in_scope(actor, permission)
    return [Choice(value=one.id, label=one.name, selected=one.id == chosen) for one in places]


def _tabs(chosen: dict[str, str]) -> list[tuple[str, str, str]]:
    """Value, words and address of each way to narrow the list."""
    kinds = {"": "全部在岗"} | {due.value: text for due, text in DUE_TEXT.items()}
    return [(value, text, _href(chosen | {"due": value})) for value, text in kinds.items()]


def _href(chosen: dict[str, str]) -> str:
    kept = {name: value for name, value in chosen.items() if value}
    return f"/desk/social-workers?{urlencode(kept)}" if kept else "/desk/social-workers"


@get("/social-workers/{worker:str}", opt=_VIEW)
async def show_worker(
    request: AnyRequest, worker: FromPath[str], actor: CurrentActor, done: FromQuery[str] = ""
) -> Response[str]:
    return await _worker_page(request, worker, actor, done=done)


@post("/social-workers/{worker:str}/corrections", opt=_MANAGE)
async def correct_worker(request: AnyRequest, worker: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.correct_worker(actor, worker=worker, data=form_struct(form, WorkerCorrection))
    except NotFound:
        raise
    except AppError as error:
        return await _worker_page(request, worker, actor, sent="hiring", form=form, error=error)
    return redirect(f"/desk/social-workers/{worker}?done=corrected")


@post("/social-workers/{worker:str}/breaks", opt=_MANAGE)
async def write_break(request: AnyRequest, worker: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.write_break(actor, worker=worker, data=form_struct(form, BreakInput))
    except NotFound:
        raise
    except AppError as error:
        sent = form.one("break_id") or "break"
        return await _worker_page(request, worker, actor, sent=sent, form=form, error=error)
    return redirect(f"/desk/social-workers/{worker}?done=break")


@post("/social-workers/{worker:str}/years", opt=_MANAGE)
async def write_year(request: AnyRequest, worker: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.write_year(actor, worker=worker, data=form_struct(form, YearInput))
    except NotFound:
        raise
    except AppError as error:
        return await _worker_page(request, worker, actor, sent="year", form=form, error=error)
    return redirect(f"/desk/social-workers/{worker}?done=year")


@post("/social-workers/{worker:str}/trainings", opt=_MANAGE)
async def write_training(request: AnyRequest, worker: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.write_training(actor, worker=worker, data=form_struct(form, TrainingInput))
    except NotFound:
        raise
    except AppError as error:
        sent = form.one("training_id") or "training"
        return await _worker_page(request, worker, actor, sent=sent, form=form, error=error)
    return redirect(f"/desk/social-workers/{worker}?done=training")


@get("/social-workers/import", opt=_MANAGE)
async def show_import(request: AnyRequest) -> Response[str]:
    return _import_page(request)


@post("/social-workers/import", opt=_MANAGE)
async def import_workers(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    """The answer is the report itself; the same sheet again changes nothing."""
    form = await read_form(request)
    try:
        sent = await register_in(form)
        made = await commands.import_workers(actor, content=sent.content, reason=sent.reason, dry_run=sent.dry_run)
    except AppError as error:
        return _import_page(request, form=form, error=error)
    return _import_page(request, form=form, made=made)


@get("/social-workers/import/template", opt=_MANAGE)
async def download_template() -> Response[bytes]:
    return await sheet_file(template_header(clock.today()), [], "社工台账模板", "xlsx", to_fill_in=True)


def _import_page(
    request: AnyRequest,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
    made: WorkerImport | None = None,
) -> Response[str]:
    return page(
        request,
        "desk/grading/import.html",
        title="导入社工台账",
        tab="workers",
        status=status_of(error),
        made=made,
        **again(form, error),
    )


@get("/social-workers/due-list", opt=_VIEW)
async def print_due(
    request: AnyRequest, actor: CurrentActor, union: FromQuery[str] = "", days: SoonDays = 90
) -> Response[str]:
    """Whose grade and whose training are due, on paper."""
    lists = [
        (DUE_TEXT[due], await queries.desk_workers(actor, due=due, union=union, days=days, limit=MOST_PRINTED))
        for due in (WorkerDue.GRADE, WorkerDue.TRAINING)
    ]
    title = "社工到期名单"
    return page(request, "desk/grading/due_list.html", title=title, tab="workers", lists=lists, today=clock.today())


async def _worker_page(
    request: AnyRequest,
    worker: str,
    actor: Actor,
    *,
    done: str = "",
    sent: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    shown = await queries.worker_page(worker, actor)
    return page(
        request,
        "desk/grading/worker.html",
        title=shown.worker.name,
        tab="workers",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        shown=shown,
        worker=shown.worker,
        pay_lines=[(line.name, line.amount_fen) for line in shown.pay.lines],
        posts=choices(POST_NAMES),
        results=choices(RESULT_TEXT),
        kinds=choices(TRAINING_TEXT),
        may_change=actor.can("worker.manage"),
        sent=sent,
        **again(form, error),
    )


routes = [
    list_workers,
    enter_worker,
    show_import,
    import_workers,
    download_template,
    print_due,
    show_worker,
    correct_worker,
    write_break,
    write_year,
    write_training,
]
