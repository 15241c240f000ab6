from backend.grading.commands.enrolling import enrol, open_period, self_score
from backend.grading.commands.managing import (
    mark_absent,
    set_closing_day,
    set_panel,
    set_time_in_post,
    set_town_assessor,
    set_veto,
)
from backend.grading.commands.objections import appeal, reply
from backend.grading.commands.publishing import publish
from backend.grading.commands.reminding import remind_assessors, tell_assessors, tell_withdrawn
from backend.grading.commands.sheets import recuse, score
from backend.grading.commands.subsidies import issue_certificates, record_subsidies
from backend.grading.commands.withdrawing import withdraw
from backend.grading.commands.worker_decisions import (
    appraise_worker,
    change_post,
    grant_bonus,
    hire_worker,
    leave_worker,
    note_election,
    pay_bonus,
    promote_worker,
    set_first_grade,
    train_worker,
)
from backend.grading.commands.worker_import import import_workers
from backend.grading.commands.worker_past import write_training, write_year
from backend.grading.commands.worker_settling import settle_workers
from backend.grading.commands.workers import correct_worker, enter_worker, write_break

__all__ = [
    "appeal",
    "appraise_worker",
    "change_post",
    "correct_worker",
    "enrol",
    "enter_worker",
    "grant_bonus",
    "hire_worker",
    "import_workers",
    "issue_certificates",
    "leave_worker",
    "mark_absent",
    "note_election",
    "open_period",
    "pay_bonus",
    "promote_worker",
    "publish",
    "record_subsidies",
    "recuse",
    "remind_assessors",
    "reply",
    "score",
    "self_score",
    "set_closing_day",
    "set_first_grade",
    "set_panel",
    "set_time_in_post",
    "set_town_assessor",
    "set_veto",
    "settle_workers",
    "tell_assessors",
    "tell_withdrawn",
    "train_worker",
    "withdraw",
    "write_break",
    "write_training",
    "write_year",
]
