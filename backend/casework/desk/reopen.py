"""The page on which a refusal is taken back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.casework.schemas import ReopenInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_DECIDE = may("case.decide")
_LEAD = "编号不变，回到不予通过的那一步重新审核，前面已通过的步骤不用再办，办理期限从今天重新算起。申请人会收到通知。"


@get("/cases/{number:str}/reopen", opt=_DECIDE)
async def show_reopening(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    return await _reopening(request, number, actor)


@post("/cases/{number:str}/reopen", opt=_DECIDE)
async def reopen(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    data = ReopenInput(reason=form.one("reason"), version=form.version())
    try:
        await commands.reopen(number=number, data=data, actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _reopening(request, number, actor, form=form, error=error)
    return redirect(f"/desk/cases/{number}")


async def _reopening(
    request: AnyRequest, number: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[Any]:
    """After an error as it was typed, with what is wrong; what was decided meanwhile is read on the case's page."""
    opened = await queries.desk_case(number, actor)
    if error is None:
        await queries.refused_case(number, actor)
    wrong = {each.field: each.message for each in error.errors} if error else {}
    refused = opened.case.decision
    return page(
        request,
        "desk/casework/reasoned.html",
        title="重新办理",
        tab="mine",
        status=error.status if error else 200,
        opened=opened,
        action=f"/desk/cases/{number}/reopen",
        before={"title": "上次不予通过的原因", "text": refused.comment} if refused else None,
        lead=_LEAD,
        label="为什么重新办理",
        hint="申请人会看到，也会记在办理过程里。",
        placeholder="例如：补充核实后，情况与申请一致",
        button="重新办理这一件",
        reason=form.one("reason") if form else "",
        errors=wrong,
        problem=error.detail if error and not wrong else "",
    )


routes = [show_reopening, reopen]
