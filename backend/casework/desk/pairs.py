"""The page on which two cases that look alike stand side by side."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.casework.schemas import VerdictInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/cases/{number:str}/duplicates/{other:str}", opt=may("case.view"))
async def show_pair(
    request: AnyRequest, number: FromPath[str], other: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _pair_page(request, number, other, actor)


@post("/cases/{number:str}/duplicates/{other:str}", opt=may("case.decide"))
async def settle_pair(
    request: AnyRequest, number: FromPath[str], other: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    form = await read_form(request)
    data = VerdictInput(
        verdict=form.one("verdict"),
        reason=form.one("reason"),
        version=form.version(),
    )
    try:
        await commands.settle_pair(number=number, other=other, data=data, actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _pair_page(request, number, other, actor, form=form, error=error)
    return redirect(f"/desk/cases/{number}")


async def _pair_page(
    request: AnyRequest,
    number: str,
    other: str,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[Any]:
    found = await queries.compared(number, other, actor)
    wrong = {each.field: each.message for each in error.errors} if error else {}
    return page(
        request,
        "desk/casework/pair.html",
        title="对照两件办件",
        tab="mine",
        status=error.status if error else 200,
        pair=found,
        may_settle=actor.can("case.decide") and not found.verdict,
        reason=form.one("reason") if form else "",
        errors=wrong,
        problem=error.detail if error and not wrong else wrong.get("verdict", ""),
    )


routes = [show_pair, settle_pair]
