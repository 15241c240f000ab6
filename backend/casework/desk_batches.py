"""Pages of batch decisions: look before, decide together, undo within ten minutes."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import commands, queries
from backend.casework.queries import QueueQuery
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
    """What was ticked in the queue, or with `all` everything that its filters leave at this moment."""
    form = await read_form(request)
    items = await _all_of(form, actor) if form.one("all") else _picked(form)
    return await _preview_page(request, BatchInput(action=form.one("action") or "approve", cases=items), actor)


@post("/batches", opt=_DECIDE)
async def start(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    data = BatchInput(action=form.one("action"), cases=_picked(form), comment=form.one("comment"))
    try:
        batch = await commands.batches.start(data=data, actor=actor)
    except AppError as error:
        return await _preview_page(request, data, actor, error=error)
    return redirect(f"/desk/batches/{batch}")


@get("/batches/{batch:str}", opt=_DECIDE)
async def show_batch(request: AnyRequest, batch: FromPath[str], actor: CurrentActor) -> Response[str]:
    found = await queries.own_batch(batch, actor)
    return page(request, "desk/casework/batch.html", title="批量办理", tab="batches", batch=found)


@post("/batches/{batch:str}/undo", opt=_DECIDE)
async def undo(request: AnyRequest, batch: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.batches.undo(batch=batch, actor=actor)
    return redirect(f"/desk/batches/{batch}")


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
        problem=error.errors[0].message if error and error.errors else error.detail if error else "",
    )


def _picked(form: FormInput) -> list[BatchItem]:
    """`pick` holds number:version, as the list showed it."""
    items = []
    for text in form.values.get("pick", []):
        number, _, version = text.rpartition(":")
        if number and version.isdecimal() and len(version) < 10:
            items.append(BatchItem(number=number[:24], version=int(version)))
    return items


async def _all_of(form: FormInput, actor: Actor) -> list[BatchItem]:
    given = {name: form.one(name) for name in ("service", "due", "cover")}
    wanted = QueueQuery(overdue=form.one("overdue") == "1", **given)
    rows = await queries.matching(actor, wanted, limit=LIMIT)
    return [BatchItem(number=row.number, version=row.version) for row in rows]


routes = [list_batches, preview, start, show_batch, undo]
