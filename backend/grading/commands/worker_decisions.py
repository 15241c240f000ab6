"""What approved cases make true of a worker. Each is checked by the rules as they are on that day, whatever the form
says; the same case twice is one change.
"""

from datetime import date

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.grading import scheme_files
from backend.grading.commands import worker_lines, workers
from backend.grading.commands.worker_lines import Entry, Line
from backend.grading.enums import SOCIAL_WORKER, Post, WorkerChange, YearResult
from backend.grading.rules import workers as rules
from backend.grading.rules.register import grade_after, in_service, post_problem, promotion_problem
from backend.grading.rules.workers import PostChange
from backend.grading.worker_schemas import Because, NewWorker, Training
from backend.identity import queries as identity
from backend.membership import queries as roll
from backend.payments import commands as payments
from backend.payments.enums import DueSource
from backend.payments.schemas import NewDue
from backend.unions.schemas import UnionPlace

_BONUS_NAME = "社工年度绩效奖"


@command
async def hire_worker(actor: Actor, *, data: NewWorker, place: UnionPlace, because: Because) -> None:
    if not await worker_lines.is_done(because):
        await workers.enter(actor, place, data, because)


@command
async def set_first_grade(actor: Actor, *, index: str, data: NewWorker, because: Because) -> None:
    """The grade of the hiring; later changes of post rest on it, so it comes before them."""
    if await worker_lines.is_done(because):
        return
    before = await _in_service(index)
    if before.history.changes:
        raise Conflict("worker_post_changed_since")
    workers.require_hiring(data)
    await workers.require_nothing_before(before, data)
    columns, known = workers.hiring(data), workers.hiring(before.worker)
    line = Line(kind=WorkerChange.GRADED, on=data.hired_on, before=known, after=columns)
    confirmed = _grade_today(before, data)
    await worker_lines.write(actor, before, line, because, **columns, confirmed_grade=confirmed)


def _grade_today(before: Entry, data: NewWorker) -> int:
    """A first grade is decided as of today, with what service has brought until then."""
    history = msgspec.structs.replace(
        before.history, hired_on=data.hired_on, post=data.post, start_grade=data.start_grade
    )
    return rules.standing(history, scheme_files.current().workers, clock.today()).grade


@command
async def promote_worker(actor: Actor, *, index: str, grade: int, because: Because) -> None:
    """The grade that service has brought is confirmed."""
    if await worker_lines.is_done(because):
        return
    before, today = await _in_service(index), clock.today()
    scheme, confirmed = scheme_files.current().workers, before.worker.confirmed_grade
    problem = promotion_problem(before.history, scheme, today, grade=grade, confirmed=confirmed)
    if problem:
        now = rules.standing(before.history, scheme, today)
        raise Conflict(problem, grade=now.grade, on=now.next_on.isoformat() if now.next_on else "")
    line = Line(
        kind=WorkerChange.PROMOTED, on=today, before={"confirmed_grade": confirmed}, after={"confirmed_grade": grade}
    )
    await worker_lines.write(actor, before, line, because, confirmed_grade=grade)


@command
async def change_post(actor: Actor, *, index: str, post: Post, grade: int | None, because: Because) -> None:
    """From today on. How many excellent years there are stands in the register."""
    if await worker_lines.is_done(because):
        return
    before, today = await _in_service(index), clock.today()
    scheme, change = scheme_files.current().workers, PostChange(today, post)
    problem = post_problem(before.history, scheme, change, grade=grade)
    if problem:
        wanted = scheme.on(today).range_of(post)
        raise Conflict(
            problem,
            name=wanted.name,
            wanted=wanted.excellent,
            there=before.history.excellent_before(today),
            grade=grade_after(before.history, scheme, change),
            on="",
        )
    row = {"id": ids.new_id(), "worker_id": before.worker.id, "changed_on": today, "post": post.value}
    await database.insert("social_worker_post", row)
    line = Line(
        kind=WorkerChange.POSTED,
        on=today,
        before={"post_now": before.worker.post_now.value},
        after={"post_now": post.value},
    )
    lifted = grade_after(before.history, scheme, change)
    await worker_lines.write(actor, before, line, because, confirmed_grade=lifted)


@command
async def appraise_worker(actor: Actor, *, index: str, year: int, result: YearResult, because: Because) -> None:
    """The result of a year in service; a second one for the same year corrects the first."""
    if await worker_lines.is_done(because):
        return
    before = await worker_lines.entry_of(index)
    known = before.history
    last_year = (known.left_on or clock.today()).year
    if not known.hired_on.year <= year <= last_year:
        raise Conflict("worker_year_outside")
    earlier = dict(known.years).get(year)
    if earlier is None:
        row = {"id": ids.new_id(), "worker_id": before.worker.id, "year": year, "result": result.value}
        await database.insert("social_worker_year", row)
    else:
        await database.execute(
            "UPDATE social_worker_year SET result = %s WHERE worker_id = %s AND year = %s",
            result.value,
            before.worker.id,
            year,
        )
    line = Line(
        kind=WorkerChange.APPRAISED,
        on=date(year, 12, 31),
        before={"year": year, "result": earlier.value} if earlier else {},
        after={"year": year, "result": result.value},
    )
    await worker_lines.write(actor, before, line, because)


@command
async def train_worker(actor: Actor, *, index: str, training: Training, because: Because) -> None:
    if await worker_lines.is_done(because):
        return
    before = await worker_lines.entry_of(index)
    if not in_service(before.history, training.on) or training.on > clock.today():
        raise Conflict("worker_trained_outside")
    await insert_training(before.worker.id, training)
    after = {"training": training.kind.value, "trained_on": training.on, "hours": training.hours}
    line = Line(kind=WorkerChange.TRAINED, on=training.on, after=after)
    await worker_lines.write(actor, before, line, because)


async def insert_training(worker_id: int, training: Training) -> None:
    row = {
        "id": ids.new_id(),
        "worker_id": worker_id,
        "trained_on": training.on,
        "kind": training.kind.value,
        "hours": training.hours[:10],
    }
    await database.insert("social_worker_training", row)


@command
async def leave_worker(actor: Actor, *, index: str, left_on: date, because: Because) -> None:
    """`left_on` is the last day in service."""
    if await worker_lines.is_done(because):
        return
    before = await _in_service(index)
    known = before.history
    days = [known.hired_on, *(one.on for one in known.changes), *known.trained_on]
    if left_on < max(days):
        raise Conflict("worker_left_before")
    line = Line(kind=WorkerChange.LEFT, on=left_on, after={"left_on": left_on})
    await worker_lines.write(actor, before, line, because, left_on=left_on)


@command
async def note_election(actor: Actor, *, index: str, because: Because) -> None:
    if not await worker_lines.is_done(because):
        before = await _in_service(index)
        await worker_lines.write(actor, before, Line(kind=WorkerChange.ELECTED, on=clock.today()), because)


@command
async def grant_bonus(actor: Actor, *, index: str, year: int, amount_fen: int, case_id: int, because: Because) -> None:
    """One a year, for a year that was appraised, within the limits of the scheme."""
    if await worker_lines.is_done(because):
        return
    before = await worker_lines.entry_of(index)
    version = scheme_files.current().workers.on(clock.today())
    problem = rules.bonus_problem(before.history, version, year, amount_fen)
    if problem:
        limits = version.bonus
        raise Conflict(problem, year=year, least=limits.least_fen // 100, most=limits.most_fen // 100)
    row = {
        "id": ids.new_id(),
        "key": f"{ids.public(before.worker.id)}:{year}",
        "worker_id": before.worker.id,
        "year": year,
        "amount_fen": amount_fen,
        "case_id": case_id,
    }
    if not await database.insert_if_absent("social_worker_bonus", row, key="`key`"):
        raise Conflict("bonus_granted", year=year)
    line = Line(kind=WorkerChange.BONUS, on=date(year, 12, 31), after={"year": year, "bonus_fen": amount_fen})
    await worker_lines.write(actor, before, line, because)


class _Granted(msgspec.Struct):
    id: int
    amount_fen: int
    year: int
    name: str
    union_id: int
    id_no_index: str


@command
async def pay_bonus(actor: Actor, *, case_id: int, case_number: str) -> int:
    """What was granted by this case is due to the worker; the amount in fen. Twice is once."""
    granted = await database.view(
        _Granted,
        "SELECT b.id, b.amount_fen, b.year, w.name, w.union_id, w.id_no_index FROM social_worker_bonus b"
        " JOIN social_worker w ON w.id = b.worker_id WHERE b.case_id = %s",
        case_id,
    )
    if granted is None:
        raise Conflict("bonus_not_granted")
    member = await roll.facts_by_id_no(granted.id_no_index)
    accounts = await identity.accounts_of_members([member.id] if member else [])
    due = NewDue(
        key=f"worker-bonus:{granted.id}",
        source=DueSource.GRADING,
        case_id=case_id,
        case_number=case_number,
        programme=SOCIAL_WORKER,
        name=f"{granted.year} 年度{_BONUS_NAME}",
        amount_fen=granted.amount_fen,
        payee_name=granted.name,
        account_id=next(iter(accounts.values()), None),
        member_id=member.id if member else None,
        union_id=granted.union_id,
    )
    return await payments.record_due(actor, due=due)


async def _in_service(index: str) -> Entry:
    found = await worker_lines.entry_of(index)
    if not in_service(found.history, clock.today()):
        raise Conflict("worker_not_in_service")
    return found
