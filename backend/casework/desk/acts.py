"""Pages of a flow's own actions at the desk, of papers, and of objections."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, printing, queries, uploads
from backend.casework.schemas import ActInput
from backend.casework.uploads import Sent
from backend.core.actor import Actor
from backend.core.errors import AppError, FieldError
from backend.web.access import CurrentActor, may
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _DECIDE = may("case.view"), may("case.decide")


@get("/cases/{number:str}/actions/{action:str}", opt=_DECIDE)
async def show_action(
    request: AnyRequest, number: FromPath[str], action: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _action_page(request, number, action, actor)


@post("/cases/{number:str}/actions/{action:str}", opt=_DECIDE)
async def act(request: AnyRequest, number: FromPath[str], action: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await queries.desk_action_form(number, action, actor)
    sent = await uploads.read_sent(request, form.flow, actor)
    if sent.stays or sent.errors:
        return await _action_page(request, number, action, actor, sent=sent, errors=sent.errors)
    try:
        data = ActInput(form=sent.form, attachments=sent.held)
        await commands.perform(number=number, action=action, data=data, actor=actor, nonce=sent.key)
    except AppError as error:
        return await _action_page(request, number, action, actor, sent=sent, errors=list(error.errors), error=error)
    return redirect(f"/desk/cases/{number}{_query(request)}")


def _query(request: AnyRequest) -> str:
    """The list that the case was opened from."""
    return f"?{urlencode(request.query_params)}" if request.query_params else ""


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
    form = await queries.desk_action_form(number, action, actor)
    return page(
        request,
        "desk/casework/action.html",
        title=form.spec.name,
        tab="mine",
        status=error.status if error else 422 if errors else 200,
        action=form.spec,
        number=number,
        query=_query(request),
        service=form.flow.name,
        screen=await queries.action_screen(form, actor, sent=sent, errors=errors or ()),
        computed=form.computed,
        problem=error.detail if error and not errors else "",
        submission_key=sent.key if sent and sent.key else uuid4().hex,
    )


@get("/cases/{number:str}/documents/{document:str}", opt=_VIEW)
async def show_document(
    request: AnyRequest, number: FromPath[str], document: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    paper = await queries.desk_document(number, document, actor)
    form, back = request.query_params.get("format", ""), f"/desk/cases/{number}"
    return await printing.paper(request, paper, template="desk/casework/document.html", back=back, form=form)


@post("/objections/{objection:str}", opt=_DECIDE)
async def settle_objection(request: AnyRequest, objection: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    upheld = form.one("upheld") == "yes"
    number = await commands.settle(objection=objection, upheld=upheld, finding=form.one("finding"), actor=actor)
    return redirect(f"/desk/cases/{number}")


routes = [show_action, act, show_document, settle_objection]
