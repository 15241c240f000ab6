"""Reads of grades. An assessor finds their own sheets, a chair their own result, a manager who is done."""

from backend.grading.queries.desk import assessors_for, candidate, candidates, period, periods, unplaced, vetoes_of
from backend.grading.queries.grades import my_grades, own_certificate, own_grade
from backend.grading.queries.results import dry_run
from backend.grading.queries.scoring import own_periods, own_sheet, own_sheets
from backend.grading.queries.telling import answer_words, graded_accounts, period_words

__all__ = [
    "answer_words",
    "assessors_for",
    "candidate",
    "candidates",
    "dry_run",
    "graded_accounts",
    "my_grades",
    "own_certificate",
    "own_grade",
    "own_periods",
    "own_sheet",
    "own_sheets",
    "period",
    "period_words",
    "periods",
    "unplaced",
    "vetoes_of",
]
