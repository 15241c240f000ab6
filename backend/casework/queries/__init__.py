"""Reads of casework. `visible_to` keeps people to their own cases and staff to their branches of the tree."""

from backend.casework.queries.correction_page import correction_page
from backend.casework.queries.counts import desk_counts, queue_filters
from backend.casework.queries.desk_case import case_after_act, desk_case, desk_case_answer, quote_of
from backend.casework.queries.drafts import draft, draft_or_none
from backend.casework.queries.file_access import file_access
from backend.casework.queries.notices import notice_context
from backend.casework.queries.own import (
    applicant_of,
    own_case,
    own_cases,
    own_counts,
    own_drafts,
    own_flow,
    own_quote,
    own_slots,
    returned_lines,
    running_case,
    running_cases,
    traced_subjects,
    urged_today,
)
from backend.casework.queries.pace import of_service as pace_of
from backend.casework.queries.public import verify, verify_or_none
from backend.casework.queries.queue import QueueQuery, desk_queue, next_in_queue
from backend.casework.queries.scope import visible_to
from backend.casework.queries.services import (
    blank_screens,
    enabled_items,
    form_screens,
    item,
    screen_errors,
    screens_of,
    service,
)
from backend.casework.queries.transfers import transfer_options

__all__ = [
    "QueueQuery",
    "applicant_of",
    "blank_screens",
    "case_after_act",
    "correction_page",
    "desk_case",
    "desk_case_answer",
    "desk_counts",
    "desk_queue",
    "draft",
    "draft_or_none",
    "enabled_items",
    "file_access",
    "form_screens",
    "item",
    "next_in_queue",
    "notice_context",
    "own_case",
    "own_cases",
    "own_counts",
    "own_drafts",
    "own_flow",
    "own_quote",
    "own_slots",
    "pace_of",
    "queue_filters",
    "quote_of",
    "returned_lines",
    "running_case",
    "running_cases",
    "screen_errors",
    "screens_of",
    "service",
    "traced_subjects",
    "transfer_options",
    "urged_today",
    "verify",
    "verify_or_none",
    "visible_to",
]
