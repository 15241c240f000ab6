"""What doors of visits take and give."""

from datetime import date

import msgspec

from backend.aid.visit_enums import MoveKind, Season


class TargetQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looked for: all that is said has to be so. `grades` are classes of open hardship files."""

    season: Season
    visit_on: date
    grades: list[str] = []
    groups: list[str] = []
    target_rule: str = ""
    union_id: str = ""


class TargetView(msgspec.Struct, kw_only=True):
    """`chosen_in` names the list of the same season on which somebody is already."""

    member: str
    member_no: str
    name: str
    category: str
    chosen_in: str


class TargetPreview(msgspec.Struct, kw_only=True):
    words: str
    total: int
    chosen: int
    items: list[TargetView]


class VisitInput(msgspec.Struct, frozen=True, kw_only=True):
    """A list of whom to visit. `again` says that whoever is on a list of this season may be visited once more."""

    name: str
    season: Season
    visit_on: date
    members: list[str]
    cash_fen: int = 0
    again: bool = False
    union_id: str = ""


class VisitView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    season: Season
    season_text: str
    year: int
    visit_on: str
    union_name: str
    people: int
    visited: int
    confirmed: int
    cash_fen: int


class VisitPersonView(msgspec.Struct, kw_only=True):
    member_no: str
    name: str
    category: str
    cash_fen: int
    again: bool
    visited_on: str | None
    confirmed_on: str | None
    rating_text: str
    words: str


class IssuedView(msgspec.Struct, kw_only=True):
    """Goods that went out to a list; `left` are those that did not come back."""

    name: str
    unit: str
    out: int
    back: int
    left: int
    worth_fen: int


class VisitPage(msgspec.Struct, kw_only=True):
    visit: VisitView
    people: list[VisitPersonView]
    goods: list[IssuedView]


class WareInput(msgspec.Struct, frozen=True, kw_only=True):
    """Goods for visits, and how many there are of them at first."""

    name: str
    unit: str
    price_fen: int
    stock: int
    union_id: str = ""


class MoveInput(msgspec.Struct, frozen=True, kw_only=True):
    """More come in, go out to a list, or come back from it."""

    kind: MoveKind
    count: int
    visit: str = ""
    note: str = ""


class WareView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    unit: str
    price_fen: int
    received: int
    out: int
    left: int
    union_name: str


class OwnVisit(msgspec.Struct, kw_only=True):
    id: str
    season_text: str
    visit_on: str
    union_name: str
    cash_fen: int
    confirmed_on: str | None
    received: bool
    rating: int | None
    rating_text: str
    words: str


class FeedbackInput(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it came, from one to five how it was, and what one has to say."""

    rating: int
    received: bool = False
    words: str = ""
