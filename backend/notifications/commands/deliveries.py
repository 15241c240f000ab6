"""Handing messages to whoever sends them, and writing down what came of it."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.core import clock, database
from backend.core.command import command
from backend.notifications import queries, rules
from backend.notifications.commands import words
from backend.notifications.enums import UNSENT, Channel, DeliveryState, Notice, Urgency
from backend.notifications.schemas import DeliveryResult, SealedMessage

LEASE = timedelta(seconds=60)
LONGEST_ERROR = 200


@command
async def lease_deliveries(limit: int, *, lease: timedelta = LEASE) -> list[SealedMessage]:
    """Messages that are due, ours to send until the lease ends; those of a process that died come up again."""
    now, token = clock.now(), secrets.token_hex(16)
    chosen: list[int] = []
    for urgency in Urgency:
        chosen += await _due(urgency, now, limit - len(chosen))
    if not chosen:
        return []
    marks = ", ".join(["%s"] * len(chosen))
    guard, values = _still_due(now)
    await database.execute(
        "UPDATE delivery SET state = %s, lease = %s, attempts = attempts + 1, next_at = %s,"  # noqa: S608
        " begun_at = COALESCE(begun_at, %s)"
        f" WHERE id IN ({marks}){guard}",
        DeliveryState.SENDING,
        token,
        now + lease,
        now,
        *chosen,
        *values,
    )
    return await queries.leased(chosen, token)


async def _due(urgency: Urgency, now: datetime, limit: int) -> list[int]:
    """In the order of the index; a settled message has no `next_at`."""
    found = await database.rows(
        "SELECT id FROM delivery WHERE urgency = %s AND next_at <= %s ORDER BY next_at, id LIMIT %s",
        urgency.value,
        now,
        limit,
    )
    return [row["id"] for row in found]


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
        "UPDATE delivery SET state = %s, provider_id = %s, sent_at = %s, lease = '', last_error = '',"
        " next_at = NULL, begun_at = NULL"
        " WHERE id = %s AND state IN (%s, %s)",
        DeliveryState.SENT,
        result.provider_id[:64],
        now,
        result.message.id,
        *UNSENT,
    )


async def _not_sent(result: DeliveryResult, now: datetime) -> None:
    if result.message.channel == Channel.WECHAT and (result.refused or not rules.retry_after(result.message.attempts)):
        await _by_sms(result, now)
        return
    wait = None if result.refused else rules.retry_after(result.message.attempts)
    state, next_at = DeliveryState.SENDING, None
    if result.refused:
        state = DeliveryState.PERMANENT_FAILURE
    elif wait is None:
        state = DeliveryState.TECHNICAL_FAILURE
    else:
        next_at = rules.earliest(now + wait, words.quiet_hours_for(Notice(result.message.template)))
    await database.execute(
        "UPDATE delivery SET state = %s, next_at = %s, begun_at = NULL, lease = '', last_error = %s"
        " WHERE id = %s AND lease = %s AND state = %s",
        state,
        next_at,
        result.error[:LONGEST_ERROR],
        result.message.id,
        result.message.lease,
        DeliveryState.SENDING,
    )


async def _by_sms(result: DeliveryResult, now: datetime) -> None:
    """WeChat does not reach this person: the short message goes, its tries counted from the first."""
    await database.execute(
        "UPDATE delivery SET channel = %s, state = %s, attempts = 0, next_at = %s, begun_at = NULL, lease = '',"
        " last_error = %s WHERE id = %s AND lease = %s AND state = %s",
        Channel.SMS,
        DeliveryState.WAITING,
        rules.earliest(now, words.quiet_hours_for(Notice(result.message.template))),
        result.error[:LONGEST_ERROR],
        result.message.id,
        result.message.lease,
        DeliveryState.SENDING,
    )
