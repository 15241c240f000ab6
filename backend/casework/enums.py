from enum import StrEnum


class CaseStatus(StrEnum):
    SUBMITTED = "submitted"  # at its first desk, nobody has touched it
    IN_REVIEW = "in_review"
    RETURNED = "returned"  # waits for the applicant's corrections
    ON_HOLD = "on_hold"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN = (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW, CaseStatus.RETURNED, CaseStatus.ON_HOLD)
AT_DESK = (CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW, CaseStatus.ON_HOLD)
CLOSED = (CaseStatus.APPROVED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN)


class CaseAction(StrEnum):
    """What a line of the timeline or an offered button is."""

    SUBMIT = "submit"
    OPEN = "open"  # a desk looked at it first
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    TRANSFER = "transfer"
    HOLD = "hold"
    RELEASE = "release"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    URGE = "urge"


class StraightVerdict(StrEnum):
    """What became of a new case where a flow lets clean ones pass without a person."""

    APPROVED = "approved"
    SAMPLED = "sampled"  # clean, and one of the few that go to a person all the same
    LEFT = "left"  # something does not hold, or nobody knows


class OfferState(StrEnum):
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"  # may still be confirmed while it lasts


class ProxyState(StrEnum):
    """Of a form that somebody filled in for another person."""

    WAITING = "waiting"  # for that person's word
    CONSENTED = "consented"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # by whoever filled it in


class BatchState(StrEnum):
    PENDING = "pending"  # its cases are locked, it can still be undone
    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


class BatchRowState(StrEnum):
    LOCKED = "locked"
    REFUSED = "refused"  # not in the batch: the row says why
    DONE = "done"
    FAILED = "failed"  # something came between
    UNDONE = "undone"


class NoticeEvent(StrEnum):
    """What somebody is told of a case. Each has its words in config/notifications/case.<value>.yaml."""

    SUBMITTED = "submitted"
    ASSIGNED = "assigned"  # it came to a desk: new, handed on, or at its next step
    ACCEPTED = "accepted"  # a desk looked at it first
    RETURNED = "returned"
    CORRECTED = "corrected"
    TRANSFERRED = "transferred"
    HELD = "held"
    RELEASED = "released"
    AWAITED = "awaited"  # the next step waits for something that the applicant has to do
    APPROVED = "approved"  # by the last step
    REJECTED = "rejected"
    URGED = "urged"
    NEAR_DUE = "near_due"
    OVERDUE = "overdue"


class FieldKind(StrEnum):
    TEXT = "text"
    LONGTEXT = "longtext"
    INT = "int"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    BOOL = "bool"
    DATE = "date"
    MONTH = "month"
    YEAR = "year"
    DATETIME = "datetime"
    ENUM = "enum"
    MULTI = "multi"
    TABLE = "table"
    ID_NO = "id_no"
    NAME = "name"
    MOBILE = "mobile"
    USCC = "uscc"
    BANK_CARD = "bank_card"
    DIVISION = "division"
    ADDRESS = "address"
    GEO = "geo"
    ORG_REF = "org_ref"
    FILE = "file"


class RecordState(StrEnum):
    """Of an entry in a register."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


RECORD_STATE_TEXT = {
    RecordState.ACTIVE: "有效",
    RecordState.SUSPENDED: "已暂停",
    RecordState.ENDED: "已终止",
}
