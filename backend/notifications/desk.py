"""The inbox of staff, with what is new or late at their desks; and the messages that reached nobody."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.notifications import commands, queries
from backend.web.access import STAFF, CurrentActor, may
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/notifications", opt=STAFF)
async def show_desk_inbox(
    request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None
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


@get("/undelivered", opt=may(queries.MANAGE))
async def show_undelivered(
    request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    return await _undelivered_page(request, actor, cursor=cursor)


@post("/undelivered/{delivery:str}/again", opt=may(queries.MANAGE))
async def try_again(request: AnyRequest, delivery: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.try_again(delivery=delivery, actor=actor)
    except Conflict as error:
        return await _undelivered_page(request, actor, error=error)
    return redirect("/desk/undelivered")


@post("/undelivered/{delivery:str}/give-up", opt=may(queries.MANAGE))
async def give_up(request: AnyRequest, delivery: FromPath[str], actor: CurrentActor) -> Response[Any]:
    try:
        await commands.give_up(delivery=delivery, actor=actor)
    except Conflict as error:
        return await _undelivered_page(request, actor, error=error)
    return redirect("/desk/undelivered")


@post("/undelivered/again", opt=may(queries.MANAGE))
async def try_all_again(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    try:
        await commands.try_all_again(actor=actor)
    except Conflict as error:
        return await _undelivered_page(request, actor, error=error)
    return redirect("/desk/undelivered")


async def _undelivered_page(
    request: AnyRequest, actor: Actor, *, cursor: str | None = None, error: Conflict | None = None
) -> Response[str]:
    found = await queries.dead_letters(actor, cursor=cursor)
    return page(
        request,
        "desk/notifications/undelivered.html",
        title="未送达",
        tab="undelivered",
        status=error.status if error else 200,
        problem=error.detail if error else "",
        letters=found.items,
        more_href=f"/desk/undelivered?cursor={found.next_cursor}" if found.next_cursor else "",
    )


routes = [show_desk_inbox, read_desk_inbox, show_undelivered, try_again, give_up, try_all_again]
