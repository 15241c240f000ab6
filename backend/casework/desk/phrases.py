"""Pages of 常用语: the list, keeping one, dropping one; and the panel above the comment of a decision."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.web.access import CurrentActor, may
from backend.web.forms import read_form
from backend.web.pages import is_htmx, page, redirect

AnyRequest = Request[Any, Any, Any]
_DECIDE = may("case.decide")


@get("/phrases", opt=_DECIDE)
async def show_phrases(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    return await _phrases_page(request, actor)


@post("/phrases", opt=_DECIDE)
async def keep(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    """From the list's own form, or the comment of a decision, whose panel htmx asks for again."""
    form, error = await read_form(request), None
    text = form.one("text") or form.one("comment")
    try:
        await commands.phrases.keep(text=text, actor=actor)
    except AppError as refused:
        error = refused
    if is_htmx(request):
        return await _panel(request, actor, error)
    return await _phrases_page(request, actor, text=text, error=error) if error else redirect("/desk/phrases")


@post("/phrases/{phrase:str}/delete", opt=_DECIDE)
async def drop(phrase: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.phrases.drop(phrase=phrase, actor=actor)
    return redirect("/desk/phrases")


async def _phrases_page(
    request: AnyRequest, actor: Actor, *, text: str = "", error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "desk/casework/phrases.html",
        title="常用语",
        tab="mine",
        status=error.status if error else 200,
        phrases=await queries.phrases(actor),
        text=text,
        problem=_said(error),
    )


async def _panel(request: AnyRequest, actor: Actor, error: AppError | None) -> Response[str]:
    """Shown whether it was kept or not, for htmx shows no refusal."""
    said = _said(error) or "已存为常用语。"
    return page(request, "desk/casework/phrases_panel.html", phrases=await queries.phrases(actor), said=said)


def _said(error: AppError | None) -> str:
    if error is None:
        return ""
    return error.errors[0].message if error.errors else error.detail


routes = [show_phrases, keep, drop]
