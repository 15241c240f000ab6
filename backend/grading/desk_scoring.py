"""The pages of an assessor, for a tablet: one candidate after another, each saved by itself."""

from decimal import Decimal, InvalidOperation
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.core.actor import Actor
from backend.core.errors import AppError, FieldError, Invalid, NotFound, sentence
from backend.grading import commands, queries
from backend.grading.chair_inputs import RecusalInput, SheetInput
from backend.grading.chair_views import SheetView
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_SCORE = may("grading.score")
_PREFIX = "scores."


@get("/grading/{appraisal:str}/scoring", opt=_SCORE)
async def list_sheets(request: AnyRequest, appraisal: FromPath[str], actor: CurrentActor) -> Response[str]:
    sheets = await queries.own_sheets(appraisal, actor)
    waiting = next((one.candidate for one in sheets if one.waits), "")
    return page(
        request,
        "desk/grading/sheets.html",
        title="我的评分",
        tab="grading",
        at=appraisal,
        sheets=sheets,
        waiting=waiting,
        done=sum(bool(one.state) for one in sheets),
        counted=_counted(sheets),
    )


@get("/grading/{appraisal:str}/scoring/{candidate:str}", opt=_SCORE)
async def show_sheet(
    request: AnyRequest, appraisal: FromPath[str], candidate: FromPath[str], actor: CurrentActor
) -> Response[str]:
    return await _sheet_page(request, appraisal, candidate, actor)


@post("/grading/{appraisal:str}/scoring/{candidate:str}", opt=_SCORE)
async def save_sheet(
    request: AnyRequest, appraisal: FromPath[str], candidate: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    """On to the next who waits, or back to the list when nobody does."""
    form = await read_form(request)
    try:
        await commands.score(actor, period=appraisal, data=SheetInput(candidate=candidate, scores=_scores(form)))
    except NotFound:
        raise
    except AppError as error:
        return await _sheet_page(request, appraisal, candidate, actor, form=form, error=error)
    return redirect(await _next(appraisal, actor))


@post("/grading/{appraisal:str}/scoring/{candidate:str}/recusal", opt=_SCORE)
async def recuse(
    request: AnyRequest, appraisal: FromPath[str], candidate: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    form = await read_form(request)
    form.values["candidate"] = [candidate]
    try:
        await commands.recuse(actor, period=appraisal, data=form_struct(form, RecusalInput))
    except NotFound:
        raise
    except AppError as error:
        return await _sheet_page(request, appraisal, candidate, actor, form=form, error=error)
    return redirect(await _next(appraisal, actor))


def _counted(sheets: list[SheetView]) -> int:
    """Without those of whom no sheet will come any more."""
    return sum(bool(one.state) or not one.withdrawn for one in sheets)


def _scores(form: FormInput) -> dict[str, Decimal]:
    """What was typed in the fields of the items; what is no number is named."""
    scores, wrong = {}, []
    for name in form.values:
        text = form.one(name)
        if not name.startswith(_PREFIX) or not text:
            continue
        try:
            scores[name.removeprefix(_PREFIX)] = Decimal(text)
        except InvalidOperation:
            wrong.append(FieldError(name, sentence("grading_no_number")))
    if wrong:
        raise Invalid(wrong)
    return scores


async def _next(appraisal: str, actor: Actor) -> str:
    at = f"/desk/grading/{appraisal}/scoring"
    waiting = [one.candidate for one in await queries.own_sheets(appraisal, actor) if one.waits]
    return f"{at}/{waiting[0]}" if waiting else at


async def _sheet_page(
    request: AnyRequest,
    appraisal: str,
    candidate: str,
    actor: Actor,
    *,
    form: FormInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    sheets = await queries.own_sheets(appraisal, actor)
    sheet = await queries.own_sheet(appraisal, candidate, actor)
    return page(
        request,
        "desk/grading/sheet.html",
        title=sheet.name,
        tab="grading",
        status=status_of(error),
        at=f"/desk/grading/{appraisal}/scoring",
        sheet=sheet,
        number=1 + [one.candidate for one in sheets].index(sheet.candidate),
        of=len(sheets),
        done=sum(bool(one.state) for one in sheets),
        **again(form, error),
    )


routes = [list_sheets, show_sheet, save_sheet, recuse]
