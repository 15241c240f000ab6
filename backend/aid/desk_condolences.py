"""Desk pages of a unit's condolences: its standards, and what it gave at festivals."""

import secrets
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.aid import commands, queries
from backend.aid.condolence_enums import EVENT_TEXT, FESTIVAL_TEXT
from backend.aid.condolence_schemas import IssueInput, RevokeInput, StandardInput
from backend.aid.own_unions import union_choices
from backend.core import clock
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_PERMISSION = "condolence.manage"
_MANAGE = may(_PERMISSION)
_NOTICES = {"set": "标准已经保存。", "registered": "已经登记。", "revoked": "已经撤销，不再计入。"}


@get("/condolence-standards", opt=_MANAGE)
async def list_standards(request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "") -> Response[str]:
    return await _standards_page(request, actor, done=done)


@post("/condolence-standards", opt=_MANAGE)
async def set_standard(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.set_standard(actor, data=form_struct(form, StandardInput))
    except NotFound:
        raise
    except AppError as error:
        return await _standards_page(request, actor, form=form, error=error)
    return redirect("/desk/condolence-standards?done=set")


async def _standards_page(
    request: AnyRequest, actor: Actor, *, done: str = "", form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/aid/standards.html",
        title="慰问标准",
        tab="standards",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        table=await queries.standard_table(actor),
        unions=union_choices(actor, _PERMISSION),
        events=choices(EVENT_TEXT),
        today=clock.today().isoformat(),
        **again(form, error),
    )


@get("/festival-issues", opt=_MANAGE)
async def list_issues(
    request: AnyRequest, actor: CurrentActor, year: FromQuery[int | None] = None, done: FromQuery[str] = ""
) -> Response[str]:
    return await _issues_page(request, actor, year=year, done=done)


@post("/festival-issues", opt=_MANAGE)
async def register_issue(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        data = form_struct(form, IssueInput)
        await commands.register_issue(actor, data=data, nonce=form.one("submission_key") or None)
    except NotFound:
        raise
    except AppError as error:
        return await _issues_page(request, actor, form=form, error=error)
    return redirect("/desk/festival-issues?done=registered")


@post("/festival-issues/{issue:str}/revoke", opt=_MANAGE)
async def revoke_issue(request: AnyRequest, issue: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.revoke_issue(actor, issue=issue, data=form_struct(form, RevokeInput))
    except NotFound:
        raise
    except AppError as error:
        return await _issues_page(request, actor, failed=issue, form=form, error=error)
    return redirect("/desk/festival-issues?done=revoked")


async def _issues_page(
    request: AnyRequest,
    actor: Actor,
    *,
    year: int | None = None,
    done: str = "",
    failed: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    """`failed` is the issue whose form was wrong, none where it was the one to register."""
    found = await queries.issues(actor, year=year)
    return page(
        request,
        "desk/aid/festivals.html",
        title="节日慰问品",
        tab="festivals",
        notice=_NOTICES.get(done, ""),
        status=status_of(error),
        shown=found,
        years=[clock.today().year, clock.today().year - 1],
        unions=union_choices(actor, _PERMISSION),
        festivals=choices(FESTIVAL_TEXT),
        failed=failed,
        today=clock.today().isoformat(),
        submission_key=secrets.token_urlsafe(16),
        **again(form, error),
    )


routes = [list_standards, set_standard, list_issues, register_issue, revoke_issue]
