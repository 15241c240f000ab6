"""What those who run an appraisal see of it, and an assessor of their own sheets."""

from datetime import date

import msgspec

from backend.grading.chair_results import GradeCount, ResultLine


class MissingLine(msgspec.Struct, frozen=True, kw_only=True):
    candidate: str
    name: str
    town: str
    what: str


class WithdrawnLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who was taken out of a round. `graded`: the sheets that were there are enough, and the scheme pays leavers."""

    candidate: str
    name: str
    union_name: str
    town_name: str
    on: date
    reason: str
    graded: bool


class TownProgress(msgspec.Struct, kw_only=True):
    id: str
    name: str
    candidates: int
    town_done: int
    panel_done: int
    panel_wanted: int
    assessor: str


class PanelistView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    done: int
    wanted: int


class ObjectionView(msgspec.Struct, kw_only=True):
    id: str
    candidate: str
    name: str
    text: str
    state: str
    state_text: str
    reply: str
    raised_at: str
    replied_at: str | None


class PeriodView(msgspec.Struct, kw_only=True):
    id: str
    year: int
    union_name: str
    state: str
    state_text: str
    candidates: int
    scheme_since: date
    source: str
    closes_on: date | None
    objections_until: date | None
    published_at: str | None
    subsidies_at: str | None


class PeriodsView(msgspec.Struct, kw_only=True):
    items: list[PeriodView]


class PeriodProgress(msgspec.Struct, kw_only=True):
    period: PeriodView
    towns: list[TownProgress]
    panel: list[PanelistView]
    missing: list[MissingLine]
    withdrawn: list[WithdrawnLine]
    objections: list[ObjectionView]


class SheetMark(msgspec.Struct, kw_only=True):
    """Whether an assessor is done with somebody; never what they gave."""

    assessor: str
    account: str
    name: str
    state: str
    reason: str


class CandidateView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    union_name: str
    town: str
    town_name: str
    case_number: str
    post: str
    since: date
    until: date | None
    months: int
    self_score: str | None
    town_assessor: str
    town_assessor_name: str
    veto: str
    veto_name: str
    veto_reason: str
    withdrawn_on: date | None
    withdrawn_reason: str
    graded: bool
    missing: list[str]
    sheets: list[SheetMark]


class DryRun(msgspec.Struct, kw_only=True):
    period: PeriodView
    lines: list[ResultLine]
    missing: list[MissingLine]
    withdrawn: list[WithdrawnLine]
    grades: list[GradeCount]
    total_fen: int
    before_total_fen: int


class ItemView(msgspec.Struct, kw_only=True):
    key: str
    name: str
    most: str
    part: str
    given: str


class SheetView(msgspec.Struct, kw_only=True):
    """One's own sheet, to be filled in. `waits`: it is still to be written."""

    candidate: str
    name: str
    union_name: str
    town_name: str
    assessor: str
    assessor_text: str
    state: str
    reason: str
    items: list[ItemView]
    total: str
    case_number: str
    may_score: bool
    withdrawn: bool
    waits: bool


class SubsidiesMade(msgspec.Struct, kw_only=True):
    """`recorded` are new; `count` and `total_fen` are all of the year."""

    recorded: int
    count: int
    total_fen: int
