"""Pages of batch decisions: look before, decide together, undo within ten minutes."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import commands, queries
from backend.casework.desk.lists import query_of, wanted_of
from backend.casework.queries.batching import LIMIT
from backend.casework.schemas import BatchInput, BatchItem
from backend.core.actor import Actor
from backend.core.errors import AppError
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_DECIDE = may("case.decide")


@get("/batches", opt=_DECIDE)
async def list_batches(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.own_batches(actor, cursor=cursor)
    more = f"/desk/batches?cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request, "desk/casework/batches.html", title="批量办理", tab="batches", batches=found.items, more_href=more
    )


@post("/batches/preview", opt=_DECIDE, status_code=200)
async def preview(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    """What was ticked in the queue, or with `all` everything that its filters leave at this moment. What cannot be
    approved may still be rejected, and the other way round: the refused ones come along."""
    form = await read_form(request)
    items = await _all_of(request, actor) if form.one("all") else _picked(form, "pick", "refused")
    data = BatchInput(action=form.one("action") or "approve", cases=items, comment=form.one("comment"))
    return await _preview_page(request, data, actor)


@post("/batches", opt=_DECIDE)
async def start(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    data = BatchInput(action=form.one("action"), cases=_picked(form, "pick"), comment=form.one("comment"))
    try:
        batch = await commands.batches.start(data=data, actor=actor)
    except AppError as error:
        return await _preview_page(request, data, actor, error=error)
    return redirect(f"/desk/batches/{batch}{query_of(request)}")


@get("/batches/{batch:str}", opt=_DECIDE)
async def show_batch(request: AnyRequest, batch: FromPath[str], actor: CurrentActor) -> Response[str]:
    found = await queries.own_batch(batch, actor)
    following = await queries.next_in_queue(actor, wanted=wanted_of(request))
    return page(
        request,
        "desk/casework/batch.html",
        title="批量办理",
        tab="batches",
        batch=found,
        query=query_of(request),
        next_href=f"/desk/cases{'/' + following if following else ''}{query_of(request)}",
    )


@post("/batches/{batch:str}/undo", opt=_DECIDE)
async def undo(request: AnyRequest, batch: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.batches.undo(batch=batch, actor=actor)
    return redirect(f"/desk/batches/{batch}{query_of(request)}")


async def _preview_page(
    request: AnyRequest, data: BatchInput, actor: Actor, *, error: AppError | None = None
) -> Response[Any]:
    """The reason is asked for here, so a missing one is no obstacle yet."""
    looked_at = BatchInput(action=data.action, cases=data.cases, comment=data.comment or "—")
    found = await queries.batch_preview(looked_at, actor)
    return page(
        request,
        "desk/casework/batch_preview.html",
        title="批量办理预览",
        tab="mine",
        status=error.status if error else 200,
        found=found,
        action=data.action,
        comment=data.comment,
        own={one.number: one.comment for one in data.cases},
        limit=LIMIT if len(data.cases) == LIMIT else 0,
        query=query_of(request),
        problem=error.errors[0].message if error and error.errors else error.detail if error else "",
    )


def _picked(form: FormInput, *names: str) -> list[BatchItem]:
    """These hold number:version, as the list showed it; `comment.` and a number what is said of that case alone."""
    items = []
    for text in (text for name in names for text in form.values.get(name, [])):
        number, _, version = text.rpartition(":")
        if number and version.isdecimal() and len(version) < 10:
            own = form.one(f"comment.{number}")
            items.append(BatchItem(number=number[:24], version=int(version), comment=own))
    return items


async def _all_of(request: AnyRequest, actor: Actor) -> list[BatchItem]:
    rows = await queries.matching(actor, wanted_of(request), limit=LIMIT)
    return [BatchItem(number=row.number, version=row.version) for row in rows]


routes = [list_batches, preview, start, show_batch, undo]
