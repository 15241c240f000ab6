"""What casework takes and gives. A View goes to JSON and to a template alike."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from backend.casework.enums import FieldKind, ProxyState

# What a database keeps in an integer column; more is no version of ours.
Version = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class OptionView(msgspec.Struct):
    value: str
    label: str
    selected: bool = False


class FieldView(msgspec.Struct, kw_only=True):
    """One field as a form shows it. `value` is what was typed or stored (masked where sensitive)."""

    name: str
    label: str
    kind: FieldKind
    required: bool = False
    hint: str = ""
    placeholder: str = ""
    value: Any = None
    display: str = ""  # value in words, for reading
    error: str = ""
    comment: str = ""  # the clerk's words when returned
    source: str = ""  # "来自会员档案" for prefilled values
    options: list[OptionView] = []
    columns: list["FieldView"] = []  # of a table
    rows: list[list["FieldView"]] = []  # of a table
    kept: int = 0  # of a table too long to be typed or shown: how many rows it has, of which `rows` are the first
    by_sheet: bool = False  # the table may be filled from a sheet
    sheet_at: str = ""  # of a table that is corrected from one: the address of the page
    min: str = ""
    max: str = ""
    max_length: int = 0
    sensitive: bool = False
    changed_from: str | None = None  # at the desk: the value of the round before
    when: str = ""  # shown only while this holds: "employ_form=newform" or "kind=a|b"
    folded: bool = False  # behind 补充信息（选填）
    must_be_yes: bool = False  # a consent: one box to tick, where any other yes/no is a pair of choices


class FileView(msgspec.Struct, kw_only=True):
    id: str
    name: str
    media_type: str
    size: int
    url: str
    is_image: bool = False
    is_new: bool = False  # brought by the current round


class SlotView(msgspec.Struct, kw_only=True):
    """A place for attachments in a form."""

    name: str
    label: str
    required: bool
    max_files: int
    hint: str = ""
    files: list[FileView] = []
    error: str = ""
    comment: str = ""
    folded: bool = False  # behind 补充信息（选填）


class ScreenView(msgspec.Struct, kw_only=True):
    """One screen of a form: a question group of at most seven fields."""

    key: str
    title: str
    intro: str = ""
    fields: list[FieldView] = []
    slots: list[SlotView] = []
    summary: bool = False  # shows what the screens before hold


class EligibilityCheck(msgspec.Struct, kw_only=True):
    text: str
    state: str  # pass, fail, unknown


class EligibilityView(msgspec.Struct, kw_only=True):
    text: str
    checks: list[EligibilityCheck]


class StepView(msgspec.Struct, kw_only=True):
    """`state` is done, current or ahead."""

    index: int
    name: str
    role: str
    desk: str
    state: str = "ahead"
    days: int = 0


class StepNow(msgspec.Struct, kw_only=True):
    index: int
    name: str
    role: str
    desk: str


class ServiceItem(msgspec.Struct, kw_only=True):
    slug: str
    name: str
    group: str
    group_name: str
    audience: str
    limit_working_days: int
    enabled: bool
    icon: str = ""
    summary: str = ""


class FunctionCount(msgspec.Struct):
    total: int
    enabled: int


class DirectoryView(msgspec.Struct, kw_only=True):
    items: list[ServiceItem]
    flows: int
    functions: FunctionCount


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


class DraftView(msgspec.Struct, kw_only=True):
    """`sources` says of answers from an earlier application which one, until somebody changes them. `cleared` are
    fields that the person emptied: nothing is offered there again."""

    form: dict[str, Any]
    attachments: dict[str, list[str]]
    version: int
    saved_at: str
    sources: dict[str, str] = {}
    cleared: list[str] = []


class QueueRow(msgspec.Struct, kw_only=True):
    """One line of the desk's queue, by due time."""

    number: str
    service: ServiceReference
    status: str
    subject: str  # masked name
    summary: str
    division: str
    due_on: str | None
    calendar_due_on: str | None  # of the second clock, in calendar days
    due_text: str  # "今天到期", "逾期 2 天", "11月25日": of the earlier of the two
    tone: str
    round: int
    step_name: str
    version: int
    flagged: bool
    urged: bool
    submitted_at: str
    in_batch: bool = False  # lies in a batch that has not taken effect yet
    asking: bool = False  # another desk was asked and has not answered yet
    unread_messages: int = 0  # of the applicant
    open_by: str = ""  # a colleague who has it open now
    asked: bool = False  # it is here for an answer; the day is that of the question
    signed: bool = False  # one of two approvals is there
    recused: bool = False  # the reader has no say in it


class QueueFilter(msgspec.Struct, kw_only=True):
    label: str
    query: str  # "?service=member-join"
    count: int
    active: bool = False


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


class SubmitInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any]
    attachments: dict[str, list[str]] = {}


class DraftInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}
    version: Version | None = None


class CorrectionsInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}
    version: Version


class OfferLine(msgspec.Struct, kw_only=True):
    """Something that came without being asked for and can be confirmed."""

    slug: str
    rule: str
    name: str
    icon: str
    until: str


class ProxyNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What may be said of a form that was filled in for somebody else, and to whom."""

    id: int
    flow: str
    filer_id: int
    filer_label: str
    subject_name: str
    phone_sealed: str
    phone_context: str
    state: ProxyState
    expires_at: datetime


class ProxyInput(msgspec.Struct, kw_only=True):
    """For whom, and what is filled in for them."""

    name: str
    phone: str
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}


class DeclineInput(msgspec.Struct, kw_only=True):
    forever: bool = False


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


class ActInput(msgspec.Struct, kw_only=True):
    form: dict[str, Any] = {}
    attachments: dict[str, list[str]] = {}


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of the moment it happened: the line of the history, and what no line says."""

    case_id: int
    event_id: int | None = None
    union_id: int | None = None  # the desk, where it is not the line's
    role: str | None = None
    due_on: date | None = None


class NoticeContext(msgspec.Struct, kw_only=True):
    """What a notice about a case may say, and to whom. Words, dates and desk are those of the moment it speaks of,
    however late it is written."""

    case_id: int
    number: str
    flow: str
    flow_version: int
    service_name: str
    applicant_id: int | None
    phone_sealed: str | None
    phone_context: str
    subject_name: str
    due_on: date | None
    held_until: date | None
    comment: str
    desk_name: str
    handlers: list[int] = []  # who serves that desk now
    leaders: list[int] = []  # who is the leader above it now


class QuestionInput(msgspec.Struct, kw_only=True):
    """To which desk, what, and by when; without a day the flow's own number of working days. `shared`: the applicant
    may read question and answer."""

    to_union: str
    role: str
    text: str
    due_on: date | None = None
    shared: bool = False


class AnswerInput(msgspec.Struct, kw_only=True):
    verdict: str
    text: str


class QuestionView(msgspec.Struct, kw_only=True):
    """A question to another desk; `desk` is the one that is asked."""

    id: str
    case_number: str
    desk: str
    text: str
    shared: bool
    asked_by: str
    asked_at: str
    due_on: str
    due_text: str  # "3月12日前答复", "逾期 2 天"; empty once it is settled
    tone: str
    state: str
    state_text: str
    verdict: str
    verdict_text: str
    answer: str
    answered_by: str
    answered_at: str | None
    may_answer: bool


class PhraseInput(msgspec.Struct, kw_only=True):
    text: str


class PhraseView(msgspec.Struct, kw_only=True):
    """One of 常用语; a shared one has no id and stays."""

    id: str | None
    text: str
    shared: bool


class PresenceView(msgspec.Struct, kw_only=True):
    """A colleague who has the case open now, and since when."""

    who: str
    since: str


class MessageInput(msgspec.Struct, kw_only=True):
    text: str


class ReadInput(msgspec.Struct, kw_only=True):
    """`upto` is the last message that was seen."""

    upto: str


class MessageView(msgspec.Struct, kw_only=True):
    """`who` as the reader reads the name; `mine` is one of the reader's own side."""

    id: str
    at: str
    who: str
    text: str
    from_desk: bool
    mine: bool
    is_new: bool


class TalkView(msgspec.Struct, kw_only=True):
    """The talk on a case, in order. `closes_on` is the last day of a talk that a closed case still allows;
    `takes_part`: the reader belongs to one of its two sides."""

    number: str
    service: str
    subject: str  # masked name
    items: list[MessageView]
    next_cursor: str | None
    unread: int
    takes_part: bool
    may_write: bool
    is_over: bool
    closes_on: str | None


class BatchItem(msgspec.Struct, kw_only=True):
    """One case of a batch; its own comment, or else the batch's."""

    number: str
    version: Version
    comment: str = ""


class BatchInput(msgspec.Struct, kw_only=True):
    action: str
    cases: list[BatchItem]
    comment: str = ""
    preview: bool = False


class BatchCounts(msgspec.Struct, kw_only=True):
    """`amount_fen` is the sum of those that would be decided, where their service has an amount."""

    total: int
    ok: int
    refused: int
    amount_fen: int = 0


class BatchResult(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`code` and `detail` say why not."""

    number: str
    ok: bool
    code: str = ""
    detail: str = ""
    subject: str = ""
    service: str = ""
    version: int = 0
    amount_fen: int = 0
    signs: bool = False  # it would be the first of two approvals, the case stays
    asking: bool = False  # another desk was asked and has not answered yet
    state: str = ""


class BatchView(msgspec.Struct, kw_only=True):
    """Refused rows come first. `batch` is None for a preview."""

    counts: BatchCounts
    results: list[BatchResult]
    batch: str | None = None
    action: str = ""
    comment: str = ""
    state: str = ""
    made_at: str = ""
    undo_until: str = ""
    undo_seconds: int = 0
