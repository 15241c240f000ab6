"""JSON doors of batch decisions."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import BatchInput, BatchView
from backend.web.access import CurrentActor, may
from backend.web.paging import Page, PageLimit

_DECIDE = may("case.decide")


@post("/desk/decisions", opt=_DECIDE, status_code=200)
async def decide_together(data: JSONBody[BatchInput], actor: CurrentActor) -> BatchView:
    """Approve or reject many cases. With `preview` nothing happens yet; otherwise they are locked at once and decided
    when the ten minutes to undo are over.
    """
    if data.preview:
        return await queries.batch_preview(data, actor)
    return await queries.own_batch(await commands.batches.start(data=data, actor=actor), actor)


@get("/desk/decisions", opt=_DECIDE)
async def list_batches(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[BatchView]:
    """My batches, the latest first, without their rows."""
    return await queries.own_batches(actor, limit=limit, cursor=cursor)


@get("/desk/decisions/{batch:str}", opt=_DECIDE)
async def show_batch(batch: FromPath[str], actor: CurrentActor) -> BatchView:
    """One of my batches with the result of every row."""
    return await queries.own_batch(batch, actor)


@post("/desk/decisions/{batch:str}/undo", opt=_DECIDE, status_code=200)
async def undo_batch(batch: FromPath[str], actor: CurrentActor) -> BatchView:
    """Within ten minutes: every case is as it was and nobody was told anything."""
    await commands.batches.undo(batch=batch, actor=actor)
    return await queries.own_batch(batch, actor)


routes = [decide_together, list_batches, show_batch, undo_batch]
