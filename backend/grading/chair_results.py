"""What a chair is given, with all that led to it. Decimals are text, so that nobody rounds them."""

from datetime import date

import msgspec

from backend.grading.worker_schemas import PayView


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
    withdrawn_on: date | None
    before_grade: str
    before_score: str
    change: str


class GradeCount(msgspec.Struct, kw_only=True):
    grade: str
    name: str
    count: int
    before: int


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
