from datetime import date
from typing import Any

import msgspec

from backend.unions.schemas import UnionReference


class NewMember(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be admitted, as typed. `division` is where they work, `household` where they are registered."""

    name: str
    id_no: str
    phone: str
    division: str = ""
    household: str = ""
    employ_form: str = ""
    newform_group: str = ""
    employer: str = ""


class AdmittedMember(msgspec.Struct, frozen=True, kw_only=True):
    """`bound` says whether the applicant's account opens the new card already."""

    id: int
    member_no: str
    rejoined: bool
    bound: bool


class EffectiveMember(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    member_no: str
    status: str
    union_id: int
    union_name: str


class MemberFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules of other domains ask about a member. `household_province` is two digits, "" when unknown."""

    id: int
    member_no: str
    name: str
    gender: str  # m or f
    birth_year: int
    household_province: str
    status: str
    status_since: date
    union_id: int
    union_name: str
    union_path: str
    division: str
    employ_form: str
    newform_group: str
    employer: str
    joined_on: date

    @property
    def is_effective(self) -> bool:
        return self.status in ("active", "transferring", "kept")


class OwnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A member's own data in the clear, for the forms they fill in. `union_id` is None once the membership ended."""

    name: str
    id_no: str
    mobile: str
    union_id: int | None
    division: str
    employer: str

    def __repr__(self) -> str:
        return "OwnRecord(…)"


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Members below the union of `path` for whom `condition` holds: SQL over a member `m` whose columns come from
    the table of facts and whose values are placeholders."""

    path: str
    condition: str
    values: tuple[Any, ...] = ()


class SelectedCount(msgspec.Struct, frozen=True):
    """`unknown` are those of whom the condition cannot be answered; they are in neither number."""

    eligible: int
    unknown: int


class SelectedMember(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    member_no: str
    name: str
    union_name: str


class CardView(msgspec.Struct, kw_only=True):
    """The electronic member card. `qr` is the text of a code that dies within a minute, `qr_svg` its picture."""

    member_no: str
    name: str
    union: UnionReference
    status: str
    status_text: str
    joined_on: str
    qr: str
    qr_svg: str
    expires_in: int


class CardCheck(msgspec.Struct, kw_only=True):
    """What somebody who scans a card sees: masked facts."""

    valid: bool
    reason: str = ""
    name: str = ""
    union: str = ""
    status_text: str = ""
    member_no: str = ""


class MemberBrief(msgspec.Struct, kw_only=True):
    """A member in a list of staff or on their own page; in a hint to strangers name and union are masked."""

    id: str
    member_no: str
    name: str
    union: UnionReference
    status: str
    status_text: str
    joined_on: str = ""
    hint: str = ""


class SensitiveLine(msgspec.Struct, kw_only=True):
    """A masked value with its name; `revealable` when this reader may open it, leaving a trace."""

    name: str
    label: str
    masked: str
    revealable: bool


class ChangeLine(msgspec.Struct, kw_only=True):
    at: str
    title: str
    reason: str
    reference: str


class MemberDetail(msgspec.Struct, kw_only=True):
    """One member as staff see it. `facts` are pairs of label and value, `acts` what this reader may do to it."""

    member: MemberBrief
    facts: list[tuple[str, str]]
    sensitive: list[SensitiveLine]
    history: list[ChangeLine]
    version: int
    acts: list["Option"]
    may_release: bool
    may_register: bool


class RevealedValue(msgspec.Struct, kw_only=True):
    label: str
    value: str


class ConfirmInput(msgspec.Struct, kw_only=True):
    id_no: str


class Option(msgspec.Struct, kw_only=True):
    value: str
    label: str
    selected: bool = False


class ImportStarted(msgspec.Struct, kw_only=True):
    id: str


class ImportView(msgspec.Struct, kw_only=True):
    """`rows` are all rows of a small sheet, of a large one those that were not imported."""

    id: str
    state: str
    dry_run: bool
    total: int
    done: int
    added: int
    updated: int
    unchanged: int
    refused: int
    problem: str
    created_at: str
    finished_at: str | None
    rows: list["ImportRowView"] = []


class ImportRowView(msgspec.Struct, kw_only=True):
    row_no: int
    result: str
    field: str
    message: str


class ScanPage(msgspec.Struct, kw_only=True):
    """The page behind a card's code. `tone` is ok or late."""

    headline: str
    tone: str
    kind_text: str
    number: str
    facts: list[tuple[str, str]]


class FactHelp(msgspec.Struct):
    """What a rule may ask: the name to write, what it is, and its values where these are few."""

    key: str
    name: str
    values: str
