"""Messages that go outside: those to be sent, and those that were given up, for whoever sees to them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.reveal import Purpose, reveal_to_system
from backend.identity import queries as identity
from backend.membership import queries as roll
from backend.notifications.enums import FAILED, FAILED_TEXT, DeliveryState
from backend.notifications.schemas import DeadLetter, SealedMessage
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

MANAGE = "delivery.manage"
_NEWEST = 2**63 - 1


def recipient_context(delivery_id: int) -> str:
    return f"delivery/recipient/{delivery_id}"


class _Addressed(msgspec.Struct):
    """`recipient_sealed` is empty where the account or the member is named instead."""

    id: int
    account_id: int | None
    member_id: int | None
    recipient_sealed: str


class _Leased(_Addressed):
    channel: str
    template: str
    text: str
    params: str  # JSON
    attempts: int
    lease: str


async def leased(chosen: Sequence[int], token: str) -> list[SealedMessage]:
    """Those of `chosen` that this lease really got."""
    marks = ", ".join(["%s"] * len(chosen))
    found = await database.views(
        _Leased,
        "SELECT id, account_id, member_id, recipient_sealed, channel, template, text, params, attempts, lease"  # noqa: S608
        f" FROM delivery WHERE id IN ({marks}) AND lease = %s ORDER BY id",
        *chosen,
        token,
    )
    phones = await _phones(found)
    return [
        SealedMessage(
            id=row.id,
            account_id=row.account_id,
            channel=row.channel,
            template=row.template,
            text=row.text,
            params=msgspec.json.decode(row.params, type=dict[str, str]),
            recipient_sealed=phones[row.id][0],
            recipient_context=phones[row.id][1],
            attempts=row.attempts,
            lease=row.lease,
        )
        for row in found
    ]


async def _phones(rows: Sequence[_Addressed]) -> dict[int, tuple[str, str]]:
    """The sealed phone of each message and what it opens with; both empty where there is none any more."""
    named = [row for row in rows if not row.recipient_sealed]
    of_accounts = {
        phone.account_id: (phone.sealed, phone.context)
        for phone in await identity.phones_of([row.account_id for row in named if row.account_id is not None])
    }
    without = [row.member_id for row in named if row.member_id is not None and row.account_id not in of_accounts]
    of_members = await roll.phones_of(without)
    return {
        row.id: (row.recipient_sealed, recipient_context(row.id))
        if row.recipient_sealed
        else of_accounts.get(row.account_id or 0) or of_members.get(row.member_id or 0) or ("", "")
        for row in rows
    }


class _DeadRow(_Addressed):
    channel: str
    template: str
    text: str
    state: DeliveryState
    attempts: int
    last_error: str
    created_at: datetime


_DEAD = (
    "SELECT d.id, d.account_id, d.member_id, d.recipient_sealed, d.channel, d.template, d.text, d.state, d.attempts,"
    " d.last_error, d.created_at FROM delivery d JOIN union_org u ON u.id = d.union_id"
)


async def dead_letters(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[DeadLetter]:
    """Messages given up in matters of the unions where the actor sees to them, newest first."""
    where, values = unions.visible_to(actor, MANAGE)
    before = decode_cursor(cursor, int)[0] if cursor else _NEWEST
    found = await database.views(
        _DeadRow,
        f"{_DEAD} WHERE {where} AND d.state IN (%s, %s, %s) AND d.id < %s ORDER BY d.id DESC LIMIT %s",
        *values,
        *FAILED,
        before,
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(row.id))
    phones = await _phones(page.items)
    return Page(items=[_dead_letter(row, *phones[row.id]) for row in page.items], next_cursor=page.next_cursor)


def _dead_letter(row: _DeadRow, sealed: str, context: str) -> DeadLetter:
    phone = reveal_to_system(sealed, context=context, purpose=Purpose.DELIVERY) if sealed else ""
    return DeadLetter(
        id=ids.public(row.id),
        channel=row.channel,
        template=row.template,
        text=row.text,
        recipient=national.mask_phone(phone) if phone else "",
        state=row.state.value,
        state_text=FAILED_TEXT[row.state],
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=clock.iso(row.created_at) or "",
    )
