"""Desk pages of payments: what is due, the runs with their two people, the bank's files, and what came back."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound, invalid
from backend.payments import commands, queries
from backend.payments.downloads import bank_download
from backend.payments.run_schemas import NewRun, ResultView, RetryInput, RunMove, RunRefusal
from backend.payments.uploads import results_of
from backend.web.access import CurrentActor, may
from backend.web.downloads import sheet_file
from backend.web.form_pages import Choice, again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _MAKE, _CHECK = may(queries.VIEW), may(queries.MAKE), may(queries.CHECK)
_NOTICES = {
    "made": "批次已经做好，预算已占用，请另一个人复核。",
    "checked": "已经复核，制单人可以下载银行文件了。",
    "cancelled": "批次已经作废，预算已释放，里面的款项可以重新制单。",
    "booked": "结果已经登记，收款人会收到通知。",
    "reversed": "这一笔已经冲正，等收款人更正银行卡后再付。",
    "ready": "已经可以再付，下一个批次里会有这一笔。",
}


@get("/pay-runs", opt=_VIEW)
async def list_runs(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.desk_runs(actor, cursor=cursor)
    return page(
        request,
        "desk/payments/runs.html",
        title="拨付",
        tab="pay-runs",
        runs=found.items,
        waiting=await queries.waiting_budgets(actor),
        unions=_unions(actor),
        year=clock.today().year,
        more_href=f"/desk/pay-runs?cursor={found.next_cursor}" if found.next_cursor else "",
    )


def _unions(actor: Actor) -> list[Choice]:
    unions = queries.paying_unions(actor)
    return [Choice(value=ids.public(one), label=name, selected=len(unions) == 1) for one, name in unions.items()]


@get("/pay-runs/new", opt=_MAKE)
async def begin_run(
    request: AnyRequest,
    actor: CurrentActor,
    budget_name: FromQuery[str] = "",
    union_id: FromQuery[str] = "",
    year: FromQuery[int | None] = None,
) -> Response[str]:
    return await _new_page(request, actor, budget_name=budget_name, union_id=union_id, year=year)


@post("/pay-runs", opt=_MAKE)
async def make_run(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        if form.one("picked") and "dues" not in form.values:
            raise invalid("dues", "pay_none_chosen")
        run = await commands.make_run(actor, data=form_struct(form, NewRun), nonce=form.one("submission_key") or None)
    except NotFound:
        raise
    except AppError as error:
        year = int(form.one("year")) if form.one("year").isdecimal() else None
        chosen = {"budget_name": form.one("budget_name"), "union_id": form.one("union_id"), "year": year}
        return await _new_page(request, actor, form=form, error=error, **chosen)
    return redirect(f"/desk/pay-runs/{run}?done=made")


async def _new_page(
    request: AnyRequest,
    actor: Actor,
    *,
    budget_name: str,
    union_id: str,
    year: int | None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    unions, year = _unions(actor), year or clock.today().year
    union_id = union_id or unions[0].value
    waiting = await queries.waiting_budgets(actor)
    found = None
    if budget_name:
        found = await queries.payable_list(actor, union=union_id, budget_name=budget_name, year=year)
    return page(
        request,
        "desk/payments/run_new.html",
        title="新的拨付批次",
        tab="pay-runs",
        status=status_of(error),
        payable=found,
        chosen={"budget_name": budget_name, "union_id": union_id, "year": year},
        unions=unions,
        layouts=[Choice(value=one.slug, label=one.name) for one in queries.bank_layout_list()],
        budgets=[Choice(value=one.budget_name, label=one.budget_name) for one in waiting],
        submission_key=secrets.token_urlsafe(16),
        **again(form, error, lists=("dues",)),
    )


@get("/pay-runs/{run:str}", opt=_VIEW)
async def show_run(
    request: AnyRequest,
    run: FromPath[str],
    actor: CurrentActor,
    done: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    return await _run_page(request, run, actor, done=done, cursor=cursor)


@post("/pay-runs/{run:str}/check", opt=_CHECK)
async def check_run(request: AnyRequest, run: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.check_run(actor, run=run, data=form_struct(form, RunMove))
    except NotFound:
        raise
    except AppError as error:
        return await _run_page(request, run, actor, failed="check", form=form, error=error)
    return redirect(f"/desk/pay-runs/{run}?done=checked")


@post("/pay-runs/{run:str}/refuse", opt=_CHECK)
async def refuse_run(request: AnyRequest, run: FromPath[str], actor: CurrentActor) -> Response[Any]:
    return await _end_run(request, run, actor, queries.CHECK)


@post("/pay-runs/{run:str}/cancel", opt=_MAKE)
async def cancel_run(request: AnyRequest, run: FromPath[str], actor: CurrentActor) -> Response[Any]:
    return await _end_run(request, run, actor, queries.MAKE)


async def _end_run(request: AnyRequest, run: str, actor: Actor, permission: str) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.cancel_run(actor, run=run, data=form_struct(form, RunRefusal), permission=permission)
    except NotFound:
        raise
    except AppError as error:
        return await _run_page(request, run, actor, failed="end", form=form, error=error)
    return redirect(f"/desk/pay-runs/{run}?done=cancelled")


@post("/pay-runs/{run:str}/bank-file", opt=_MAKE, status_code=200)
async def download_bank_file(request: AnyRequest, run: FromPath[str], actor: CurrentActor) -> Response[bytes]:
    form = await read_form(request)
    part = int(form.one("part")) if form.one("part").isdecimal() else 1
    return await bank_download(await commands.bank_file(actor, run=run, part=part), form.one("format"))


@post("/pay-runs/{run:str}/results", opt=_MAKE)
async def book_results(request: AnyRequest, run: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        rows, fitting = await results_of(request, await queries.layout_of(run, actor))
        view = await commands.book_results(actor, run=run, rows=rows, fitting=fitting)
    except NotFound:
        raise
    except AppError as error:
        return await _run_page(request, run, actor, failed="results", error=error)
    if view.problems:
        return await _run_page(request, run, actor, answer=view)
    return redirect(f"/desk/pay-runs/{run}?done=booked")


@post("/pay-items/{item:str}/reverse", opt=_CHECK)
async def reverse_item(item: FromPath[str], request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        run = await commands.reverse_item(actor, item=item, reason=form.one("reason"))
    except NotFound:
        raise
    except AppError as error:
        run = await queries.run_of_item(item, actor)
        return await _run_page(request, run, actor, failed=item, form=form, error=error)
    return redirect(f"/desk/pay-runs/{run}?done=reversed")


async def _run_page(
    request: AnyRequest,
    run: str,
    actor: Actor,
    *,
    done: str = "",
    cursor: str | None = None,
    failed: str = "",
    answer: ResultView | None = None,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    shown = await queries.desk_run(run, actor)
    items = await queries.run_items(run, actor, limit=50, cursor=cursor)
    return page(
        request,
        "desk/payments/run.html",
        title=shown.number,
        tab="pay-runs",
        notice=_NOTICES.get(done, ""),
        status=422 if answer and not answer.applied else status_of(error),
        run=shown,
        items=items.items,
        file_parts=[Choice(value=str(one), label=f"第 {one} 份") for one in range(1, shown.files + 1)],
        may_reverse=queries.CHECK in {name for post in actor.posts for name in post.permissions},
        failed=failed,
        answer=answer,
        more_href=f"/desk/pay-runs/{run}?cursor={items.next_cursor}" if items.next_cursor else "",
        **again(form, error),
    )


@get("/pay-returns", opt=_VIEW)
async def list_held_up(
    request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    return await _returns_page(request, actor, done=done, cursor=cursor)


@post("/pay-dues/{due:str}/retry", opt=_MAKE)
async def retry_due(request: AnyRequest, due: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.retry_due(actor, due=due, data=form_struct(form, RetryInput))
    except NotFound:
        raise
    except AppError as error:
        return await _returns_page(request, actor, failed=due, form=form, error=error)
    return redirect("/desk/pay-returns?done=ready")


async def _returns_page(
    request: AnyRequest,
    actor: Actor,
    *,
    done: str = "",
    cursor: str | None = None,
    failed: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    found = await queries.held_up(actor, cursor=cursor)
    return page(
        request,
        "desk/payments/returns.html",
        title="退回和缺卡号",
        tab="pay-runs",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        dues=found.items,
        may_retry=bool(queries.paying_unions(actor)),
        failed=failed,
        more_href=f"/desk/pay-returns?cursor={found.next_cursor}" if found.next_cursor else "",
        **again(form, error),
    )


@get("/pay-statement", opt=_VIEW)
async def show_statement(request: AnyRequest, actor: CurrentActor, year: FromQuery[int | None] = None) -> Response[str]:
    this_year = clock.today().year
    return page(
        request,
        "desk/payments/pay_statement.html",
        title="拨付台账",
        tab="pay-runs",
        lines=await queries.pay_statement(actor, year=year),
        year=year or this_year,
        years=[this_year, this_year - 1, this_year - 2],
    )


@get("/pay-statement/sheet", opt=_VIEW)
async def download_statement(
    actor: CurrentActor, year: FromQuery[int | None] = None, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await sheet_file(*await queries.pay_statement_sheet(actor, year=year), format)


routes = [
    list_runs,
    begin_run,
    make_run,
    show_run,
    check_run,
    refuse_run,
    cancel_run,
    download_bank_file,
    book_results,
    reverse_item,
    list_held_up,
    retry_due,
    show_statement,
    download_statement,
]
