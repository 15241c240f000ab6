"""Inputs and Views of the register of social workers."""

from datetime import date
from typing import Annotated

import msgspec

from backend.grading.enums import Post, TrainingKind, YearResult


class NewWorker(msgspec.Struct, kw_only=True):
    """Somebody comes into the register, by a decision or because they were in service before it was kept."""

    name: str
    id_no: str
    union_id: str
    hired_on: date
    post: Post
    start_grade: int
    reason: str


class WorkerCorrection(msgspec.Struct, kw_only=True):
    """The hiring as it should have been written down; what is not given stays."""

    reason: str
    version: int
    hired_on: date | None = None
    post: Post | None = None
    start_grade: int | None = None


class BreakInput(msgspec.Struct, kw_only=True):
    """A break in service, new or (with `break_id`) as it should have been; `removed` takes it back."""

    first_on: date
    last_on: date | None = None
    break_id: str = ""
    removed: bool = False
    reason: str
    version: int


class YearInput(msgspec.Struct, kw_only=True):
    """The appraisal of a year; again for the same year puts it right."""

    year: int
    result: YearResult
    reason: str
    version: int


class TrainingInput(msgspec.Struct, kw_only=True):
    """A training, new or (with `training_id`) as it was in truth; `removed` takes it back."""

    on: date
    kind: TrainingKind
    hours: Annotated[str, msgspec.Meta(max_length=10)] = ""
    training_id: str = ""
    removed: bool = False
    reason: str
    version: int


class SheetProblem(msgspec.Struct, frozen=True):
    """What is wrong in a sheet, and where."""

    row_no: int
    column: str
    message: str


class WorkerImport(msgspec.Struct, kw_only=True):
    """Every row is in one of the four counts; those that were refused are named by row and column."""

    dry_run: bool
    total: int
    added: int
    updated: int
    unchanged: int
    refused: int
    problems: list[SheetProblem]


class Training(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    kind: TrainingKind
    hours: str = ""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """Why the register changes: the words, the case, and the key under which it happens once."""

    reason: str
    reference: str = ""
    key: str = ""


class WorkerRow(msgspec.Struct, kw_only=True):
    """An entry with what is worked out beside it, and its union."""

    id: int
    name: str
    id_no_index: str
    id_no_sealed: str
    union_id: int
    union_name: str
    path: str
    hired_on: date
    post: Post
    start_grade: int
    left_on: date | None
    confirmed_grade: int
    reckoned_on: date
    grade: int
    post_now: Post
    capped: bool
    next_on: date | None
    training_due_on: date
    training_told_for: date | None
    version: int


class WorkerView(msgspec.Struct, kw_only=True):
    """A line of the list. `due` are the reasons to look at it now, with their words."""

    id: str
    name: str
    union_id: str
    union_name: str
    post: str
    post_text: str
    grade: int
    hired_on: str
    next_on: str | None
    training_due_on: str
    left_on: str | None
    due: list[str]
    due_texts: list[str]


class WorkerCounts(msgspec.Struct, kw_only=True):
    """How many there are, and how many for each reason to look at them. Who has left counts in `left` alone."""

    total: int
    grade: int
    confirm: int
    training: int
    capped: int
    appraisal: int
    left: int


class StepView(msgspec.Struct, kw_only=True):
    """One line of how the grade came about."""

    on: str
    grade: int
    post_text: str
    why: str
    text: str


class PayLine(msgspec.Struct, kw_only=True):
    key: str
    name: str
    amount_fen: int


class PayView(msgspec.Struct, kw_only=True):
    """A month's pay. `sample`: the figures are an example that the county has not replaced by its own."""

    lines: list[PayLine]
    total_fen: int
    source: str
    since: str
    sample: bool


class BreakView(msgspec.Struct, kw_only=True):
    id: str
    first_on: str
    last_on: str | None
    days: int | None


class YearView(msgspec.Struct, kw_only=True):
    year: int
    result: YearResult
    result_text: str
    bonus_fen: int | None


class TrainingView(msgspec.Struct, kw_only=True):
    id: str
    on: str
    kind: TrainingKind
    kind_text: str
    hours: str


class HistoryView(msgspec.Struct, kw_only=True):
    """`before` and `after` are lines like “入职日期：2020-03-10”."""

    at: str
    kind: str
    kind_text: str
    holds_from: str
    before: list[str]
    after: list[str]
    reason: str
    case_number: str
    who: str


class WorkerPage(msgspec.Struct, kw_only=True):
    """A worker with every figure explained."""

    worker: WorkerView
    id_no: str
    start_post: str
    start_grade: int
    confirmed_grade: int
    highest: int
    capped: bool
    steps: list[StepView]
    explanation: list[str]
    pay: PayView
    breaks: list[BreakView]
    years: list[YearView]
    excellent: int
    trainings: list[TrainingView]
    training_text: str
    history: list[HistoryView]
    version: int
