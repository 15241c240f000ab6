"""Pages of a flow's own actions, of papers and of public notices, for members and everybody."""

from typing import Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import commands, printing, queries, uploads
from backend.casework.schemas import ActInput
from backend.casework.uploads import Sent
from backend.core.actor import Actor
from backend.core.errors import AppError, FieldError
from backend.web.access import PERSON, PUBLIC, CurrentActor
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/cases/{number:str}/actions/{action:str}", opt=PERSON)
async def show_action(
    request: AnyRequest, number: FromPath[str], action: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _action_page(request, number, action, actor)


@post("/cases/{number:str}/actions/{action:str}", opt=PERSON)
async def act(request: AnyRequest, number: FromPath[str], action: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await queries.own_action_form(number, action, actor)
    sent = await uploads.read_sent(request, form.flow, actor)
    if sent.stays or sent.errors:
        return await _action_page(request, number, action, actor, sent=sent, errors=sent.errors)
    try:
        data = ActInput(form=sent.form, attachments=sent.held)
        await commands.perform(number=number, action=action, data=data, actor=actor, nonce=sent.key)
    except AppError as error:
        return await _action_page(request, number, action, actor, sent=sent, errors=list(error.errors), error=error)
    return redirect(f"/cases/{number}")


async def _action_page(
    request: AnyRequest,
    number: str,
    action: str,
    actor: Actor,
    *,
    sent: Sent | None = None,
    errors: list[FieldError] | None = None,
    error: AppError | None = None,
) -> Response[Any]:
    form = await queries.own_action_form(number, action, actor)
    screen = await queries.action_screen(form, actor, sent=sent, errors=errors or ())
    return page(
        request,
        "portal/casework/action.html",
        title=form.spec.name,
        status=error.status if error else 422 if errors else 200,
        action=form.spec,
        number=number,
        service=form.flow.name,
        screen=screen,
        computed=form.computed,
        problem=error.detail if error and not errors else "",
        idempotency_key=sent.key if sent and sent.key else uuid4().hex,
    )


@get("/cases/{number:str}/documents/{document:str}", opt=PERSON)
async def show_document(
    request: AnyRequest, number: FromPath[str], document: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    paper = await queries.own_document(number, document, actor)
    form = request.query_params.get("format", "")
    return await printing.paper(
        request, paper, template="portal/casework/document.html", back=f"/cases/{number}", form=form
    )


@get("/notices", opt=PUBLIC)
async def list_notices(request: AnyRequest, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.public_notices(cursor=cursor)
    more = f"/notices?cursor={found.next_cursor}" if found.next_cursor else ""
    return page(request, "portal/casework/notices.html", title="公示公告", rows=found.items, more_href=more)


@get("/notices/{notice:str}", opt=PUBLIC)
async def show_notice(request: AnyRequest, notice: FromPath[str]) -> Response[str]:
    return await _notice_page(request, notice)


@post("/notices/{notice:str}/objections", opt=PERSON)
async def object_to(request: AnyRequest, notice: FromPath[str], actor: CurrentActor) -> Response[Any]:
    text = (await read_form(request)).one("text")
    try:
        await commands.object_to(notice=notice, text=text, actor=actor)
    except AppError as error:
        return await _notice_page(request, notice, text=text, error=error)
    return redirect(f"/notices/{notice}?done=1")


async def _notice_page(
    request: AnyRequest, notice: str, *, text: str = "", error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "portal/casework/notice.html",
        title="公示",
        status=error.status if error else 200,
        shown=await queries.public_notice(notice),
        done=bool(request.query_params.get("done")),
        text=text,
        problem=error.detail if error else "",
    )


routes = [show_action, act, show_document, list_notices, show_notice, object_to]
