"""Reads of notifications. An inbox is its owner's alone; failed messages are the administrator's."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.errors import Forbidden, NotFound
from backend.core.reveal import Purpose, reveal_to_system
from backend.notifications.enums import FAILED
from backend.notifications.schemas import DeadLetter, InboxMessage, NotificationView, SealedMessage
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


def recipient_context(delivery_id: int) -> str:
    return f"delivery/recipient/{delivery_id}"


class _Leased(msgspec.Struct):
    id: int
    channel: str
    template: str
    text: str
    recipient_sealed: str
    attempts: int
    lease: str


async def leased(chosen: Sequence[int], token: str) -> list[SealedMessage]:
    """Those of `chosen` that this lease really got."""
    marks = ", ".join(["%s"] * len(chosen))
    found = await database.views(
        _Leased,
        "SELECT id, channel, template, text, recipient_sealed, attempts, lease FROM delivery"  # noqa: S608
        f" WHERE id IN ({marks}) AND lease = %s ORDER BY id",
        *chosen,
        token,
    )
    return [
        SealedMessage(
            id=row.id,
            channel=row.channel,
            template=row.template,
            text=row.text,
            recipient_sealed=row.recipient_sealed,
            recipient_context=recipient_context(row.id),
            attempts=row.attempts,
            lease=row.lease,
        )
        for row in found
    ]


class _DeadRow(msgspec.Struct):
    id: int
    channel: str
    template: str
    recipient_sealed: str
    state: str
    attempts: int
    last_error: str
    created_at: datetime


async def dead_letters(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[DeadLetter]:
    """Messages given up, newest first, for those who may read the audit log of the whole system."""
    if not actor.can("audit.view"):
        raise Forbidden()
    before = decode_cursor(cursor, int)[0] if cursor else _NEWEST
    found = await database.views(
        _DeadRow,
        "SELECT id, channel, template, recipient_sealed, state, attempts, last_error, created_at FROM delivery"
        " WHERE state IN (%s, %s) AND id < %s ORDER BY id DESC LIMIT %s",
        *FAILED,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(row.id))
    return Page(items=[_dead_letter(row) for row in page.items], next_cursor=page.next_cursor)


def _dead_letter(row: _DeadRow) -> DeadLetter:
    phone = reveal_to_system(row.recipient_sealed, context=recipient_context(row.id), purpose=Purpose.DELIVERY)
    return DeadLetter(
        id=ids.public(row.id),
        channel=row.channel,
        template=row.template,
        recipient=national.mask_phone(phone),
        state=row.state,
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=clock.iso(row.created_at) or "",
    )


async def inbox_of_account(account_id: int, *, limit: int) -> list[InboxMessage]:
    """What the machine shows to whoever tries the demo; people's own reads go through `inbox`."""
    return await database.views(
        InboxMessage,
        "SELECT event, text, created_at FROM notification WHERE account_id = %s ORDER BY id DESC LIMIT %s",
        account_id,
        limit,
    )
