"""What flow files ask about a worker, and what the doctor asks about the register."""

from datetime import date

from backend.core import clock, database
from backend.core.actor import Actor
from backend.grading import scheme_files
from backend.grading.enums import Post
from backend.grading.queries import worker_rows
from backend.grading.rules import register
from backend.grading.rules import workers as rules
from backend.grading.rules.workers import PostChange
from backend.grading.worker_schemas import WorkerRow

OK = "ok"
_ASKING = ("worker.view", "case.file", "case.decide")
_CHUNK = 500


async def is_in_post(index: str, actor: Actor, today: date, *, own: bool) -> bool | None:
    """Whether somebody is in service; None where the actor is nobody to know."""
    if not (own or actor.is_staff):
        return None
    worker = await _known(index, actor, own=own)
    return worker is not None and register.in_service(await worker_rows.history_of(worker), today)


async def _known(index: str, actor: Actor, *, own: bool) -> WorkerRow | None:
    """Staff ask about workers of the unions where they serve; to them all others are not there."""
    worker = await worker_rows.by_index(index)
    if worker is None or own or actor.kind == "system":
        return worker
    return worker if any(actor.covers(permission, worker.path) for permission in _ASKING) else None


async def promotion(index: str, actor: Actor, today: date, *, own: bool, grade: int) -> str | None:
    worker = await _known(index, actor, own=own)
    if worker is None:
        return None
    history, scheme = await worker_rows.history_of(worker), scheme_files.current().workers
    problem = register.promotion_problem(history, scheme, today, grade=grade, confirmed=worker.confirmed_grade)
    return problem or OK


async def post_change(index: str, actor: Actor, today: date, *, own: bool, post: Post, grade: int | None) -> str | None:
    worker = await _known(index, actor, own=own)
    if worker is None:
        return None
    history, scheme = await worker_rows.history_of(worker), scheme_files.current().workers
    return register.post_problem(history, scheme, PostChange(today, post), grade=grade) or OK


async def bonus(
    index: str, actor: Actor, today: date, *, own: bool, year: int, amount_fen: int, case_id: int | None
) -> str | None:
    """Also whether the year has its bonus from another case already."""
    worker = await _known(index, actor, own=own)
    if worker is None:
        return None
    version = scheme_files.current().workers.on(today)
    problem = rules.bonus_problem(await worker_rows.history_of(worker), version, year, amount_fen)
    if problem:
        return problem
    granted = await database.scalar(
        "SELECT id FROM social_worker_bonus WHERE worker_id = %s AND year = %s AND case_id <> %s",
        worker.id,
        year,
        case_id or 0,
    )
    return OK if granted is None else "bonus_granted"


def grade_fits(post: Post, grade: int) -> bool:
    return register.fits(scheme_files.current().workers, clock.today(), post, grade)


async def reckoned_otherwise() -> list[str]:
    """Names of those whose kept figures are not what their history gave on the day they were reckoned."""
    scheme, wrong, last = scheme_files.current().workers, list[str](), 0
    while found := await worker_rows.all_after(last, _CHUNK):
        histories = await worker_rows.histories(found)
        for worker in found:
            now = register.reckon(histories[worker.id], scheme, worker.reckoned_on)
            kept = (worker.grade, worker.post_now, worker.capped, worker.next_on, worker.training_due_on)
            if kept != (now.grade, now.post_now, now.capped, now.next_on, now.training_due_on):
                wrong.append(worker.name)
        last = found[-1].id
    return wrong
