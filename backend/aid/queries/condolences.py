"""Standards of condolences as units set them, and what one member had in a year."""

from datetime import date

import msgspec

from backend.aid import condolence_files
from backend.aid import condolence_rules as rules
from backend.aid.condolence_enums import EVENT_TEXT, FESTIVAL_TEXT, Festival, IssueState, LifeEvent
from backend.aid.condolence_rules import Own, Standard
from backend.aid.condolence_schemas import (
    CondolenceLine,
    GoodsLine,
    LimitView,
    StandardTable,
    StandardView,
    Usage,
)
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import invalid
from backend.membership import queries as roll
from backend.unions import queries as unions

MANAGE = "condolence.manage"
STATE_TEXT = {"ahead": "还没开始", "now": "现在有效", "over": "已被取代"}
_SHOWN = 200
_EARLIEST = 2020


class _Row(msgspec.Struct, kw_only=True):
    id: int
    union_id: int
    union_name: str
    event: LifeEvent
    amount_fen: int
    since: date
    paper: str
    set_by: str


class _Granted(msgspec.Struct, kw_only=True):
    event: LifeEvent
    event_date: date
    amount_fen: int
    goods: str
    granted_on: date
    union_name: str


class _Received(msgspec.Struct, kw_only=True):
    festival: Festival
    goods: str
    worth_fen: int
    given_on: date
    union_name: str


async def standard_table(actor: Actor) -> StandardTable:
    """Of the unions where the actor manages condolences: the latest beginnings first."""
    condition, values = unions.visible_to(actor, MANAGE)
    found = await database.views(
        _Row,
        "SELECT s.id, s.union_id, u.name AS union_name, s.event, s.amount_fen, s.since, s.paper,"  # noqa: S608
        " COALESCE(a.display, '') AS set_by FROM condolence_standard s JOIN union_org u ON u.id = s.union_id"
        f" LEFT JOIN account a ON a.id = s.set_by WHERE {condition} ORDER BY s.since DESC, s.id DESC LIMIT %s",
        *values,
        _SHOWN,
    )
    limits = condolence_files.on(clock.today())
    return StandardTable(
        source=limits.source,
        since=limits.since.isoformat(),
        limits=[
            LimitView(event=one, event_text=EVENT_TEXT[one], most_fen=allowed.most_fen, usual_fen=allowed.usual_fen)
            for one, allowed in limits.events.items()
        ],
        items=_views(found),
    )


def _views(found: list[_Row]) -> list[StandardView]:
    """They come latest first: the first that has begun is the one that holds."""
    holding: set[tuple[int, LifeEvent]] = set()
    views = []
    for row in found:
        state = "ahead" if row.since > clock.today() else "over" if (row.union_id, row.event) in holding else "now"
        if state == "now":
            holding.add((row.union_id, row.event))
        views.append(
            StandardView(
                id=ids.public(row.id),
                union_name=row.union_name,
                event=row.event,
                event_text=EVENT_TEXT[row.event],
                amount_fen=row.amount_fen,
                since=row.since.isoformat(),
                paper=row.paper,
                state=state,
                state_text=STATE_TEXT[state],
                set_by=row.set_by,
            )
        )
    return views


async def standard_of(union_id: int | None, event: LifeEvent, day: date) -> Standard:
    """What a unit gives for something that happened on a day."""
    own = await database.views(
        Own,
        "SELECT since, amount_fen, paper FROM condolence_standard WHERE union_id = %s AND event = %s AND since <= %s"
        " ORDER BY since DESC LIMIT 1",
        union_id or 0,
        event.value,
        day,
    )
    return rules.standard_on(event, day, condolence_files.on(day), own)


# ---- for members -------------------------------------------------------------------


async def condolence_usage(actor: Actor, *, year: int | None = None) -> Usage:
    """What the member of the account had in a year, this one where none is said."""
    this = clock.today().year
    wanted = this if year is None else year
    if not _EARLIEST <= wanted <= this:
        raise invalid("year", "wrong_value")
    granted, received = await _granted(actor, wanted), await _received(actor, wanted)
    return Usage(
        year=wanted,
        condolence_fen=sum(one.amount_fen for one in granted),
        goods_fen=sum(one.worth_fen for one in received),
        condolences=[
            CondolenceLine(
                event_text=EVENT_TEXT[one.event],
                event_date=one.event_date.isoformat(),
                amount_fen=one.amount_fen,
                goods=one.goods,
                granted_on=one.granted_on.isoformat(),
                union_name=one.union_name,
            )
            for one in granted
        ],
        goods=[
            GoodsLine(
                festival_text=FESTIVAL_TEXT[one.festival],
                goods=one.goods,
                worth_fen=one.worth_fen,
                given_on=one.given_on.isoformat(),
                union_name=one.union_name,
            )
            for one in received
        ],
    )


async def _granted(actor: Actor, year: int) -> list[_Granted]:
    index = await roll.id_no_index(actor.member_id) if actor.member_id is not None else None
    if index is None:
        return []
    return await database.views(
        _Granted,
        "SELECT g.event, g.event_date, g.amount_fen, g.goods, g.granted_on, COALESCE(u.name, '') AS union_name"
        " FROM condolence_grant g LEFT JOIN union_org u ON u.id = g.union_id"
        " WHERE g.person_index = %s AND g.granted_on BETWEEN %s AND %s ORDER BY g.granted_on DESC, g.id DESC LIMIT %s",
        index,
        date(year, 1, 1),
        date(year, 12, 31),
        _SHOWN,
    )


async def _received(actor: Actor, year: int) -> list[_Received]:
    if actor.member_id is None:
        return []
    return await database.views(
        _Received,
        "SELECT i.festival, i.goods, i.worth_fen, i.given_on, u.name AS union_name FROM festival_receipt r"
        " JOIN festival_issue i ON i.id = r.issue_id JOIN union_org u ON u.id = i.union_id"
        " WHERE r.member_id = %s AND i.year = %s AND i.state = %s ORDER BY i.given_on DESC, i.id DESC LIMIT %s",
        actor.member_id,
        year,
        IssueState.REGISTERED.value,
        _SHOWN,
    )
