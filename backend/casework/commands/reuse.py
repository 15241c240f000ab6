"""Putting the answers of an earlier application into the draft of a new one, and taking them out again."""

from backend.casework import catalogue
from backend.casework.commands import drafts
from backend.casework.queries.earlier_forms import reusable
from backend.casework.schemas import DraftView
from backend.core import audit
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound


@command
async def fill_from_earlier(*, slug: str, actor: Actor) -> DraftView:
    """What is filled in already stays; each new answer keeps its source until somebody changes it."""
    flow = catalogue.flow(slug)
    found = await reusable(flow, actor)
    if not found.filled:
        raise NotFound("nothing_to_reuse")
    detail = {"flow": flow.slug, "fields": list(found.filled), "cases": list(found.case_ids)}
    await audit.record(actor, "draft.reused", object_kind="flow", object_id=0, detail=detail)
    return await drafts.put_in(flow, found.filled, actor)


@command
async def clear_reused(*, slug: str, actor: Actor) -> DraftView:
    """Take out what came from an earlier application and was not changed since."""
    return await drafts.take_out(catalogue.flow(slug), actor)
