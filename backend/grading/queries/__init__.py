"""Reads of grades. An assessor finds their own sheets, a chair their own result, a manager who is done."""

from backend.grading.queries.desk import assessors_for, candidate, candidates, period, periods, unplaced, vetoes_of
from backend.grading.queries.grades import my_grades, own_certificate, own_grade
from backend.grading.queries.results import dry_run
from backend.grading.queries.scoring import own_periods, own_sheet, own_sheets, waiting_sheets
from backend.grading.queries.telling import answer_words, graded_accounts, period_words
from backend.grading.queries.worker_checks import (
    bonus,
    grade_fits,
    is_in_post,
    post_change,
    promotion,
    reckoned_otherwise,
)
from backend.grading.queries.worker_lists import (
    LINE_COLUMNS,
    count_worker_lines,
    desk_workers,
    worker_counts,
    worker_lines,
)
from backend.grading.queries.worker_pages import my_worker_grades, worker_page

__all__ = [
    "LINE_COLUMNS",
    "answer_words",
    "assessors_for",
    "bonus",
    "candidate",
    "candidates",
    "count_worker_lines",
    "desk_workers",
    "dry_run",
    "grade_fits",
    "graded_accounts",
    "is_in_post",
    "my_grades",
    "my_worker_grades",
    "own_certificate",
    "own_grade",
    "own_periods",
    "own_sheet",
    "own_sheets",
    "period",
    "period_words",
    "periods",
    "post_change",
    "promotion",
    "reckoned_otherwise",
    "unplaced",
    "vetoes_of",
    "waiting_sheets",
    "worker_counts",
    "worker_lines",
    "worker_page",
]
