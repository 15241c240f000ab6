"""JSON doors of leave cover."""

from litestar import delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.unions import commands, queries
from backend.unions.schemas import CoverInput, CoversView
from backend.web.access import STAFF, CurrentActor


@get("/desk/covers", opt=STAFF)
async def list_covers(actor: CurrentActor, absent: FromQuery[str] = "") -> CoversView:
    """Covers that run or are planned, mine and of those I administer; and who could cover `absent`, or me."""
    return await queries.covers_page(actor, absent=absent)


@post("/desk/covers", opt=STAFF, status_code=201)
async def name_cover(data: JSONBody[CoverInput], actor: CurrentActor) -> CoversView:
    """A colleague serves the posts of somebody who is away, from one day to another."""
    await commands.name_cover(data=data, actor=actor)
    return await queries.covers_page(actor, absent=data.absent)


@delete("/desk/covers/{cover:str}", opt=STAFF, status_code=204)
async def end_cover(cover: FromPath[str], actor: CurrentActor) -> None:
    """At once, before its last day."""
    await commands.end_cover(cover=cover, actor=actor)


routes = [list_covers, name_cover, end_cover]
