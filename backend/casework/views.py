"""Views of whole screens: a service item, the extras of a case's page, what the desk reads beside a case."""

from datetime import date
from typing import Any

import msgspec

from backend.casework.schemas import (
    CaseView,
    ChangeView,
    CheckView,
    DuplicateView,
    EligibilityView,
    FieldView,
    OfferLine,
    PresenceView,
    QuestionView,
    RecusalLine,
    SlotView,
    StepView,
)


class DraftLine(msgspec.Struct, kw_only=True):
    """A form begun and not sent."""

    slug: str
    name: str
    saved_at: str


class ReturnedLine(msgspec.Struct):
    """A returned field as its owner reads it."""

    label: str
    comment: str


class PaceView(msgspec.Struct, kw_only=True):
    """How long cases of one service took lately, in days."""

    median_days: int
    p90_days: int


class QuoteView(msgspec.Struct, kw_only=True):
    """An amount with its arithmetic; `lines` are (label, fen)."""

    title: str
    total_fen: int
    lines: list[tuple[str, int]]
    note: str = "以审核为准"


class FormView(msgspec.Struct, kw_only=True):
    fields: list[FieldView]
    attachments: list[SlotView]


class ProxySentLine(msgspec.Struct, kw_only=True):
    """A form that I filled in for somebody: how it stands, and nothing of what is in it."""

    id: str
    service: str
    name: str  # masked
    phone: str  # masked
    made_at: str
    until: str
    state: str
    state_text: str
    tone: str


class ProxyAskedLine(msgspec.Struct, kw_only=True):
    """A form that somebody filled in for me and that waits for my word."""

    id: str
    service: str
    filer: str
    until: str


class ProxyList(msgspec.Struct, kw_only=True):
    asked: list[ProxyAskedLine]
    sent: list[ProxySentLine]


class ProxyView(msgspec.Struct, kw_only=True):
    """What somebody filled in for me: masked, with what I agree to by consenting."""

    id: str
    service: str
    filer: str
    name: str
    until: str
    fields: list[FieldView]
    files: int
    agreements: list[str]


class OfferList(msgspec.Struct, kw_only=True):
    items: list[OfferLine]


class OfferView(msgspec.Struct, kw_only=True):
    """`state` is offered, confirmed, declined or over; `missing` are labels that nobody could fill in."""

    slug: str
    rule: str
    name: str
    text: str
    service: str
    until: str
    state: str
    case_number: str | None
    is_refused: bool
    fields: list[FieldView]
    missing: list[str]


class ReusableView(msgspec.Struct, kw_only=True):
    """An answer of an own earlier application, masked where it is sensitive."""

    field: str
    label: str
    value: Any
    source: str


class ReuseOffer(msgspec.Struct, kw_only=True):
    items: list[ReusableView]

    @property
    def words(self) -> str:
        """姓名、银行卡号、开户行等 5 项"""
        named = "、".join(item.label for item in self.items[:3])
        return f"{named}等 {len(self.items)} 项" if len(self.items) > 3 else named


class PrefilledValue(msgspec.Struct, kw_only=True):
    """`value` is masked where the field is sensitive; sent back masked it stands for the real one."""

    value: Any
    source: str


class FunctionLine(msgspec.Struct, kw_only=True):
    code: str
    name: str
    enabled: bool


class ServiceView(msgspec.Struct, kw_only=True):
    """A service item: who may apply, what is asked, which way it goes."""

    slug: str
    name: str
    group: str
    group_name: str
    audience: str
    summary: str
    limit_working_days: int
    enabled: bool
    form: FormView
    eligibility: EligibilityView
    steps: list[StepView]
    functions: list[FunctionLine]
    for_others: bool = False  # may be filled in for somebody who then consents
    prefill: dict[str, PrefilledValue]


class AttachmentView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    media_type: str
    size: int
    sha256: str


class DeskCounts(msgspec.Struct, kw_only=True):
    """What waits at the desks somebody serves. `services` counts the undecided ones by service, `asked` the questions
    of other desks."""

    mine: int
    due_today: int
    overdue: int
    held: int
    done_today: int
    asked: int
    services: dict[str, int]
    covered: dict[str, int] = {}  # undecided ones at the desks of each colleague whom one covers, by their account


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


class PublicNoticeView(msgspec.Struct, kw_only=True):
    """A 公示 as everybody reads it."""

    id: str
    title: str
    union: str
    body: list[str]
    opens_on: str
    closes_on: str
    running: bool


class RecordView(msgspec.Struct, kw_only=True):
    """An entry of a register, in its holder's list and in the desk's. `may_open`: the case is the reader's to see;
    somebody else, or a window, may have applied for the holder.
    """

    number: str
    kind: str
    name: str
    subject: str
    summary: str
    state: str
    state_text: str
    opened_on: str
    valid_until: str | None
    case_number: str
    service: str
    may_open: bool


class EntryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules ask about an entry."""

    id: int
    number: str
    flow: str
    case_id: int
    member_id: int | None
    id_no_index: str | None
    state: str
    opened_on: date
    valid_until: date | None
    data: dict[str, Any]
