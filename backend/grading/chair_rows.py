"""Rows of an appraisal as they are read for commands and rules."""

from datetime import date, datetime

import msgspec

from backend.grading.enums import Assessor, SheetState
from backend.grading.schemes import ChairVersion


class PeriodRow(msgspec.Struct, kw_only=True):
    id: int
    year: int
    union_id: int
    union_name: str
    path: str
    state: str
    scheme_since: date
    rules: ChairVersion
    round: int
    closes_on: date | None
    objections_until: date | None
    published_at: datetime | None
    subsidies_at: datetime | None
    version: int


class CandidateRow(msgspec.Struct, kw_only=True):
    id: int
    period_id: int | None
    year: int
    person_index: str
    case_id: int
    case_number: str
    union_id: int
    union_name: str
    town_union_id: int
    town_name: str
    town_account_id: int | None
    account_id: int | None
    member_id: int | None
    name: str
    card_sealed: str
    post: str
    since: date
    until: date | None
    self_score: str | None
    self_reason: str
    veto: str
    veto_reason: str
    withdrawn_on: date | None
    withdrawn_reason: str


class SheetRow(msgspec.Struct, kw_only=True):
    candidate_id: int
    account_id: int
    assessor: Assessor
    state: SheetState
    scores: dict[str, str]
    total: str
    reason: str
