"""The inbox of staff: what is new at their desks, corrected, urged, near its date or past it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from backend.notifications import commands, queries
from backend.web.access import STAFF, CurrentActor
from backend.web.pages import page, redirect


@get("/notifications", opt=STAFF)
async def show_desk_inbox(
    request: Request[Any, Any, Any], actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.inbox(actor, cursor=cursor)
    return page(
        request,
        "desk/notifications/inbox.html",
        title="消息",
        tab="messages",
        items=found.items,
        more_href=f"/desk/notifications?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@post("/notifications/read", opt=STAFF)
async def read_desk_inbox(actor: CurrentActor) -> Redirect:
    await commands.mark_all_read(actor)
    return redirect("/desk/notifications")


routes = [show_desk_inbox, read_desk_inbox]
