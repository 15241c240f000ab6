"""Telling many at once: one statement for all inboxes, one for all messages outside."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.core import audit, clock, database, ids, queue
from backend.core.actor import SYSTEM
from backend.core.command import after_commit, command
from backend.notifications import rules, templates
from backend.notifications.commands import words
from backend.notifications.enums import Audience, Channel, DeliveryState, Notice, Urgency
from backend.notifications.schemas import Told

MOST_AT_ONCE = 1_000
_INDEX_LENGTH = 32

# Of a member the phone of the account counts; where there is none, that of the roll.
_MEMBERS = "member m LEFT JOIN account a ON a.member_id = m.id WHERE m.id IN"
_ACCOUNTS = "account a LEFT JOIN member m ON 1 = 0 WHERE a.id IN"


@command
async def notify_many(
    notice: Notice,
    audience: Audience,
    *,
    members: Sequence[int] = (),
    accounts: Sequence[int] = (),
    values: Mapping[str, str],
    key: str,
    channels: Collection[Channel] = tuple(Channel),
    mass_id: int | None = None,
) -> Told:
    """Tell all of `members`, or all of `accounts`, the same words once, over those `channels` that the notice has words
    for. Two statements, however many they are; at most `MOST_AT_ONCE`, about 500 are meant to be one task.

    For a reaction on an event that carries a range of ids or the number of a list: it reads the ids of one part, calls
    this and returns; killed in between, it does it again and finds it done. `key` is made of what happened to all of
    them (the campaign, the notice) and not of the part, so that whoever is in two parts is told once:

        part = await vouchers.members_of_part(event.distribution_id, event.part)
        key = str(event.campaign_id)
        await notify_many(Notice.VOUCHER_ISSUED, Audience.MEMBER, members=part, values=values, key=key)

    A member without an account has no inbox. Outside it one phone gets one message, however many members name it:
    the account's own, or where it has none that of the roll, as it is when the message is sent. These messages go
    after those to single persons and keep out of the quiet hours. `values` as in `notify`; `mass_id` is the mass notice
    that is told.
    """
    if (not members) == (not accounts) or len(members) + len(accounts) > MOST_AT_ONCE:
        raise ValueError(f"one of members and accounts, and at most {MOST_AT_ONCE}")
    template = templates.template(notice, audience)
    people, chosen = (_MEMBERS, members) if members else (_ACCOUNTS, accounts)
    told = Told(
        inbox=await _write_inbox(template, people, chosen, values, key) if Channel.INBOX in channels else 0,
        messages=await _write_deliveries(template, people, chosen, values, key, mass_id)
        if Channel.SMS in channels and Channel.SMS in template.texts
        else 0,
    )
    if told.inbox or told.messages:
        detail = {"notice": notice.value, "key": key, "messages": told.inbox + told.messages}
        await audit.record(SYSTEM, "notice.written", object_kind="notice", object_id=0, detail=detail)
        after_commit(queue.ring)
    return told


async def _write_inbox(
    template: templates.Template, people: str, chosen: Sequence[int], values: Mapping[str, str], key: str
) -> int:
    words.key(template.notice, key, 2**63 - 1)
    row = {
        "event": template.notice.value,
        "title": templates.title(template, values),
        "text": templates.text(template, Channel.INBOX, values),
        "case_number": values.get("number") or None,
        "link": templates.link(template, values),
        "created_at": clock.now(),
    }
    return await _insert_for_each(
        "notification",
        row,
        who={"account_id": "a.id"},
        recipient="a.id",
        people=people,
        chosen=chosen,
        prefix=words.key(template.notice, key, ""),
        where="a.id IS NOT NULL",
    )


async def _write_deliveries(
    template: templates.Template,
    people: str,
    chosen: Sequence[int],
    values: Mapping[str, str],
    key: str,
    mass_id: int | None,
) -> int:
    words.key(template.notice, key, "-" * _INDEX_LENGTH)
    index = "COALESCE(a.phone_index, m.phone_index)"
    row = _message(template, values, clock.now()) | {"mass_id": mass_id}
    return await _insert_for_each(
        "delivery",
        row,
        who={"account_id": "a.id", "member_id": "m.id", "union_id": "m.union_id", "recipient_index": index},
        recipient=index,
        people=people,
        chosen=chosen,
        prefix=words.key(template.notice, key, ""),
        where=f"{index} IS NOT NULL",
    )


def _message(template: templates.Template, values: Mapping[str, str], now: datetime) -> dict[str, Any]:
    return {
        "channel": Channel.SMS.value,
        "template": template.notice.value,
        "text": templates.text(template, Channel.SMS, values),
        "params": words.params(template, Channel.SMS, values),
        "recipient_sealed": "",
        "urgency": Urgency.MANY.value,
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "next_at": rules.earliest(now, words.quiet_hours_for(template.notice)),
        "lease": "",
        "provider_id": "",
        "last_error": "",
        "created_at": now,
    }


async def _insert_for_each(
    table: str,
    row: Mapping[str, Any],
    *,
    who: Mapping[str, str],
    recipient: str,
    people: str,
    chosen: Sequence[int],
    prefix: str,
    where: str,
) -> int:
    """Insert `row` for each of them whose key is not there. `who` are columns that come from the person."""
    key = f"%s || {recipient}" if database.is_sqlite() else f"CONCAT(%s, {recipient})"
    names = ", ".join(f"`{column}`" for column in ("id", "key", *who, *row))
    columns = ", ".join([*who.values(), *["%s"] * len(row)])
    marks, absent = ", ".join(["%s"] * len(chosen)), words.if_absent()
    return await database.execute(
        f"INSERT INTO {table} ({names})"  # noqa: S608 - names from code only
        f" SELECT %s + ROW_NUMBER() OVER (ORDER BY {recipient}), {key}, {columns}"
        f" FROM {people} ({marks}) AND {where} {absent}",
        ids.new_block(len(chosen) + 1),
        prefix,
        *row.values(),
        *chosen,
    )
