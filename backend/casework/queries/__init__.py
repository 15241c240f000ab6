"""Reads of casework. `visible_to` keeps people to their own cases and staff to their branches of the tree."""

from backend.casework.queries import tables
from backend.casework.queries.action_forms import (
    action_screen,
    desk_action_form,
    desk_document,
    own_action_form,
    own_document,
)
from backend.casework.queries.batches import batch_preview, own_batch, own_batches
from backend.casework.queries.correction_page import correction_page
from backend.casework.queries.counts import desk_counts, desk_loads, queue_filters
from backend.casework.queries.desk_case import case_after_act, desk_case, desk_case_answer, quote_of
from backend.casework.queries.drafts import draft, draft_or_none
from backend.casework.queries.duplicates import compared
from backend.casework.queries.earlier_forms import reuse_offer
from backend.casework.queries.exporting import export_form, kinds_for
from backend.casework.queries.exports import export_log, own_export, own_exports
from backend.casework.queries.file_access import file_access
from backend.casework.queries.history import (
    PersonCases,
    approved_forms,
    approved_on,
    forms_of,
    holds_invoice,
    last_act,
    last_said,
    running,
    running_forms,
)
from backend.casework.queries.messages import desk_talk, own_talk, talk_of
from backend.casework.queries.notices import action_of, notice_context, notices_of
from backend.casework.queries.offers import offer_rule, offered_accounts, own_offer, own_offers
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
from backend.casework.queries.phrases import phrases
from backend.casework.queries.presence import mark as mark_present
from backend.casework.queries.presence import present_at
from backend.casework.queries.proxies import (
    ANSWER_TEXT,
    own_filings,
    proxy_notice,
    proxy_screens,
    proxy_view,
)
from backend.casework.queries.public import verify, verify_or_none
from backend.casework.queries.public_notices import public_notice, public_notices
from backend.casework.queries.questions import asked_of_me, asked_queue, case_questions, question, question_form
from backend.casework.queries.queue import QueueQuery, desk_queue, matching, next_in_queue, place_of
from backend.casework.queries.records import record_by_id, record_of_number
from backend.casework.queries.register import RecordQuery, by_number, entries, near_end, of_person, own_entries
from backend.casework.queries.reopening import refused_case
from backend.casework.queries.scope import visible_to
from backend.casework.queries.services import (
    blank_screens,
    draft_quote,
    enabled_items,
    form_screens,
    is_open,
    item,
    screen_errors,
    screens_of,
    service,
)
from backend.casework.queries.statistics import RowsQuery, StatisticsQuery, figure_rows, statistics
from backend.casework.queries.straight import dry_run, straight_list
from backend.casework.queries.transfers import transfer_options

__all__ = [
    "ANSWER_TEXT",
    "PersonCases",
    "QueueQuery",
    "RecordQuery",
    "RowsQuery",
    "StatisticsQuery",
    "action_of",
    "action_screen",
    "applicant_of",
    "approved_forms",
    "approved_on",
    "asked_of_me",
    "asked_queue",
    "batch_preview",
    "blank_screens",
    "by_number",
    "case_after_act",
    "case_questions",
    "compared",
    "correction_page",
    "desk_action_form",
    "desk_case",
    "desk_case_answer",
    "desk_counts",
    "desk_document",
    "desk_loads",
    "desk_queue",
    "desk_talk",
    "draft",
    "draft_or_none",
    "draft_quote",
    "dry_run",
    "enabled_items",
    "entries",
    "export_form",
    "export_log",
    "figure_rows",
    "file_access",
    "form_screens",
    "forms_of",
    "holds_invoice",
    "is_open",
    "item",
    "kinds_for",
    "last_act",
    "last_said",
    "mark_present",
    "matching",
    "near_end",
    "next_in_queue",
    "notice_context",
    "notices_of",
    "of_person",
    "offer_rule",
    "offered_accounts",
    "own_action_form",
    "own_batch",
    "own_batches",
    "own_case",
    "own_cases",
    "own_counts",
    "own_document",
    "own_drafts",
    "own_entries",
    "own_export",
    "own_exports",
    "own_filings",
    "own_flow",
    "own_offer",
    "own_offers",
    "own_quote",
    "own_slots",
    "own_talk",
    "pace_of",
    "phrases",
    "place_of",
    "present_at",
    "proxy_notice",
    "proxy_screens",
    "proxy_view",
    "public_notice",
    "public_notices",
    "question",
    "question_form",
    "queue_filters",
    "quote_of",
    "record_by_id",
    "record_of_number",
    "refused_case",
    "returned_lines",
    "reuse_offer",
    "running",
    "running_case",
    "running_cases",
    "running_forms",
    "screen_errors",
    "screens_of",
    "service",
    "statistics",
    "straight_list",
    "tables",
    "talk_of",
    "traced_subjects",
    "transfer_options",
    "urged_today",
    "verify",
    "verify_or_none",
    "visible_to",
]
