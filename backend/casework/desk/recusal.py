"""The page on which a clerk asks to have nothing to do with a case."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.casework.schemas import RecusalInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_DECIDE = may("case.decide")
_LEAD = "回避以后，这一件由窗口的别的同事办。窗口没有别人的，自动转给上级窗口。申请人只看到您回避了，看不到原因。"


@get("/cases/{number:str}/recuse", opt=_DECIDE)
async def show_recusal(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    return await _recusal(request, number, actor)


@post("/cases/{number:str}/recuse", opt=_DECIDE)
async def recuse(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    data = RecusalInput(reason=form.one("reason"), version=form.version())
    try:
        await commands.recuse(number=number, data=data, actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _recusal(request, number, actor, form=form, error=error)
    return redirect("/desk/cases")


async def _recusal(
    request: AnyRequest, number: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[Any]:
    opened = await queries.desk_case(number, actor)
    if error is None and not opened.may_recuse:
        raise NotFound("case_not_found")
    wrong = {each.field: each.message for each in error.errors} if error else {}
    return page(
        request,
        "desk/casework/reasoned.html",
        title="申请回避",
        tab="mine",
        status=error.status if error else 200,
        opened=opened,
        action=f"/desk/cases/{number}/recuse",
        before=None,
        lead=_LEAD,
        label="为什么回避",
        hint="只有工作人员看得到。",
        placeholder="例如：申请人是我的表弟",
        button="回避这一件",
        reason=form.one("reason") if form else "",
        errors=wrong,
        problem=error.detail if error and not wrong else "",
    )


routes = [show_recusal, recuse]
