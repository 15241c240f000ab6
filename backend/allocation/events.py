"""What happened to claims by itself. Who holds them knows which domain opened the pool by its kind."""

from datetime import datetime

import msgspec


class PlaceOffered(msgspec.Struct, frozen=True, kw_only=True):
    claim_id: int
    pool_id: int
    kind: str
    person_id: int
    until: datetime


class OfferLapsed(msgspec.Struct, frozen=True, kw_only=True):
    claim_id: int
    pool_id: int
    kind: str
    person_id: int
