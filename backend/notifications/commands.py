"""Writes of notifications. A notice is written once per key and recipient, however often it is asked for."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.core import audit, clock, crypto, database, ids, queue, reference
from backend.core.actor import SYSTEM, Actor
from backend.core.command import after_commit, command
from backend.core.errors import NotFound
from backend.core.reveal import Purpose, reveal_to_system
from backend.notifications import queries, rules, templates
from backend.notifications.enums import UNSENT, Audience, Channel, DeliveryState, Notice
from backend.notifications.schemas import DeliveryResult, NotificationView, Recipient, SealedMessage

BATCH = 500
LEASE = timedelta(seconds=60)
LONGEST_ERROR = 200
_LONGEST_KEY = 120

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
) -> int:
    """Tell each recipient once over those `channels` that the notice has words for; the number of messages
    this call wrote. Who belongs to two audiences of one notice is told as the first of them.

    `values` fills the placeholders of the notice, all of them, empty where there is nothing to say; `key`
    is made of the ids of what happened.
    """
    template = templates.template(notice, audience)
    inbox, outgoing = [], []
    for recipient in recipients:
        if recipient.account_id is not None and Channel.INBOX in channels:
            inbox.append(_inbox_row(template, recipient.account_id, values, key))
        if recipient.phone_sealed and Channel.SMS in channels and Channel.SMS in template.texts:
            outgoing.append(_delivery_row(template, recipient, values, key))
    written = await _insert_new("notification", inbox) + await _insert_new("delivery", outgoing)
    if written:
        detail = {"notice": notice.value, "key": key, "messages": written}
        await audit.record(SYSTEM, "notice.written", object_kind="notice", object_id=0, detail=detail)
        after_commit(queue.ring)
    return written


def _inbox_row(template: templates.Template, account_id: int, values: Mapping[str, str], key: str) -> Row:
    return {
        "id": ids.new_id(),
        "key": _key(template.notice, key, account_id),
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
        "key": _key(template.notice, key, index),
        "account_id": recipient.account_id,
        "channel": Channel.SMS.value,
        "template": template.notice.value,
        "text": templates.text(template, Channel.SMS, values),
        "recipient_index": index,
        "recipient_sealed": crypto.seal(phone, context=queries.recipient_context(delivery_id)),
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "next_at": rules.earliest(now, _quiet_hours_for(template.notice)),
        "lease": "",
        "provider_id": "",
        "last_error": "",
        "created_at": now,
        "sent_at": None,
    }


def _key(notice: Notice, key: str, recipient: int | str) -> str:
    made = f"{notice}:{key}:{recipient}"
    if len(made) > _LONGEST_KEY:
        raise ValueError(f"the key of {notice} is longer than {_LONGEST_KEY}")
    return made


def _quiet_hours_for(notice: Notice) -> rules.QuietHours | None:
    ignored = reference.settings().is_demo and templates.is_own_result(notice)
    return None if ignored else templates.quiet_hours()


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
    absent = "ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else "ON DUPLICATE KEY UPDATE `key` = `key`"
    await database.execute_many(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) {absent}",  # noqa: S608 - names from code only
        [tuple(row.values()) for row in rows],
    )


@command
async def mark_read(notification: str, actor: Actor) -> NotificationView:
    """Read it, or find that it was read before. Reading one's own mail leaves no audit row."""
    notification_id = ids.parse(notification)
    if notification_id is None:
        raise NotFound()
    await database.execute(
        "UPDATE notification SET read_at = %s WHERE id = %s AND account_id = %s AND read_at IS NULL",
        clock.now(),
        notification_id,
        actor.account_id,
    )
    return await queries.notification(notification_id, actor)


@command
async def mark_all_read(actor: Actor) -> int:
    """The number of notices that were unread."""
    return await database.execute(
        "UPDATE notification SET read_at = %s WHERE account_id = %s AND read_at IS NULL", clock.now(), actor.account_id
    )


@command
async def lease_deliveries(limit: int, *, lease: timedelta = LEASE) -> list[SealedMessage]:
    """Messages that are due, ours to send until the lease ends; those of a process that died come up again."""
    now, token = clock.now(), secrets.token_hex(16)
    due = await database.rows(
        "SELECT id FROM delivery WHERE state IN (%s, %s) AND next_at <= %s ORDER BY next_at, id LIMIT %s",
        *UNSENT,
        now,
        limit,
    )
    if not due:
        return []
    marks = ", ".join(["%s"] * len(due))
    chosen = [row["id"] for row in due]
    guard, values = _still_due(now)
    await database.execute(
        "UPDATE delivery SET state = %s, lease = %s, attempts = attempts + 1, next_at = %s"  # noqa: S608
        f" WHERE id IN ({marks}){guard}",
        DeliveryState.SENDING,
        token,
        now + lease,
        *chosen,
        *values,
    )
    return await queries.leased(chosen, token)


def _still_due(now: datetime) -> tuple[str, tuple[object, ...]]:
    """What makes a lease conditional; the race test shows what happens without it."""
    return " AND state IN (%s, %s) AND next_at <= %s", (*UNSENT, now)


@command
async def record_deliveries(results: Sequence[DeliveryResult]) -> None:
    """Write down what came of a batch of tries. States only move forward."""
    now = clock.now()
    for result in results:
        if result.provider_id:
            await _sent(result, now)
        else:
            await _not_sent(result, now)


async def _sent(result: DeliveryResult, now: datetime) -> None:
    # Without asking for the lease: what the provider took is sent, whoever holds the row meanwhile.
    await database.execute(
        "UPDATE delivery SET state = %s, provider_id = %s, sent_at = %s, lease = '', last_error = ''"
        " WHERE id = %s AND state IN (%s, %s)",
        DeliveryState.SENT,
        result.provider_id[:64],
        now,
        result.message.id,
        *UNSENT,
    )


async def _not_sent(result: DeliveryResult, now: datetime) -> None:
    wait = None if result.refused else rules.retry_after(result.message.attempts)
    state, next_at = DeliveryState.SENDING, now
    if result.refused:
        state = DeliveryState.PERMANENT_FAILURE
    elif wait is None:
        state = DeliveryState.TECHNICAL_FAILURE
    else:
        next_at = rules.earliest(now + wait, _quiet_hours_for(Notice(result.message.template)))
    await database.execute(
        "UPDATE delivery SET state = %s, next_at = %s, lease = '', last_error = %s"
        " WHERE id = %s AND lease = %s AND state = %s",
        state,
        next_at,
        result.error[:LONGEST_ERROR],
        result.message.id,
        result.message.lease,
        DeliveryState.SENDING,
    )
