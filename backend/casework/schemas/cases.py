"""A case as its owner and the public see it, and what its owner sends."""

from typing import Annotated, Any

import msgspec

from backend.casework.schemas.forms import FieldView, FileView
from backend.casework.schemas.services import StepView

# What a database keeps in an integer column; more is no version of ours.
Version = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class StepNow(msgspec.Struct, kw_only=True):
    index: int
    name: str
    role: str
    desk: str


class CorrectionView(msgspec.Struct):
    field: str
    comment: str


class ServiceReference(msgspec.Struct):
    slug: str
    name: str


class DecisionView(msgspec.Struct, kw_only=True):
    action: str
    comment: str
    at: str


class TimelineEntry(msgspec.Struct, kw_only=True):
    at: str
    actor: str
    action: str
    comment: str
    title: str = ""  # "高桥街道总工会 审核通过", for people


class ActionOffer(msgspec.Struct, kw_only=True):
    """One of the flow's own actions that may be done now; `awaited` when the case waits for it."""

    key: str
    name: str
    hint: str = ""
    awaited: bool = False


class ActView(msgspec.Struct, kw_only=True):
    """An action that was done. A private one has no fields for the applicant."""

    id: str
    key: str
    name: str
    at: str
    who: str
    fields: list[FieldView] = []
    files: dict[str, list[FileView]] = {}


class DocumentLine(msgspec.Struct, kw_only=True):
    """A paper of a case; one that is made on request has no number of its own."""

    key: str
    title: str
    number: str


class ObjectionLine(msgspec.Struct, kw_only=True):
    """`upheld` is None while nobody has looked into it."""

    id: str
    text: str
    at: str
    upheld: bool | None
    finding: str


class NoticeLine(msgspec.Struct, kw_only=True):
    id: str
    title: str
    opens_on: str
    closes_on: str
    running: bool
    objections: list[ObjectionLine]


class CaseView(msgspec.Struct, kw_only=True):
    """The Case of the API contract, with what the pages need beside it."""

    number: str
    service: ServiceReference
    status: str
    step: StepNow | None
    submitted_at: str
    due_on: str | None
    version: int
    form: dict[str, Any]
    attachments: dict[str, list[str]]
    corrections: list[CorrectionView]
    decision: DecisionView | None
    outcome: dict[str, Any] | None
    timeline: list[TimelineEntry]
    actions: list[str]
    headline: str  # "高桥街道总工会正在审核"
    status_text: str  # "审核中"
    tone: str  # ok, warn, late, info
    days_left: int | None
    hold_message: str = ""
    held_until: str | None = None
    calendar_due_on: str | None = None  # of the second clock, in calendar days, which never stops
    calendar_text: str = ""  # "15 日内调解不成可以申请仲裁"
    steps: list[StepView] = []
    fields: list[FieldView] = []
    files: dict[str, list[FileView]] = {}
    verify_url: str = ""
    agent: str = ""  # who filled it in for the applicant, who consented
    viewers: int = 0  # how many staff opened this person's sensitive data
    offers: list[ActionOffer] = []  # the flow's own actions that the reader may do now; their keys are in `actions`
    acts: list[ActView] = []
    documents: list[DocumentLine] = []
    notices: list[NoticeLine] = []
    asking: list[str] = []  # unions whose opinion the desk waits for
    unread_messages: int = 0  # written by the other side and not read yet


class CaseRow(msgspec.Struct, kw_only=True):
    """One line of "my cases"."""

    number: str
    service: ServiceReference
    status: str
    status_text: str
    tone: str
    headline: str
    submitted_at: str
    due_on: str | None
    days_left: int | None
    steps: list[StepView] = []
    unread_messages: int = 0


class SubmitInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any]
    attachments: dict[str, list[str]] = {}


class CorrectionsInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}
    version: Version


class ActInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}


class ReturnedLine(msgspec.Struct):
    """A returned field as its owner reads it."""

    label: str
    comment: str


class QuoteView(msgspec.Struct, kw_only=True):
    """An amount with its arithmetic; `lines` are (label, fen)."""

    title: str
    total_fen: int
    lines: list[tuple[str, int]]
    note: str = "以审核为准"


class VerifyView(msgspec.Struct, kw_only=True):
    """What anybody learns who holds a receipt: masked facts and the state of this moment."""

    headline: str
    tone: str
    kind_text: str
    number: str
    facts: list[tuple[str, str]]


class RevealedView(msgspec.Struct, kw_only=True):
    field: str
    label: str
    value: str


class PublicNoticeView(msgspec.Struct, kw_only=True):
    """A 公示 as everybody reads it."""

    id: str
    title: str
    union: str
    body: list[str]
    opens_on: str
    closes_on: str
    running: bool
