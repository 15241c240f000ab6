"""Questions between desks, and messages between a desk and its applicant."""

from datetime import date

import msgspec


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
