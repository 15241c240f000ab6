"""A case as the desk sees it, and what a clerk decides."""

from datetime import date

import msgspec

from backend.casework.schemas.cases import CaseView, Version
from backend.casework.schemas.forms import SlotView
from backend.casework.schemas.queue import PresenceView
from backend.casework.schemas.talk import QuestionView


class CheckView(msgspec.Struct, kw_only=True):
    """An automatic check shown at the desk; `ok` None means it needs a person."""

    text: str
    ok: bool | None


class ChangeView(msgspec.Struct, kw_only=True):
    field: str
    label: str
    before: str
    after: str


class DuplicateView(msgspec.Struct, kw_only=True):
    """Another case with something in common. Of another branch of the tree it has no number. `to_decide` is one of
    which somebody has to say what it is.
    """

    reason: str  # "同一身份证号"
    number: str | None
    subject: str
    status_text: str
    service: str = ""
    submitted_on: str = ""
    verdict: str = ""
    verdict_text: str = ""
    to_decide: bool = False


class CompareRow(msgspec.Struct, kw_only=True):
    label: str
    this: str
    other: str
    differs: bool


class CompareView(msgspec.Struct, kw_only=True):
    """Two cases side by side. `later` is the number of the one that a merger would end."""

    this: str
    other: str
    version: int
    other_version: int
    rows: list[CompareRow]
    verdict: str
    verdict_text: str
    may_merge: bool
    later: str


class RecusalLine(msgspec.Struct, kw_only=True):
    """A colleague who asked to have nothing to do with a case."""

    who: str
    reason: str
    at: str


class DeskCaseView(msgspec.Struct, kw_only=True):
    """A case as the desk sees it."""

    case: CaseView
    subject: str
    summary: str
    round: int
    changes: list[ChangeView]
    checks: list[CheckView]
    duplicates: list[DuplicateView]
    slots: list[SlotView]
    may: list[str]  # decision actions this actor may take now
    revealable: list[str]  # field names with 查看(留痕)
    next_number: str | None
    due_text: str
    tone: str
    fixed: list[str] = []  # fields that the system filled: nobody can be asked to correct them
    questions: list["QuestionView"] = []  # to other desks, the latest first
    may_ask: bool = False
    covering: str = ""  # in whose place the reader serves this desk
    four_eyes: str = ""  # that the step needs two people, and how far that is, in words
    signs_first: bool = False  # an approval would be the first of two
    recused: str = ""  # why the reader has no say, in words
    may_recuse: bool = False
    recusals: list[RecusalLine] = []
    open_by: list["PresenceView"] = []  # colleagues who have it open now
    serves: bool = False  # the actor's desk has it


class FieldComment(msgspec.Struct, kw_only=True):
    field: str
    comment: str


class DecisionInput(msgspec.Struct, kw_only=True):
    action: str
    version: Version
    comment: str = ""
    corrections: list[FieldComment] = []
    until: date | None = None  # hold
    message: str = ""  # hold: what the member sees
    to_union: str = ""  # transfer
    role: str = ""  # transfer


class VerdictInput(msgspec.Struct, kw_only=True):
    """`verdict` is both, distinct or merged; `version` that of the case one has open."""

    verdict: str
    reason: str
    version: Version


class RecusalInput(msgspec.Struct, kw_only=True):
    """Asking to have nothing to do with a case; the reason stays among staff."""

    reason: str
    version: Version


class ReopenInput(msgspec.Struct, kw_only=True):
    """A refusal taken back, with the reason that the applicant reads."""

    reason: str
    version: Version


class DeskCase(CaseView, kw_only=True):
    """The Case of the API as the desk reads it: the same fields, and beside them what the desk needs."""

    subject: str
    summary: str
    round: int
    changes: list[ChangeView]
    checks: list[CheckView]
    duplicates: list[DuplicateView]
    may: list[str]
    revealable: list[str]
    next_number: str | None
    due_text: str
    questions: list[QuestionView]
    may_ask: bool
    covering: str = ""
    four_eyes: str = ""
    signs_first: bool = False
    recused: str = ""
    may_recuse: bool = False
    recusals: list[RecusalLine] = []
    open_by: list[PresenceView]
