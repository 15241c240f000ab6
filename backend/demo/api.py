"""Doors that exist only in the demo. `create_app` mounts them nowhere else."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from backend.core import clock, crypto, database, national
from backend.core.errors import FieldError, Invalid
from backend.identity import queries as identity
from backend.notifications import queries as notifications
from backend.web.access import PUBLIC

NEWEST = 50


class OutboxItem(msgspec.Struct, kw_only=True):
    to: str
    channel: str
    template: str
    text: str
    sent_at: str


class OutboxView(msgspec.Struct):
    items: list[OutboxItem]


class _Message(msgspec.Struct):
    channel: str
    template: str
    text: str
    sent_at: datetime


@get("/demo/outbox", opt=PUBLIC)
async def show_outbox(to: Annotated[str, QueryParameter(max_length=40)]) -> OutboxView:
    """What was sent to a phone, newest first: short messages and the notices in its owner's inbox."""
    try:
        phone = national.parse_phone(to)
    except national.InvalidValue as exc:
        raise Invalid([FieldError("to", exc.message)]) from exc
    messages = sorted(await _short_messages(phone) + await _notices(phone), key=lambda one: one.sent_at, reverse=True)
    return OutboxView(items=[_item(phone, one) for one in messages[:NEWEST]])


async def _short_messages(phone: str) -> list[_Message]:
    return await database.views(
        _Message,
        "SELECT channel, template, text, sent_at FROM console_message WHERE recipient_index = %s"
        " ORDER BY id DESC LIMIT %s",
        crypto.blind_index("phone", phone),
        NEWEST,
    )


async def _notices(phone: str) -> list[_Message]:
    owner = await identity.account_of_phone(phone)
    if owner is None:
        return []
    found = await notifications.inbox_of_account(owner[0], limit=NEWEST)
    return [_Message(channel="inbox", template=one.event, text=one.text, sent_at=one.created_at) for one in found]


def _item(phone: str, one: _Message) -> OutboxItem:
    return OutboxItem(
        to=phone,
        channel=one.channel,
        template=one.template,
        text=one.text,
        sent_at=clock.iso(one.sent_at) or "",
    )


routes = [show_outbox]
