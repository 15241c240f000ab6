"""Pages of questions between desks: ask about a case, answer what was asked."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.casework.schemas import AnswerInput, QuestionInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_DECIDE = may("case.decide")


@get("/cases/{number:str}/questions", opt=_DECIDE)
async def show_questions(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _questions_page(request, number, actor)


@post("/cases/{number:str}/questions", opt=_DECIDE)
async def ask(request: AnyRequest, number: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.ask(number=number, data=_question(form), actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _questions_page(request, number, actor, form=form, error=error)
    return redirect(f"/desk/cases/{number}")


@get("/questions/{question:str}", opt=_DECIDE)
async def show_question(request: AnyRequest, question: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _question_page(request, question, actor)


@post("/questions/{question:str}/answer", opt=_DECIDE)
async def answer(request: AnyRequest, question: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    data = AnswerInput(verdict=form.one("verdict"), text=form.one("text"))
    try:
        await commands.answer(question=question, data=data, actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _question_page(request, question, actor, given=data, error=error)
    return redirect("/desk/cases?asked=1")


async def _questions_page(
    request: AnyRequest, number: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    found = await queries.question_form(number, actor)
    names = ("to_union", "role", "text", "due_on", "shared")
    return page(
        request,
        "desk/casework/questions.html",
        title="征询意见",
        tab="mine",
        status=error.status if error else 200,
        number=number,
        service=found.case.spec.name,
        found=found,
        given={name: form.one(name) for name in names} if form else {"due_on": found.due_on},
        errors={one.field: one.message for one in error.errors} if error else {},
        problem=error.detail if error and not error.errors else "",
    )


async def _question_page(
    request: AnyRequest,
    question: str,
    actor: Actor,
    *,
    given: AnswerInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    return page(
        request,
        "desk/casework/question.html",
        title="答复征询",
        tab="asked",
        status=error.status if error else 200,
        asked=await queries.question(question, actor),
        given=given or AnswerInput(verdict="", text=""),
        errors={one.field: one.message for one in error.errors} if error else {},
        problem=error.detail if error and not error.errors else "",
    )


def _question(form: FormInput) -> QuestionInput:
    """An empty day is left to the flow; one that is none is refused as no day at all."""
    return QuestionInput(
        to_union=form.one("to_union"),
        role=form.one("role"),
        text=form.one("text"),
        due_on=_day(form.one("due_on")),
        shared=bool(form.one("shared")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return date.min


routes = [show_questions, ask, show_question, answer]
