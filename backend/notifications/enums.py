from enum import StrEnum


class Notice(StrEnum):
    """What somebody can be told. Each has its words in config/notifications/<value>.yaml."""

    CASE_SUBMITTED = "case.submitted"
    CASE_RETURNED = "case.returned"
    CASE_APPROVED = "case.approved"
    CASE_REJECTED = "case.rejected"
    CASE_HELD = "case.held"
    CASE_NEAR_DUE = "case.near_due"
    CASE_OVERDUE = "case.overdue"
    CASE_URGED = "case.urged"
    MEMBER_ADMITTED = "member.admitted"
    RECORD_NEAR_END = "record.near_end"


class Channel(StrEnum):
    INBOX = "inbox"
    SMS = "sms"


class DeliveryState(StrEnum):
    """Only ever further down this list."""

    WAITING = "waiting"
    SENDING = "sending"  # tried at least once, not taken by the provider yet
    SENT = "sent"  # the provider took it
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent_failure"  # the number does not exist
    TECHNICAL_FAILURE = "technical_failure"  # given up after all tries


UNSENT = (DeliveryState.WAITING, DeliveryState.SENDING)
FAILED = (DeliveryState.PERMANENT_FAILURE, DeliveryState.TECHNICAL_FAILURE)
