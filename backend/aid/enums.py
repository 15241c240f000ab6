"""Closed vocabularies of aid."""

from enum import StrEnum


class PolicyState(StrEnum):
    IN_FORCE = "in_force"  # as far as its days go
    REFUNDED = "refunded"


class Standing(StrEnum):
    """What a policy is good for on a day."""

    NOT_STARTED = "not_started"
    WAITING = "waiting"
    EFFECTIVE = "effective"
    ENDED = "ended"
    REFUNDED = "refunded"


STANDING_TEXT = {
    Standing.NOT_STARTED: "还没生效",
    Standing.WAITING: "等待期",
    Standing.EFFECTIVE: "有效",
    Standing.ENDED: "已到期",
    Standing.REFUNDED: "已退费",
}


class FeeKind(StrEnum):
    IN = "in"
    REFUND = "refund"  # of a policy, before it began
    RETURN = "return"  # of a case that came to nothing
