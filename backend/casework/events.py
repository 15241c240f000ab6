"""What happened to cases. `event_id` is the line of the case's history, which keeps the words and the dates of that
moment; what no line says comes along. Who is told is the flow file's to say, and workers/reactions does it.
"""

from datetime import date, datetime

import msgspec


class CaseSubmitted(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int


class CaseAssigned(msgspec.Struct, frozen=True):
    """It came to this desk: new, handed on, or at its next step."""

    case_id: int
    event_id: int
    union_id: int
    role: str


class CaseAccepted(msgspec.Struct, frozen=True):
    """A desk looked at it first."""

    case_id: int
    event_id: int


class CaseReturned(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int
    round: int


class CaseCorrected(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int
    round: int


class CaseTransferred(msgspec.Struct, frozen=True):
    """To this desk, from the one of the line."""

    case_id: int
    event_id: int
    union_id: int
    role: str


class CaseHeld(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int


class CaseAwaited(msgspec.Struct, frozen=True):
    """The next step waits for an action of the applicant."""

    case_id: int
    event_id: int


class CaseReleased(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int


class CaseApproved(msgspec.Struct, frozen=True):
    """The last step approved it; its outcome is already true."""

    case_id: int
    event_id: int


class CaseRejected(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int


class CaseReopened(msgspec.Struct, frozen=True):
    """A refusal was taken back; `decided_at` is when it had been given."""

    case_id: int
    event_id: int
    decided_at: datetime


class CaseMerged(msgspec.Struct, frozen=True):
    """It ended as a duplicate of another one."""

    case_id: int
    event_id: int


class CaseWithdrawn(msgspec.Struct, frozen=True):
    case_id: int


class CaseUrged(msgspec.Struct, frozen=True):
    case_id: int
    event_id: int


class CaseNearDue(msgspec.Struct, frozen=True):
    """`due_on` is the last day that is near, `union_id` and `role` the desk that has the case."""

    case_id: int
    due_on: date
    union_id: int
    role: str


class CaseOverdue(msgspec.Struct, frozen=True):
    case_id: int
    due_on: date
    union_id: int
    role: str


class CaseActed(msgspec.Struct, frozen=True):
    """One of the flow's own actions was done."""

    case_id: int
    event_id: int
    action: str


class QuestionAsked(msgspec.Struct, frozen=True):
    """Of this desk, by the union whose name is in `by`."""

    case_id: int
    event_id: int
    union_id: int
    role: str
    due_on: date
    by: str


class QuestionOverdue(msgspec.Struct, frozen=True):
    """The desk that was asked has let its day pass; `asker_id` is the account that waits for an answer."""

    case_id: int
    question_id: int
    union_id: int
    role: str
    due_on: date
    by: str
    asker_id: int


class QuestionAnswered(msgspec.Struct, frozen=True):
    """By the union whose name is in `by`; `asker_id` is the account that waits for it."""

    case_id: int
    event_id: int
    asker_id: int
    by: str


class MessageWritten(msgspec.Struct, frozen=True):
    """Between the applicant and the desk of `union_id` and `role`."""

    case_id: int
    message_id: int
    from_desk: bool
    union_id: int
    role: str


class BatchDue(msgspec.Struct, frozen=True):
    """The time to undo a batch is over."""

    batch_id: int


class ExportRequested(msgspec.Struct, frozen=True):
    """`attempt` is another when it is started again."""

    export_id: int
    attempt: int


class RosterApproved(msgspec.Struct, frozen=True):
    """People of a list were to join together, and more of them are left than one decision takes in."""

    case_id: int
    table: str


class OffersMade(msgspec.Struct, frozen=True):
    """A range of offers of one rule and period, first and last id."""

    flow: str
    rule: str
    period: str
    closes_on: date
    first_id: int
    last_id: int


class ProxyAsked(msgspec.Struct, frozen=True):
    """Somebody filled in a form for another person, who is asked."""

    filing_id: int


class ProxyAnswered(msgspec.Struct, frozen=True):
    """The other person said yes or no, or said nothing for too long."""

    filing_id: int


class RecordNearEnd(msgspec.Struct, frozen=True):
    """An entry of a register ends within thirty days."""

    entry_id: int
