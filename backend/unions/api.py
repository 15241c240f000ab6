"""JSON doors of unions and invites."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.unions import api_covers, commands, queries
from backend.unions.schemas import InviteInput, InviteMade, InviteView, UnionView
from backend.web.access import PUBLIC, CurrentActor, may
from backend.web.paging import Page, PageLimit


@get("/unions", opt=PUBLIC)
async def list_unions(
    q: FromQuery[str] = "",
    division: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[UnionView]:
    """Unions one may join, by part of the name, its pinyin initials, or the beginning of the division."""
    return await queries.joinable(q, division, limit=limit, cursor=cursor)


@get("/invites/{code:str}", opt=PUBLIC)
async def show_invite(code: FromPath[str]) -> InviteView:
    """What an invite code stands for, and whether it is still good."""
    return await queries.invite_view(code)


@post("/desk/invites", opt=may("invite.make"), status_code=201)
async def make_invite(data: JSONBody[InviteInput], actor: CurrentActor) -> InviteMade:
    """A code for a union of one's own scope, with the QR to print."""
    return await commands.make_invite(data, actor)


routes = [list_unions, show_invite, make_invite, *api_covers.routes]
