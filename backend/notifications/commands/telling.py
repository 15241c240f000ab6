"""Telling one person, or the few who serve a desk."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from backend.channels import wechat
from backend.core import audit, clock, crypto, database, ids, queue
from backend.core.actor import SYSTEM
from backend.core.command import after_commit, command
from backend.core.reveal import Purpose, reveal_to_system
from backend.notifications import queries, rules, templates
from backend.notifications.commands import words
from backend.notifications.enums import Audience, Channel, DeliveryState, Notice, Urgency
from backend.notifications.schemas import Recipient

BATCH = 500

Row = dict[str, Any]


@command
async def notify(
    notice: Notice,
    audience: Audience,
    *,
    recipients: Sequence[Recipient],
    values: Mapping[str, str],
    key: str,
    channels: Collection[Channel] = tuple(Channel),
    union_id: int | None = None,
) -> int:
    """Tell each recipient once over those `channels` that the notice has words for; the number of messages
    this call wrote. Who belongs to two audiences of one notice is told as the first of them.

    `values` fills the placeholders of the notice, all of them, empty where there is nothing to say; `key`
    is made of the ids of what happened; `union_id` is whose matter it is.
    """
    template = templates.template(notice, audience)
    inbox, outgoing = [], []
    for recipient in recipients:
        if recipient.account_id is not None and Channel.INBOX in channels:
            inbox.append(_inbox_row(template, recipient.account_id, values, key))
        if recipient.phone_sealed and Channel.SMS in channels and Channel.SMS in template.texts:
            outgoing.append(_delivery_row(template, recipient, values, key) | {"union_id": union_id})
    written = await _insert_new("notification", inbox) + await _insert_new("delivery", outgoing)
    if written:
        detail = {"notice": notice.value, "key": key, "messages": written}
        await audit.record(SYSTEM, "notice.written", object_kind="notice", object_id=0, detail=detail)
        after_commit(queue.ring)
    return written


def _inbox_row(template: templates.Template, account_id: int, values: Mapping[str, str], key: str) -> Row:
    return {
        "id": ids.new_id(),
        "key": words.key(template.notice, key, account_id),
        "account_id": account_id,
        "event": template.notice.value,
        "title": templates.title(template, values),
        "text": templates.text(template, Channel.INBOX, values),
        "case_number": values.get("number") or None,
        "link": templates.link(template, values),
        "created_at": clock.now(),
        "read_at": None,
    }


def _delivery_row(template: templates.Template, recipient: Recipient, values: Mapping[str, str], key: str) -> Row:
    """The phone is sealed anew for this row, so that the row can be sent and forgotten by itself."""
    phone = reveal_to_system(recipient.phone_sealed, context=recipient.phone_context, purpose=Purpose.DELIVERY)
    delivery_id, index, now = ids.new_id(), crypto.blind_index("phone", phone), clock.now()
    return {
        "id": delivery_id,
        "key": words.key(template.notice, key, index),
        "account_id": recipient.account_id,
        "member_id": None,
        "channel": _first_channel(recipient).value,
        "template": template.notice.value,
        "text": templates.text(template, Channel.SMS, values),
        "params": words.params(template, Channel.SMS, values),
        "recipient_index": index,
        "recipient_sealed": crypto.seal(phone, context=queries.recipient_context(delivery_id)),
        "urgency": Urgency.ONE.value,
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "next_at": rules.earliest(now, words.quiet_hours_for(template.notice)),
        "begun_at": None,
        "lease": "",
        "provider_id": "",
        "last_error": "",
        "created_at": now,
        "sent_at": None,
    }


def _first_channel(recipient: Recipient) -> Channel:
    is_there = {Channel.WECHAT: wechat.is_on() and recipient.account_id is not None, Channel.SMS: True}
    return next(channel for channel in templates.outside() if is_there[channel])


async def _insert_new(table: str, rows: Sequence[Row]) -> int:
    """Insert the rows whose key is new. Two calls at once may both count one; it is there once."""
    written = 0
    for start in range(0, len(rows), BATCH):
        by_key = {row["key"]: row for row in rows[start : start + BATCH]}
        marks = ", ".join(["%s"] * len(by_key))
        there = await database.rows(f"SELECT `key` FROM {table} WHERE `key` IN ({marks})", *by_key)  # noqa: S608
        for row in there:
            del by_key[row["key"]]
        await _insert_many(table, list(by_key.values()))
        written += len(by_key)
    return written


async def _insert_many(table: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    names = ", ".join(f"`{column}`" for column in rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    absent = words.if_absent()
    await database.execute_many(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) {absent}",  # noqa: S608 - names from code only
        [tuple(row.values()) for row in rows],
    )
