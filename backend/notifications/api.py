"""JSON doors of one's own inbox."""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from backend.notifications import commands, queries
from backend.notifications.schemas import NotificationView, Unread
from backend.web.access import SIGNED_IN, CurrentActor
from backend.web.paging import Page, PageLimit


@get("/me/notifications", opt=SIGNED_IN)
async def list_notifications(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[NotificationView]:
    return await queries.inbox(actor, limit=limit, cursor=cursor)


@post("/me/notifications/{notification:str}/read", opt=SIGNED_IN, status_code=200)
async def read_notification(notification: FromPath[str], actor: CurrentActor) -> NotificationView:
    return await commands.mark_read(notification, actor)


@post("/me/notifications/read", opt=SIGNED_IN, status_code=200)
async def read_all_notifications(actor: CurrentActor) -> Unread:
    await commands.mark_all_read(actor)
    return Unread(unread=await queries.unread_count(actor))


routes = [list_notifications, read_notification, read_all_notifications]
