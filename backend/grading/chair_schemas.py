"""What goes into an appraisal of chairs and what comes out of it. Decimals are text, so that nobody rounds them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from backend.grading.enums import Assessor, SheetState
from backend.grading.schemes import ChairVersion
from backend.grading.worker_schemas import PayView

Words = Annotated[str, msgspec.Meta(max_length=500)]
Short = Annotated[str, msgspec.Meta(max_length=200)]

# ---- what comes in ------------------------------------------------------------------


class NewPeriod(msgspec.Struct, kw_only=True):
    union_id: str
    year: int


class SheetInput(msgspec.Struct, kw_only=True):
    """Points by item; every item of the scheme."""

    candidate: str
    scores: dict[str, Decimal]


class RecusalInput(msgspec.Struct, kw_only=True):
    candidate: str
    reason: Short


class AbsenceInput(msgspec.Struct, kw_only=True):
    """`assessor` is an account of the panel, or `self`. Without a candidate it is about all whom they did not score."""

    assessor: str
    reason: Short
    candidate: str = ""


class VetoInput(msgspec.Struct, kw_only=True):
    """An empty `veto` takes back the one that is registered."""

    candidate: str
    veto: str = ""
    reason: Words


class TownInput(msgspec.Struct, kw_only=True):
    """Who scores for the township; without a candidate for everybody there who is not scored yet."""

    assessor: str
    candidate: str = ""
    town: str = ""


class PanelInput(msgspec.Struct, kw_only=True):
    assessors: list[str]


class PostInput(msgspec.Struct, kw_only=True):
    candidate: str
    since: date
    until: date | None = None


class AppealInput(msgspec.Struct, kw_only=True):
    text: Annotated[str, msgspec.Meta(max_length=1000)]


class ReplyInput(msgspec.Struct, kw_only=True):
    upheld: bool
    reply: Annotated[str, msgspec.Meta(max_length=1000)]


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """An approved application."""

    case_id: int
    case_number: str
    year: int
    id_no: str
    name: str
    post: str
    union_id: int
    since: date
    until: date | None
    self_score: Decimal | None
    bank_card: str = ""
    account_id: int | None
    member_id: int | None


# ---- rows ---------------------------------------------------------------------------


class PeriodRow(msgspec.Struct, kw_only=True):
    id: int
    year: int
    union_id: int
    union_name: str
    path: str
    state: str
    scheme_since: date
    rules: ChairVersion
    round: int
    objections_until: date | None
    published_at: datetime | None
    subsidies_at: datetime | None
    version: int


class CandidateRow(msgspec.Struct, kw_only=True):
    id: int
    period_id: int | None
    year: int
    person_index: str
    case_id: int
    case_number: str
    union_id: int
    union_name: str
    town_union_id: int
    town_name: str
    town_account_id: int | None
    account_id: int | None
    member_id: int | None
    name: str
    card_sealed: str
    post: str
    since: date
    until: date | None
    self_score: str | None
    self_reason: str
    veto: str
    veto_reason: str


class SheetRow(msgspec.Struct, kw_only=True):
    candidate_id: int
    account_id: int
    assessor: Assessor
    state: SheetState
    scores: dict[str, str]
    total: str
    reason: str


# ---- figures ------------------------------------------------------------------------


class PartLine(msgspec.Struct, frozen=True, kw_only=True):
    """`score` out of a hundred times `weight` percent are `points`."""

    name: str
    weight: int
    score: str
    points: str


class VetoLine(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    reason: str


class NextLine(msgspec.Struct, frozen=True, kw_only=True):
    """`on` is the day on which the next grade comes by itself; None where it has to be earned."""

    grade: str
    missing: list[str]
    on: date | None = None


class SubsidyLine(msgspec.Struct, frozen=True, kw_only=True):
    monthly_fen: int
    months: int
    total_fen: int
    paid_on: date


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A result with all that led to it."""

    grade: str
    grade_name: str
    score: str
    reached: str
    parts: list[PartLine]
    veto: VetoLine | None
    subsidy: SubsidyLine | None
    months: int
    next: NextLine | None
    explanation: list[str]
    source: str
    since: date
    band_rule: str


# ---- what comes out -----------------------------------------------------------------


class MissingLine(msgspec.Struct, frozen=True, kw_only=True):
    candidate: str
    name: str
    town: str
    what: str


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
    missing: list[str]
    sheets: list[SheetMark]


class ResultLine(msgspec.Struct, kw_only=True):
    """Of a dry run or of what was published; `before` is last year's grade, `change` in words."""

    candidate: str
    name: str
    union_name: str
    town_name: str
    score: str
    grade: str
    grade_name: str
    parts: list[PartLine]
    vetoed: bool
    months: int
    subsidy_fen: int
    before_grade: str
    before_score: str
    change: str


class GradeCount(msgspec.Struct, kw_only=True):
    grade: str
    name: str
    count: int
    before: int


class DryRun(msgspec.Struct, kw_only=True):
    period: PeriodView
    lines: list[ResultLine]
    missing: list[MissingLine]
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
    """One's own sheet, to be filled in."""

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


class SubsidiesMade(msgspec.Struct, kw_only=True):
    """`recorded` are new; `count` and `total_fen` are all of the year."""

    recorded: int
    count: int
    total_fen: int


class AppealView(msgspec.Struct, kw_only=True):
    text: str
    state: str
    state_text: str
    reply: str


class GradeView(msgspec.Struct, kw_only=True):
    """A grade of one's own: of a chair by the year, of a social worker as it stands."""

    id: str
    scheme: str
    scheme_name: str
    period: str
    status: str
    status_text: str
    union_name: str
    grade: str
    grade_name: str
    score: str
    parts: list[PartLine]
    veto: VetoLine | None
    subsidy: SubsidyLine | None
    next: NextLine | None
    explanation: list[str]
    rule: str
    source: str
    progress: list[str]
    objections_until: date | None = None
    may_appeal: bool = False
    appeal: AppealView | None = None
    certificate: str = ""
    case_number: str = ""
    pay: PayView | None = None  # a month's, of a social worker


class GradesView(msgspec.Struct, kw_only=True):
    items: list[GradeView]
