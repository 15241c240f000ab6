"""What the register keeps worked out beside a history, and what may be decided of it."""

from datetime import date

import msgspec

from backend.grading.enums import Post
from backend.grading.rules import workers
from backend.grading.rules.workers import Break, History, PostChange
from backend.grading.schemes import WorkerScheme


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """A worker as of `reckoned_on`; the names are those of the columns."""

    reckoned_on: date
    grade: int
    post_now: Post
    capped: bool
    next_on: date | None
    training_due_on: date


def reckon(history: History, scheme: WorkerScheme, day: date) -> Reckoned:
    now = workers.standing(history, scheme, day)
    return Reckoned(
        reckoned_on=day,
        grade=now.grade,
        post_now=now.post,
        capped=now.capped,
        next_on=now.next_on,
        training_due_on=workers.training_due(history, scheme, day).due_on,
    )


def in_service(history: History, day: date) -> bool:
    return history.hired_on <= day and (history.left_on is None or day <= history.left_on)


def promotion_problem(history: History, scheme: WorkerScheme, day: date, *, grade: int, confirmed: int) -> str:
    """The code of why this grade cannot be confirmed, or nothing: it has to be the one that service has brought."""
    if not in_service(history, day):
        return "worker_not_in_service"
    now = workers.standing(history, scheme, day)
    if now.grade <= confirmed:
        return "worker_capped" if now.capped else "worker_not_due"
    return "" if grade == now.grade else "worker_grade_other"


def post_problem(history: History, scheme: WorkerScheme, change: PostChange, *, grade: int | None) -> str:
    """The code of why this change of post cannot be, or nothing; `grade` is what somebody expects of it."""
    problem = workers.change_problem(history, scheme, change)
    if problem or grade is None:
        return problem
    return "" if grade == grade_after(history, scheme, change) else "worker_grade_other"


def grade_after(history: History, scheme: WorkerScheme, change: PostChange) -> int:
    changed = msgspec.structs.replace(history, changes=(*history.changes, change))
    return workers.standing(changed, scheme, change.on).grade


def fits(scheme: WorkerScheme, day: date, post: Post, grade: int) -> bool:
    wanted = scheme.on(day).range_of(post)
    return wanted.lowest <= grade <= wanted.highest


def break_problem(history: History, wanted: Break) -> tuple[str, str]:
    """(field, code) of why service cannot have been broken so, or two empty texts."""
    if wanted.last is not None and wanted.last < wanted.first:
        return "last_on", "break_order"
    if wanted.first < history.hired_on:
        return "first_on", "break_before_hiring"
    if history.left_on is not None and wanted.first > history.left_on:
        return "first_on", "break_after_leaving"
    return "", ""
