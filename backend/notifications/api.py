"""JSON doors of one's own inbox, and of messages that were given up."""

from litestar import get, post
from litestar.params import FromPath, FromQuery

from backend.notifications import commands, queries
from backend.notifications.schemas import DeadLetter, NotificationView, TriedAgain, Unread
from backend.web.access import SIGNED_IN, CurrentActor, may
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


@get("/desk/undelivered", opt=may(queries.MANAGE))
async def list_undelivered(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[DeadLetter]:
    return await queries.dead_letters(actor, limit=limit, cursor=cursor)


@post("/desk/undelivered/{delivery:str}/again", opt=may(queries.MANAGE), status_code=200)
async def try_again(delivery: FromPath[str], actor: CurrentActor) -> TriedAgain:
    """Send one message that was given up again."""
    return TriedAgain(await commands.try_again(delivery=delivery, actor=actor))


@post("/desk/undelivered/{delivery:str}/give-up", opt=may(queries.MANAGE), status_code=204)
async def give_up(delivery: FromPath[str], actor: CurrentActor) -> None:
    """Leave a message that reached nobody at that."""
    await commands.give_up(delivery=delivery, actor=actor)


@post("/desk/undelivered/again", opt=may(queries.MANAGE), status_code=200)
async def try_all_again(actor: CurrentActor) -> TriedAgain:
    """Send all again that no provider took."""
    return TriedAgain(await commands.try_all_again(actor=actor))


routes = [
    list_notifications,
    read_notification,
    read_all_notifications,
    list_undelivered,
    try_again,
    give_up,
    try_all_again,
]
