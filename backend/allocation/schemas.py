from datetime import datetime

import msgspec

from backend.allocation.enums import ClaimState, DrawState, PoolState


class NewPool(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is made of ids: the same key opens one pool. Capacity may change later, nothing else does."""

    key: str
    kind: str
    capacity: int
    per_person: int = 1
    waiting: bool = False
    offer_minutes: int = 24 * 60
    opens_at: datetime | None = None
    closes_at: datetime | None = None


class EntryTimes(msgspec.Struct, frozen=True, kw_only=True):
    """When one may enter a draw. It is drawn at `closes_at` or later."""

    opens_at: datetime | None = None
    closes_at: datetime


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """`nth` counts a person's live claims.

    `position` counts from 1 and is there while the claim waits; `offered_until` while a place is kept for it;
    `entry_no` is its public number in a draw and `rank` its place in the drawn order, from 1."""

    id: int
    pool_id: int
    person_id: int
    state: ClaimState
    nth: int | None = None
    position: int | None = None
    offered_until: datetime | None = None
    entry_no: int | None = None
    rank: int | None = None


class Reservation(msgspec.Struct, frozen=True):
    """`is_new` is false when the same key had made the claim before: then no place is to be taken."""

    claim: Claim
    is_new: bool


class PoolFigures(msgspec.Struct, frozen=True, kw_only=True):
    capacity: int
    taken: int
    left: int
    waiting: int
    state: PoolState
    version: int


class DrawFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A draw. `seed` is empty, and `entries` and `places` are 0, until it is drawn. `entered` counts the numbers given
    out, of which some may have been given back."""

    pool_id: int
    state: DrawState
    opens_at: datetime | None
    closes_at: datetime
    commitment: str
    seed: str
    entered: int
    entries: int
    places: int
    drawn_at: datetime | None


class DrawnEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`rank` counts from 1 in the drawn order."""

    number: int
    rank: int
    person_id: int
