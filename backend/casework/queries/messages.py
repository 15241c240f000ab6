"""The talk on a case as each of its two sides reads it."""

from datetime import datetime

import msgspec

from backend.casework import rules, timeline
from backend.casework.queries import records
from backend.casework.queries.records import CaseRecord
from backend.casework.schemas import MessageView, TalkView
from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor

# More than this nobody reads; the first ones of a longer talk stay in the database.
_MOST = 200


class _Row(msgspec.Struct, kw_only=True):
    id: int
    from_desk: bool
    author_label: str
    sealed: str
    at: datetime


def message_context(message_id: int) -> str:
    return f"case_message/sealed/{message_id}"


async def own_talk(number: str, actor: Actor) -> TalkView:
    return await talk_of(await records.own_record(number, actor), actor)


async def desk_talk(number: str, actor: Actor) -> TalkView:
    """For everybody who may see the case; the desk that has it writes."""
    return await talk_of(await records.record(number, actor), actor)


async def talk_of(case: CaseRecord, actor: Actor) -> TalkView:
    """In order, with what is new to the reader's side marked."""
    own = not actor.is_staff
    found = await database.views(
        _Row,
        "SELECT id, from_desk, author_label, sealed, at FROM case_message WHERE case_id = %s ORDER BY id DESC LIMIT %s",
        case.id,
        _MOST,
    )
    unread = case.applicant_unread if own else case.desk_unread
    items, left = [], unread
    for row in found:
        mine = row.from_desk != own
        items.append(_view(row, own=own, mine=mine, is_new=not mine and left > 0))
        left -= not mine
    now, until = clock.now(), rules.talk_until(case.status, case.decided_at)
    open_now = until is None or now < until
    takes_part = own or rules.serving_post(actor, case.standing) is not None
    return TalkView(
        number=case.number,
        service=case.spec.name,
        subject=national.mask_name(case.subject_name),
        items=items[::-1],
        next_cursor=None,
        unread=unread,
        takes_part=takes_part,
        may_write=open_now and takes_part and (own or _is_read(case, actor)),
        is_over=not open_now,
        closes_on=clock.local(until).date().isoformat() if until is not None and open_now else None,
    )


def _is_read(case: CaseRecord, actor: Actor) -> bool:
    """Whether there is somebody with an account on the other side, who is not the clerk."""
    return case.applicant_id is not None and not rules.is_own(actor, case.standing)


def _view(row: _Row, *, own: bool, mine: bool, is_new: bool) -> MessageView:
    kind = "staff" if row.from_desk else "person"
    return MessageView(
        id=ids.public(row.id),
        at=clock.iso(row.at) or "",
        who=timeline.who(kind, row.author_label, own=own),
        text=crypto.open_sealed(row.sealed, context=message_context(row.id)),
        from_desk=row.from_desk,
        mine=mine,
        is_new=is_new,
    )
