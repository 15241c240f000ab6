"""JSON doors of one's own earlier answers in a new application."""

from litestar import delete, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.casework.schemas import DraftView, ReuseOffer
from backend.web.access import PERSON, CurrentActor


@get("/services/{slug:str}/draft/reuse", opt=PERSON)
async def show_reusable(slug: FromPath[str], actor: CurrentActor) -> ReuseOffer:
    """What my own last forms answer of this one, with where it comes from; empty where there is nothing."""
    return await queries.reuse_offer(slug, actor)


@post("/services/{slug:str}/draft/reuse", opt=PERSON, status_code=200)
async def fill_from_earlier(slug: FromPath[str], actor: CurrentActor) -> DraftView:
    """Put it into the draft; what is filled in there already stays."""
    return await commands.fill_from_earlier(slug=slug, actor=actor)


@delete("/services/{slug:str}/draft/reuse", opt=PERSON, status_code=200)
async def clear_reused(slug: FromPath[str], actor: CurrentActor) -> DraftView:
    """Take out of the draft what came from an earlier application and was not changed since."""
    return await commands.clear_reused(slug=slug, actor=actor)


routes = [show_reusable, fill_from_earlier, clear_reused]
