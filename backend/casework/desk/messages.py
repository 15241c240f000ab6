"""The talk on a case at the desk."""

from typing import Any
from uuid import uuid4

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import read_form
from backend.web.pages import is_htmx, page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _DECIDE = may("case.view"), may("case.decide")


@get("/cases/{number:str}/messages", opt=_VIEW)
async def show_talk(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _talk_page(request, number, actor)


@post("/cases/{number:str}/messages", opt=_DECIDE)
async def write(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    text, nonce = form.one("text"), form.one("submission_key")[:60]
    try:
        await commands.messages.write_from_desk(number=number, text=text, actor=actor, nonce=nonce)
    except NotFound:
        raise
    except AppError as error:
        return await _talk_page(request, number, actor, text=text, error=error)
    return redirect(f"/desk/cases/{number}/messages#end")


@post("/cases/{number:str}/messages/read", opt=_DECIDE)
async def read(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    """Sent by the page when it shows what is new, or by a button where nothing runs."""
    upto = (await read_form(request)).one("upto")
    await commands.messages.read_at_desk(number=number, upto=upto, actor=actor)
    return Response(None, status_code=204) if is_htmx(request) else redirect(f"/desk/cases/{number}/messages#end")


async def _talk_page(
    request: AnyRequest, number: str, actor: Actor, *, text: str = "", error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/casework/messages.html",
        title="留言",
        tab="mine",
        status=error.status if error else 200,
        talk=await queries.desk_talk(number, actor),
        text=text,
        submission_key=uuid4().hex,
        problem=(error.errors[0].message if error.errors else error.detail) if error else "",
    )


routes = [show_talk, write, read]
