"""Entries of registers that cases led to."""

from datetime import date
from typing import Any

import msgspec


class RecordView(msgspec.Struct, kw_only=True):
    """An entry of a register, in its holder's list and in the desk's. `may_open`: the case is the reader's to see;
    somebody else, or a window, may have applied for the holder.
    """

    number: str
    kind: str
    name: str
    subject: str
    summary: str
    state: str
    state_text: str
    opened_on: str
    valid_until: str | None
    case_number: str
    service: str
    may_open: bool


class EntryFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What rules ask about an entry."""

    id: int
    number: str
    flow: str
    case_id: int
    member_id: int | None
    id_no_index: str | None
    state: str
    opened_on: date
    valid_until: date | None
    data: dict[str, Any]
