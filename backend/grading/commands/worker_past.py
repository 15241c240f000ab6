"""Appraisals and trainings of years ago, written down or put right at the desk with their reason."""

from datetime import date

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid
from backend.grading.commands import worker_decisions, worker_lines, workers
from backend.grading.commands.worker_lines import Line
from backend.grading.enums import TrainingKind, WorkerChange, YearResult
from backend.grading.rules.register import in_service
from backend.grading.worker_schemas import Because, Training, TrainingInput, WorkerRow, YearInput


@command
async def write_year(actor: Actor, *, worker: str, data: YearInput) -> None:
    """The appraisal of a year; a second one for the same year puts the first right, and every grade follows."""
    before = await workers.to_change(actor, worker, data.version, data.reason)
    if dict(before.history.years).get(data.year) is data.result:
        raise Conflict("worker_same_as_before")
    await worker_decisions.appraise_worker(
        actor,
        index=before.worker.id_no_index,
        year=data.year,
        result=data.result,
        because=Because(reason=data.reason),
    )


@command
async def write_training(actor: Actor, *, worker: str, data: TrainingInput) -> None:
    """A training, new or (with `training_id`) as it was in truth; `removed` takes it back."""
    before = await workers.to_change(actor, worker, data.version, data.reason)
    known = await _training_of(before.worker.id, data.training_id) if data.training_id else None
    if not data.removed and (not in_service(before.history, data.on) or data.on > clock.today()):
        raise invalid("on", "worker_trained_outside")
    if known is not None:
        await database.execute("DELETE FROM social_worker_training WHERE id = %s", ids.parse(data.training_id) or 0)
    elif data.removed:
        raise NotFound()
    if not data.removed:
        await worker_decisions.insert_training(before.worker.id, Training(on=data.on, kind=data.kind, hours=data.hours))
    after = {} if data.removed else _said(data.on, data.kind, data.hours)
    line = Line(kind=WorkerChange.TRAINED, on=data.on, before=known or {}, after=after)
    await worker_lines.write(actor, before, line, Because(reason=data.reason))


def _said(on: date, kind: str, hours: str) -> dict[str, object]:
    return {"training": TrainingKind(kind).value, "trained_on": on, "hours": hours}


async def _training_of(worker_id: int, training_id: str) -> dict[str, object]:
    found = await database.rows(
        "SELECT trained_on, kind, hours FROM social_worker_training WHERE id = %s AND worker_id = %s",
        ids.parse(training_id) or 0,
        worker_id,
    )
    if not found:
        raise NotFound()
    return _said(found[0]["trained_on"], found[0]["kind"], found[0]["hours"])


async def add(
    actor: Actor, known: WorkerRow, years: dict[int, YearResult], trained_on: date | None, *, reason: str
) -> None:
    """Inside a command: what the register lacks of a worker who is in it."""
    because = Because(reason=reason)
    for year, result in sorted(years.items()):
        await worker_decisions.appraise_worker(
            actor, index=known.id_no_index, year=year, result=result, because=because
        )
    if trained_on is not None:
        training = Training(on=trained_on, kind=TrainingKind.CYCLE)
        await worker_decisions.train_worker(actor, index=known.id_no_index, training=training, because=because)
