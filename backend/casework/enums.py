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
    SIGN = "sign"  # the first of two approvals
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    TRANSFER = "transfer"
    HOLD = "hold"
    RELEASE = "release"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    URGE = "urge"
    ASK = "ask"  # another desk for its opinion
    ANSWER = "answer"
    RECUSE = "recuse"
    MERGE = "merge"  # two that were the same go on as one
    REOPEN = "reopen"  # a refusal is taken back, the step decides anew


class StraightVerdict(StrEnum):
    """What became of a new case where a flow lets clean ones pass without a person."""

    APPROVED = "approved"
    SAMPLED = "sampled"  # clean, and one of the few that go to a person all the same
    LEFT = "left"  # something does not hold, or nobody knows


class Recusal(StrEnum):
    """Why a member of staff has no say in a case."""

    OWN = "own"  # it is about themselves, or they asked for it
    RELATIVE = "relative"  # somebody they declared close is named in it
    ASKED = "asked"  # they asked to be left out


class KeyKind(StrEnum):
    """What two cases may share. Each is also the kind of its blind index."""

    ID_NO = "id_no"
    PHONE = "phone"
    BANK_CARD = "bank_card"
    INVOICE = "invoice"
    PHOTO = "photo"  # of an invoice: the very same file


class OfferState(StrEnum):
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"  # may still be confirmed while it lasts


class PairVerdict(StrEnum):
    """What a desk said of two cases that look alike."""

    BOTH = "both"  # both go on
    DISTINCT = "distinct"  # they have nothing to do with each other
    MERGED = "merged"  # the later one ended in the earlier one


PAIR_VERDICT_TEXT = {
    PairVerdict.BOTH: "两件都办",
    PairVerdict.DISTINCT: "不是重复",
    PairVerdict.MERGED: "已合并",
}


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


class QuestionState(StrEnum):
    """Of a question to another desk."""

    OPEN = "open"
    ANSWERED = "answered"
    LAPSED = "lapsed"  # the case was closed before anybody answered


class Verdict(StrEnum):
    """What the answer to a question comes to; it binds nobody."""

    AGREE = "agree"
    DISAGREE = "disagree"
    FOR_REFERENCE = "for_reference"


VERDICT_TEXT = {Verdict.AGREE: "同意", Verdict.DISAGREE: "不同意", Verdict.FOR_REFERENCE: "供参考"}


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
    REOPENED = "reopened"
    MERGED = "merged"  # it ended as a duplicate of another one
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


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    ZIP = "zip"  # of attachments


class ExportState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its problem says why; it can be started again
    EXPIRED = "expired"  # the file is gone, the line in the log stays
