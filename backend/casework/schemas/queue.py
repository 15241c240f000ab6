"""The queue of the desk, and what stands around it."""

import msgspec

from backend.casework.schemas.cases import ServiceReference


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


class DeskLoad(msgspec.Struct, kw_only=True):
    """What waits at one desk."""

    union_id: int
    role: str
    waiting: int
    due_today: int
    overdue: int


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
