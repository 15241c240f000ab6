"""Pages of one's own inbox."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.notifications import commands, queries
from backend.web.access import SIGNED_IN, CurrentActor
from backend.web.pages import page, redirect
from backend.web.paging import PageLimit


@get("/me/inbox", opt=SIGNED_IN)
async def show_inbox(
    request: Request[Any, Any, Any], actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.inbox(actor, limit=limit, cursor=cursor)
    return page(
        request,
        "portal/notifications/inbox.html",
        title="消息",
        items=found.items,
        more_href=f"/me/inbox?cursor={found.next_cursor}" if found.next_cursor else "",
        unread=await queries.unread_count(actor),
    )


@post("/me/inbox/{notification:str}/read", opt=SIGNED_IN)
async def open_notification(notification: FromPath[str], actor: CurrentActor) -> Redirect:
    """Mark it read and go where it points."""
    read = await commands.mark_read(notification, actor)
    return redirect(read.link or "/me/inbox")


@post("/me/inbox/read", opt=SIGNED_IN)
async def read_inbox(actor: CurrentActor) -> Redirect:
    await commands.mark_all_read(actor)
    return redirect("/me/inbox")


routes = [show_inbox, open_notification, read_inbox]
