"""The page on which whoever was visited confirms it and says how it was."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.aid import commands, queries
from backend.aid.visit_enums import RATING_TEXT
from backend.aid.visit_schemas import FeedbackInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import PERSON, CurrentActor
from backend.web.form_pages import again, choices, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/me/visits", opt=PERSON)
async def list_own_visits(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _page(request, actor)


@post("/me/visits/{own_visit:str}/feedback", opt=PERSON)
async def answer_visit(request: AnyRequest, own_visit: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.answer_visit(actor, visit=own_visit, data=form_struct(form, FeedbackInput))
    except NotFound:
        raise
    except AppError as error:
        return await _page(request, actor, failed=own_visit, form=form, error=error)
    return redirect("/me/visits")


async def _page(
    request: AnyRequest,
    actor: Actor,
    *,
    failed: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    return page(
        request,
        "portal/aid/visits.html",
        title="走访慰问",
        status=status_of(error),
        visits=await queries.own_visits(actor),
        ratings=list(reversed(choices(RATING_TEXT))),
        failed=failed,
        **again(form, error),
    )


routes = [list_own_visits, answer_visit]
