from enum import StrEnum


class PoolState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class ClaimState(StrEnum):
    HELD = "held"
    WAITING = "waiting"
    OFFERED = "offered"  # a place is kept for them until they accept or the time is over
    RELEASED = "released"
    DECLINED = "declined"
    LAPSED = "lapsed"


# Those that count in `taken`.
TAKING = (ClaimState.HELD, ClaimState.OFFERED)
