"""Portal pages of one's own grades: what was given and why, an objection, and the certificate."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import printing
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.grading import commands, queries
from backend.grading.chair_inputs import AppealInput
from backend.web.access import PERSON, CurrentActor
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/me/grades", opt=PERSON)
async def list_own_grades(request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "") -> Response[str]:
    return await _page(request, actor, done=done)


@post("/me/grades/{grade:str}/appeal", opt=PERSON)
async def appeal(request: AnyRequest, grade: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.appeal(actor, grade=grade, data=form_struct(form, AppealInput))
    except NotFound:
        raise
    except AppError as error:
        return await _page(request, actor, grade=grade, form=form, error=error)
    return redirect("/me/grades?done=appeal")


async def _page(
    request: AnyRequest,
    actor: Actor,
    *,
    done: str = "",
    grade: str = "",
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    return page(
        request,
        "portal/grading/grades.html",
        title="我的等级",
        tab="me",
        status=status_of(error),
        notice="申诉已经交上去，答复以后会告诉您。" if done else "",
        grades=(await queries.my_grades(actor)).items,
        at=grade,
        **again(form, error),
    )


@get("/me/grades/{grade:str}/certificate", opt=PERSON)
async def show_certificate(request: AnyRequest, grade: FromPath[str], actor: CurrentActor) -> Response[Any]:
    paper = await queries.own_certificate(grade, actor)
    form = request.query_params.get("format", "")
    return await printing.paper(request, paper, template="portal/casework/document.html", back="/me/grades", form=form)


routes = [list_own_grades, appeal, show_certificate]
