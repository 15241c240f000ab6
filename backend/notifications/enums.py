from enum import IntEnum, StrEnum


class Notice(StrEnum):
    """What somebody can be told. Each has its words in config/notifications/<value>.yaml."""

    CASE_SUBMITTED = "case.submitted"
    CASE_ASSIGNED = "case.assigned"
    CASE_ACCEPTED = "case.accepted"
    CASE_RETURNED = "case.returned"
    CASE_CORRECTED = "case.corrected"
    CASE_TRANSFERRED = "case.transferred"
    CASE_HELD = "case.held"
    CASE_RELEASED = "case.released"
    CASE_AWAITED = "case.awaited"
    CASE_ACTED = "case.acted"
    CASE_APPROVED = "case.approved"
    CASE_REJECTED = "case.rejected"
    CASE_REOPENED = "case.reopened"
    CASE_MERGED = "case.merged"
    CASE_URGED = "case.urged"
    CASE_NEAR_DUE = "case.near_due"
    CASE_OVERDUE = "case.overdue"
    CASE_ASKED = "case.asked"  # another desk is asked for its opinion
    CASE_ANSWERED = "case.answered"
    CASE_UNANSWERED = "case.unanswered"  # the desk that was asked is late
    CASE_MESSAGE = "case.message"  # between the applicant and the desk
    COVER_NAMED = "cover.named"
    MEMBER_ADMITTED = "member.admitted"
    RECORD_NEAR_END = "record.near_end"
    POLICY_NEAR_END = "policy.near_end"
    OFFER_MADE = "offer.made"
    PROXY_ASKED = "proxy.asked"
    PROXY_ANSWERED = "proxy.answered"
    VOUCHER_ISSUED = "voucher.issued"
    DRAW_WON = "draw.won"
    DRAW_LOST = "draw.lost"
    ORDER_LAPSED = "order.lapsed"
    ORDER_REFUNDED = "order.refunded"
    PAYMENT_PAID = "payment.paid"
    PAYMENT_RETURNED = "payment.returned"
    GRADE_PROPOSED = "grade.proposed"
    GRADE_PUBLISHED = "grade.published"
    GRADE_ANSWERED = "grade.answered"
    GRADE_SHEETS = "grade.sheets"  # an assessor has sheets to write
    GRADE_SHEETS_DUE = "grade.sheets_due"  # and the day comes near
    GRADE_WITHDRAWN = "grade.withdrawn"  # a candidate is out of the round
    WORKER_GRADE = "worker.grade"  # service has brought a social worker the next grade
    WORKER_TRAINING = "worker.training"  # the training of a social worker is due
    DESK_DIGEST = "desk.digest"  # each working morning
    UNION_NOTICE = "union.notice"  # written at a desk, to many at once


class Audience(StrEnum):
    """To whom the words of a notice speak."""

    APPLICANT = "applicant"
    HANDLER = "handler"  # who serves the desk that has the case
    LEADER = "leader"  # who holds that role at the desk's union, or at the nearest one above it
    MEMBER = "member"


class Channel(StrEnum):
    INBOX = "inbox"
    WECHAT = "wechat"
    SMS = "sms"


# Where words are written for; WeChat fills the blanks of its own texts from the values of the short message.
WITH_WORDS = (Channel.INBOX, Channel.SMS)


class Urgency(IntEnum):
    """The lower goes first: whoever waits for an answer does not wait behind a county."""

    ONE = 0
    MANY = 1


class DeliveryState(StrEnum):
    """Only ever further down this list, unless somebody has a failed one tried again."""

    WAITING = "waiting"
    HELD = "held"  # of a mass notice that was stopped; waits again when it goes on
    SENDING = "sending"  # tried at least once, not taken by the provider yet
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # the provider took it, and reports that it did not arrive
    PERMANENT_FAILURE = "permanent_failure"  # the number does not exist
    TECHNICAL_FAILURE = "technical_failure"  # given up after all tries
    GIVEN_UP = "given_up"  # somebody decided to leave it at that


UNSENT = (DeliveryState.WAITING, DeliveryState.SENDING)
FAILED = (DeliveryState.UNDELIVERED, DeliveryState.PERMANENT_FAILURE, DeliveryState.TECHNICAL_FAILURE)
FAILED_TEXT = {
    DeliveryState.UNDELIVERED: "对方没有收到",
    DeliveryState.PERMANENT_FAILURE: "号码不能用",
    DeliveryState.TECHNICAL_FAILURE: "多次没发成",
}


class MassState(StrEnum):
    """A mass notice is written once for each member on its list; a stopped one can go on."""

    DRAFT = "draft"
    WAITING = "waiting"  # its list is being made
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"  # written for everybody; messages outside may still be on their way


MASS_TEXT = {
    MassState.DRAFT: "还没开始",
    MassState.WAITING: "正在确定名单",
    MassState.RUNNING: "正在发送",
    MassState.STOPPED: "已停止",
    MassState.DONE: "已发完",
}
