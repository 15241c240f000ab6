"""What doors of condolences take and give."""

from datetime import date

import msgspec

from backend.aid.condolence_enums import Festival, LifeEvent


class StandardInput(msgspec.Struct, frozen=True, kw_only=True):
    """`union_id` may be left out by whoever does it for one union only; `paper` is what the unit decided it by."""

    event: LifeEvent
    amount_fen: int
    since: date
    paper: str
    union_id: str = ""


class StandardView(msgspec.Struct, kw_only=True):
    """`state` is ahead, now or over."""

    id: str
    union_name: str
    event: LifeEvent
    event_text: str
    amount_fen: int
    since: str
    paper: str
    state: str
    state_text: str
    set_by: str


class LimitView(msgspec.Struct, kw_only=True):
    event: LifeEvent
    event_text: str
    most_fen: int
    usual_fen: int


class StandardTable(msgspec.Struct, kw_only=True):
    """The limits of today, by which paper, and the standards that units have set within them."""

    source: str
    since: str
    limits: list[LimitView]
    items: list[StandardView]


class IssueInput(msgspec.Struct, frozen=True, kw_only=True):
    """What each got; `members` are numbers of the roll with anything between them, unless `everyone` of the unit."""

    festival: Festival
    goods: str
    worth_fen: int
    given_on: date
    everyone: bool = False
    members: str = ""
    union_id: str = ""


class RevokeInput(msgspec.Struct, frozen=True):
    reason: str


class IssueView(msgspec.Struct, kw_only=True):
    id: str
    union_name: str
    festival: Festival
    festival_text: str
    goods: str
    worth_fen: int
    given_on: str
    everyone: bool
    people: int
    total_fen: int
    state: str
    state_text: str
    reason: str
    at: str


class IssueList(msgspec.Struct, kw_only=True):
    """Of one year; `most_fen` is what a person may be given in it, as the limits of its end say."""

    year: int
    most_fen: int
    total_fen: int
    items: list[IssueView]


class CondolenceLine(msgspec.Struct, kw_only=True):
    event_text: str
    event_date: str
    amount_fen: int
    goods: str
    granted_on: str
    union_name: str


class GoodsLine(msgspec.Struct, kw_only=True):
    festival_text: str
    goods: str
    worth_fen: int
    given_on: str
    union_name: str


class Usage(msgspec.Struct, kw_only=True):
    """What one member had in a year."""

    year: int
    condolence_fen: int
    goods_fen: int
    condolences: list[CondolenceLine]
    goods: list[GoodsLine]


class CondolenceGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What an approved case gives; kept as it was, whatever becomes of the standards."""

    case_id: int
    case_number: str
    person_index: str
    union_id: int
    event: LifeEvent
    event_date: date
    amount_fen: int
    goods: str
