"""Results are worked out, shown for objections, and published. What is published never changes."""

from datetime import date, datetime

import msgspec

from backend.core import audit, clock, database, ids, outbox, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict
from backend.grading.chair_rows import PeriodRow
from backend.grading.chair_views import PeriodView
from backend.grading.enums import ObjectionState, PeriodState
from backend.grading.events import ResultsProposed, ResultsPublished
from backend.grading.queries import rounds as reading
from backend.grading.queries.rounds import Gathered, Standing
from backend.grading.rules import rounds

_PROPOSE = (
    "UPDATE grading_period SET state = %s, objections_until = %s, round = round + 1, version = version + 1"
    " WHERE id = %s AND version = %s"
)
_FINISH = (
    "UPDATE grading_period SET state = %s, published_at = %s, version = version + 1 WHERE id = %s AND version = %s"
)


@command
async def publish(actor: Actor, *, period: str) -> PeriodView:
    """The next step: results are proposed and may be objected to, and when that time is over they are final. 409
    `grading_missing` names whoever has not scored yet."""
    found = await reading.managed(period, actor)
    match found.state:
        case PeriodState.SCORING:
            await _propose(actor, found)
        case PeriodState.PROPOSED:
            await _finish(actor, found)
        case _:
            raise Conflict("grading_published_already")
    now = await reading.by_id(found.id)
    return reading.period_view(now, len(await reading.candidates_of(now.id)))


async def _propose(actor: Actor, found: PeriodRow) -> None:
    gathered = await reading.gathered(found)
    if not gathered.graded and not gathered.active:
        raise Conflict("grading_nobody")
    if missing := gathered.missing():
        lines = [msgspec.to_builtins(line) for line in missing]
        raise Conflict("grading_missing", count=len(missing), extra={"missing": lines})
    until = reference.calendar().add_workdays(clock.today(), found.rules.objection_workdays)
    await _move(_PROPOSE, PeriodState.PROPOSED, until, found)
    await _freeze(gathered)
    await _record(actor, "grading.proposed", found, candidates=len(gathered.graded))
    await outbox.emit(ResultsProposed(found.id, found.round + 1), key=f"{found.id}:{found.round + 1}")


async def _finish(actor: Actor, found: PeriodRow) -> None:
    if not reading.window_over(found, clock.today()):
        raise Conflict("grading_window_open", until=str(found.objections_until))
    waiting = await database.scalar(
        "SELECT COUNT(*) FROM grading_objection WHERE period_id = %s AND state = %s",
        found.id,
        ObjectionState.OPEN.value,
    )
    if waiting:
        raise Conflict("grading_objections_open", count=waiting)
    await _move(_FINISH, PeriodState.PUBLISHED, clock.now(), found)
    await _record(actor, "grading.published", found)
    await outbox.emit(ResultsPublished(found.id), key=str(found.id))


async def _move(statement: str, to: PeriodState, value: date | datetime, found: PeriodRow) -> None:
    """Every sheet moves the version: results that somebody has just changed are not taken."""
    if not await database.execute(statement, to.value, value, found.id, found.version):
        raise Conflict("grading_period_moved")


async def _freeze(gathered: Gathered) -> None:
    """The results of this round instead of those of the one before."""
    await database.execute("DELETE FROM grading_result WHERE period_id = %s", gathered.period.id)
    rows = [_result(gathered.period, one) for one in gathered.graded]
    names = ", ".join(f"`{name}`" for name in rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    await database.execute_many(
        f"INSERT INTO grading_result ({names}) VALUES ({marks})",  # noqa: S608 - names from code only
        [list(row.values()) for row in rows],
    )


async def freeze_again(period: PeriodRow, candidate_id: int) -> None:
    """Of one candidate whose time in post has changed: their result as it is now, or none any more."""
    await database.execute("DELETE FROM grading_result WHERE candidate_id = %s", candidate_id)
    for one in (await reading.gathered(period)).graded:
        if one.row.id == candidate_id:
            await database.insert("grading_result", _result(period, one))


def _result(period: PeriodRow, one: Standing) -> dict[str, object]:
    figures = rounds.figures(period.rules, one.given)
    subsidy = figures.subsidy
    return {
        "id": ids.new_id(),
        "period_id": period.id,
        "candidate_id": one.row.id,
        "score": figures.score,
        "grade": figures.grade,
        "vetoed": figures.veto is not None,
        "monthly_fen": subsidy.monthly_fen if subsidy else 0,
        "months": figures.months,
        "subsidy_fen": subsidy.total_fen if subsidy else 0,
        "figures": msgspec.json.encode(figures).decode(),
        "at": clock.now(),
    }


async def _record(actor: Actor, action: str, found: PeriodRow, **detail: int) -> None:
    await audit.record(actor, action, object_kind="grading_period", object_id=found.id, detail=dict(detail))
