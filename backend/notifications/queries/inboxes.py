"""Inboxes. Each is its owner's alone."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.notifications.schemas import InboxMessage, NotificationView
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

_NEWEST = 2**63 - 1
_COLUMNS = "SELECT id, title, text, case_number, link, created_at, read_at FROM notification"


class _Row(msgspec.Struct):
    id: int
    title: str
    text: str
    case_number: str | None
    link: str
    created_at: datetime
    read_at: datetime | None


async def inbox(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[NotificationView]:
    """My notices, newest first."""
    before = decode_cursor(cursor, int)[0] if cursor else _NEWEST
    found = await database.views(
        _Row,
        f"{_COLUMNS} WHERE account_id = %s AND id < %s ORDER BY id DESC LIMIT %s",
        actor.account_id,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(row.id))
    return Page(items=[_view(row) for row in page.items], next_cursor=page.next_cursor)


async def notification(notification_id: int, actor: Actor) -> NotificationView:
    row = await database.view(_Row, f"{_COLUMNS} WHERE id = %s AND account_id = %s", notification_id, actor.account_id)
    if row is None:
        raise NotFound()
    return _view(row)


async def unread_count(actor: Actor) -> int:
    """From the index alone."""
    sql = "SELECT COUNT(*) FROM notification WHERE account_id = %s AND read_at IS NULL"
    return int(await database.scalar(sql, actor.account_id))


def _view(row: _Row) -> NotificationView:
    return NotificationView(
        id=ids.public(row.id),
        title=row.title,
        text=row.text,
        case_number=row.case_number,
        created_at=clock.iso(row.created_at) or "",
        read_at=clock.iso(row.read_at),
        link=row.link,
    )


async def inbox_of_account(account_id: int, *, limit: int) -> list[InboxMessage]:
    """What the machine shows to whoever tries the demo; people's own reads go through `inbox`."""
    return await database.views(
        InboxMessage,
        "SELECT event, text, created_at FROM notification WHERE account_id = %s ORDER BY id DESC LIMIT %s",
        account_id,
        limit,
    )
