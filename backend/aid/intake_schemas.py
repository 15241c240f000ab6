"""What doors of yearly batches take and give."""

from datetime import date

import msgspec

from backend.aid.intake_enums import Exclusion


class IntakeInput(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of one year. `quota` is how many may be granted, nothing said means as far as the budget goes."""

    year: int
    title: str
    text: str
    opens_on: date
    closes_on: date
    budget_fen: int
    quota: int | None = None
    union_id: str = ""


class IntakeChange(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    closes_on: date
    budget_fen: int
    version: int
    quota: int | None = None


class IntakeView(msgspec.Struct, kw_only=True):
    """`phase` is ahead, open or over; granted figures are for desks."""

    id: str
    year: int
    title: str
    text: str
    opens_on: str
    closes_on: str
    phase: str
    phase_text: str
    union_name: str


class DeskIntake(IntakeView, kw_only=True):
    quota: int | None
    budget_fen: int
    granted: int
    granted_fen: int
    left_fen: int
    listed: int
    version: int


class ListedView(msgspec.Struct, kw_only=True):
    """Somebody of the publicity list, masked when they were listed; `notice` is where one objects."""

    name: str
    union_name: str
    stage_text: str
    closes_on: str
    running: bool
    notice: str


class DeskEntry(msgspec.Struct, kw_only=True):
    case_number: str
    name: str
    union_name: str
    stage_text: str
    listed_on: str
    amount_fen: int | None
    granted_on: str | None


class IntakePage(msgspec.Struct, kw_only=True):
    """One batch for everybody: what it says, what is excluded, and who is proposed."""

    intake: IntakeView
    exclusions: list[str]
    listed: list[ListedView]


class DeskIntakePage(msgspec.Struct, kw_only=True):
    intake: DeskIntake
    entries: list[DeskEntry]


class ExclusionInput(msgspec.Struct, frozen=True, kw_only=True):
    """From a day on this excludes, or no longer does; `paper` is what it was decided by."""

    code: Exclusion
    excluded: bool
    since: date
    paper: str
    union_id: str = ""


class ExclusionView(msgspec.Struct, kw_only=True):
    """As it is today; what comes later is in `coming`."""

    code: Exclusion
    text: str
    excluded: bool
    since: str | None
    paper: str
    coming: str


class IntakeFacts(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    year: int
    opens_on: date
    closes_on: date
    state: str
    quota: int | None
    budget_fen: int
    granted: int
    granted_fen: int


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A case of a batch that was hung up for objections."""

    case_id: int
    case_number: str
    year: int
    name: str
    union_id: int
    path: str
    stage: str


class IntakeGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What one student is granted in a batch."""

    listing: Listing
    student_index: str
    amount_fen: int
