"""What the worker needs to know to tell somebody of a moment in a case."""

from datetime import date

import msgspec


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of the moment it happened: the line of the history, and what no line says."""

    case_id: int
    event_id: int | None = None
    union_id: int | None = None  # the desk, where it is not the line's
    role: str | None = None
    due_on: date | None = None


class NoticeContext(msgspec.Struct, kw_only=True):
    """What a notice about a case may say, and to whom. Words, dates and desk are those of the moment it speaks of,
    however late it is written."""

    case_id: int
    number: str
    flow: str
    flow_version: int
    service_name: str
    applicant_id: int | None
    phone_sealed: str | None
    phone_context: str
    subject_name: str
    due_on: date | None
    held_until: date | None
    comment: str
    desk_name: str
    desk_union_id: int | None
    handlers: list[int] = []  # who serves that desk now
    leaders: list[int] = []  # who is the leader above it now
