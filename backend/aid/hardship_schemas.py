"""Inputs and Views of hardship files."""

from datetime import date

import msgspec

from backend.aid.hardship_enums import FileState, Grade


class Relative(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    id_no: str
    relation: str


class Household(msgspec.Struct, frozen=True, kw_only=True):
    """An approved case that opens a file; the first of `people` is whose file it is."""

    case_id: int
    case_number: str
    union_id: int
    account_id: int | None
    people: tuple[Relative, ...]
    size: int
    income_fen: int
    expense_fen: int
    per_capita_fen: int
    grade: Grade


class Reviewed(msgspec.Struct, frozen=True, kw_only=True):
    """A later case that says what becomes of a file. `grade` None: it is closed, with help until a day."""

    act_id: int
    reference: str
    file_no: str
    per_capita_fen: int
    income_fen: int
    expense_fen: int
    grade: Grade | None
    help_until: date | None = None
    exit_reason: str = ""


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    number: str
    head_index: str
    size: int
    state: FileState
    grade: Grade
    version: int


class ChangeView(msgspec.Struct, kw_only=True):
    at: str
    text: str
    grade_text: str
    per_capita_fen: int | None
    reference: str


class PersonView(msgspec.Struct, kw_only=True):
    name: str
    relation: str


class FileView(msgspec.Struct, kw_only=True):
    """Of one household. `due`: it is to be looked at soon, or is late. Names are masked for everybody but the
    household."""

    id: str
    number: str
    head_name: str
    size: int
    grade: str
    grade_text: str
    per_capita_fen: int
    state: str
    state_text: str
    opened_on: str
    review_due_on: str
    due: bool
    late: bool
    help_until: str | None
    union_name: str


class FilePage(msgspec.Struct, kw_only=True):
    file: FileView
    case_number: str
    income_fen: int
    expense_fen: int
    exit_text: str
    people: list[PersonView]
    history: list[ChangeView]
