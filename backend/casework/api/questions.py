"""JSON doors of questions between desks."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import AnswerInput, QuestionInput, QuestionView
from backend.web.access import CurrentActor, may
from backend.web.paging import Page, PageLimit

_VIEW, _DECIDE = may("case.view"), may("case.decide")


@post("/desk/cases/{number:str}/questions", opt=_DECIDE, status_code=201)
async def ask(number: FromPath[str], data: JSONBody[QuestionInput], actor: CurrentActor) -> QuestionView:
    """Ask another desk for its opinion; the case stays here. A second open question to the same desk is a 409."""
    asked = await commands.ask(number=number, data=data, actor=actor)
    return next(one for one in await queries.case_questions(number, actor) if one.id == asked)


@get("/desk/cases/{number:str}/questions", opt=_VIEW)
async def list_case_questions(number: FromPath[str], actor: CurrentActor) -> Page[QuestionView]:
    """What was asked about this case, the latest first, in one page."""
    return Page(items=await queries.case_questions(number, actor), next_cursor=None)


@get("/desk/questions", opt=_DECIDE)
async def list_questions(
    actor: CurrentActor, status: FromQuery[str] = "open", limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[QuestionView]:
    """Questions to the desks I serve; `status` is open (the most urgent first), answered or lapsed."""
    return await queries.asked_of_me(actor, status=status, limit=limit, cursor=cursor)


@post("/desk/questions/{question:str}/answer", opt=_DECIDE, status_code=200)
async def answer(question: FromPath[str], data: JSONBody[AnswerInput], actor: CurrentActor) -> QuestionView:
    """The one answer, with `verdict` agree, disagree or for_reference. A lost race is a 409 with who and when."""
    await commands.answer(question=question, data=data, actor=actor)
    return await queries.question(question, actor)


routes = [ask, list_case_questions, list_questions, answer]
