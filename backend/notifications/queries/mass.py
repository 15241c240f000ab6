"""Mass notices as those who send them see them: whom they would reach and for how much, how far they are."""

import base64
import struct
from collections.abc import Sequence
from datetime import datetime

import msgspec

from backend.channels import sms
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.membership import queries as members
from backend.membership.enums import Outer
from backend.membership.schemas import Selection
from backend.notifications import templates
from backend.notifications.enums import (
    FAILED,
    MASS_TEXT,
    Audience,
    Channel,
    DeliveryState,
    MassState,
    Notice,
)
from backend.notifications.schemas import MassCounts, MassInput, MassPreview, MassView, Reach
from backend.unions import queries as unions
from backend.unions.schemas import UnionReference
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

SEND = "notice.send"
SAMPLE = 5

# The phone that a message goes to, as in `commands.many`.
_REACH = (
    "SELECT COUNT(*) AS members, COUNT(a.id) AS inboxes, COUNT(COALESCE(a.phone_index, m.phone_index)) AS with_phone,"
    " COUNT(DISTINCT COALESCE(a.phone_index, m.phone_index)) AS phones"
    " FROM member m LEFT JOIN account a ON a.member_id = m.id"
)


class MassRow(msgspec.Struct, kw_only=True):
    id: int
    path: str
    union_name: str
    title: str
    text: str
    target_rule: str
    outer: str
    by_sms: bool
    state: MassState
    total: int
    parts: int
    next_part: int
    done: int
    inboxes: int
    moves: int
    made_at: datetime


_MASS = (
    "SELECT n.id, u.path, u.name AS union_name, n.title, n.text, n.target_rule, n.outer, n.by_sms, n.state, n.total,"
    " n.parts, n.next_part, n.done, n.inboxes, n.moves, n.made_at FROM mass_notice n"
    " JOIN union_org u ON u.id = n.union_id"
)


async def sending_unions(actor: Actor) -> list[UnionReference]:
    return await unions.choices_in_scope(actor, SEND)


async def mass_row(mass_id: int) -> MassRow | None:
    return await database.view(MassRow, f"{_MASS} WHERE n.id = %s", mass_id)


async def managed_notice(notice: str, actor: Actor) -> MassRow:
    """NotFound where the actor sends none."""
    where, values = unions.visible_to(actor, SEND)
    row = await database.view(MassRow, f"{_MASS} WHERE n.id = %s AND {where}", ids.parse(notice) or 0, *values)
    if row is None:
        raise NotFound()
    return row


async def preview_mass(data: MassInput, actor: Actor) -> MassPreview:
    """Whom it would reach and what it would cost. Nothing is written."""
    union = await unions.place_in_scope(data.union_id, actor, SEND)
    wrong = members.check_outer(members.parse_target(data.target_rule), data.outer)
    if wrong is not None:
        raise wrong
    return await _preview(
        members.target_selection(rule=data.target_rule, outer=data.outer, path=union.path),
        words_of(union_name=union.name, title=data.title, text=data.text),
        target_text=members.target_words(data.target_rule, data.outer),
        by_sms=data.by_sms,
    )


async def _preview(selection: Selection, values: dict[str, str], *, target_text: str, by_sms: bool) -> MassPreview:
    where, given = await members.selected_where(selection)
    reach = await database.view(Reach, f"{_REACH} WHERE {where}", *given)
    assert reach is not None
    text = templates.text(templates.template(Notice.UNION_NOTICE, Audience.MEMBER), Channel.SMS, values)
    messages, pieces = reach.phones if by_sms else 0, sms.pieces(text)
    return MassPreview(
        target_text=target_text,
        members=reach.members,
        unknown=(await members.count_selected(selection)).unknown,
        inboxes=reach.inboxes,
        duplicates=reach.with_phone - reach.phones,
        without_phone=reach.members - reach.with_phone,
        messages=messages,
        pieces=pieces,
        cost_fen=sms.cost_fen(messages * pieces),
        sms_text=text if by_sms else "",
        sample=(await members.selected_members(selection, unknown=False, limit=SAMPLE)).items,
    )


def words_of(*, union_name: str, title: str, text: str) -> dict[str, str]:
    return {"union": union_name, "title": title.rstrip("。.！!；;"), "text": text}


def selection_of(row: MassRow) -> Selection:
    return members.target_selection(rule=row.target_rule, outer=_outer(row), path=row.path)


def _outer(row: MassRow) -> Outer | None:
    return Outer(row.outer) if row.outer else None


async def mass_notices(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[MassView]:
    """The latest first."""
    where, values = unions.visible_to(actor, SEND)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    found = await database.views(
        MassRow, f"{_MASS} WHERE {where} AND n.id < %s ORDER BY n.id DESC LIMIT %s", *values, before, limit + 1
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    counts = await _counts([row.id for row in page.items])
    items = [_view(row, counts.get(row.id, MassCounts())) for row in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


async def mass_notice(notice: str, actor: Actor) -> MassView:
    """How far it is; as long as it was not begun, whom it would reach now."""
    row = await managed_notice(notice, actor)
    shown = _view(row, (await _counts([row.id])).get(row.id, MassCounts()))
    if row.state is MassState.DRAFT:
        values = words_of(union_name=row.union_name, title=row.title, text=row.text)
        shown.preview = await _preview(selection_of(row), values, target_text=shown.target_text, by_sms=row.by_sms)
    return shown


class _Count(msgspec.Struct):
    mass_id: int
    state: DeliveryState
    messages: int


async def _counts(mass_ids: Sequence[int]) -> dict[int, MassCounts]:
    """From the index alone, for the page asks each second."""
    if not mass_ids:
        return {}
    marks = ", ".join(["%s"] * len(mass_ids))
    found = await database.views(
        _Count,
        f"SELECT mass_id, state, COUNT(*) AS messages FROM delivery WHERE mass_id IN ({marks})"  # noqa: S608
        " GROUP BY mass_id, state",
        *mass_ids,
    )
    counts: dict[int, MassCounts] = {}
    for one in found:
        count = counts.setdefault(one.mass_id, MassCounts())
        count.written += one.messages
        if one.state in (DeliveryState.SENT, DeliveryState.DELIVERED):
            count.sent += one.messages
        elif one.state in (*FAILED, DeliveryState.GIVEN_UP):
            count.failed += one.messages
        else:
            count.left += one.messages
    return counts


def _view(row: MassRow, counts: MassCounts) -> MassView:
    writing = row.state in (MassState.WAITING, MassState.RUNNING)
    return MassView(
        id=ids.public(row.id),
        union_name=row.union_name,
        title=row.title,
        text=row.text,
        target_text=members.target_words(row.target_rule, _outer(row)),
        by_sms=row.by_sms,
        state=row.state.value,
        state_text=MASS_TEXT[row.state],
        total=row.total,
        done=row.done,
        percent=100 * row.done // row.total if row.total else 0,
        inboxes=row.inboxes,
        sms=counts,
        going=writing or (row.state is MassState.DONE and counts.left > 0),
        made_at=clock.iso(row.made_at) or "",
    )


async def members_of_piece(mass_id: int, part: int) -> Sequence[int]:
    """Of the frozen list."""
    packed = await database.scalar("SELECT members FROM mass_part WHERE mass_id = %s AND part = %s", mass_id, part)
    raw = base64.b64decode(packed)
    return struct.unpack(f">{len(raw) // 8}q", raw)


def pack(member_ids: Sequence[int]) -> str:
    return base64.b64encode(struct.pack(f">{len(member_ids)}q", *member_ids)).decode()
