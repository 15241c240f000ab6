from enum import StrEnum


class PoolState(StrEnum):
    DRAWING = "drawing"  # places are given by lot, and the lots are not drawn yet
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class DrawState(StrEnum):
    OPEN = "open"
    DRAWN = "drawn"
    CANCELLED = "cancelled"  # the pool was closed before


class ClaimState(StrEnum):
    ENTERED = "entered"  # takes part in a draw that is still to come
    HELD = "held"
    WAITING = "waiting"
    OFFERED = "offered"  # a place is kept for them until they accept or the time is over
    RELEASED = "released"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LOST = "lost"  # drawn behind the last place, where no waiting list is kept


# Those that count in `taken`.
TAKING = (ClaimState.HELD, ClaimState.OFFERED)
