"""What time does to the register: grades that service has brought, and who is told that one is there, or a training
is due. Each is told once.
"""

from collections import Counter
from datetime import date

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.core.errors import sentence
from backend.grading import scheme_files
from backend.grading.commands import worker_lines
from backend.grading.commands.worker_lines import Line
from backend.grading.enums import WorkerChange
from backend.grading.queries import worker_rows
from backend.grading.rules.register import Reckoned, reckon
from backend.grading.rules.workers import History, standing
from backend.grading.worker_schemas import Because, WorkerRow
from backend.identity import queries as identity
from backend.membership import queries as roll
from backend.notifications import commands as notifications
from backend.notifications.enums import Audience, Notice
from backend.notifications.schemas import Recipient
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel

CHUNK = 200
_DESK_ROLE = "dept_org"


class _Told(msgspec.Struct, frozen=True):
    """Somebody, and what came due on which day."""

    worker: WorkerRow
    notice: Notice
    day: date
    grade: int = 0


async def settle_workers() -> int:
    """Go once through the register; how many entries were reckoned anew."""
    last, total = 0, 0
    while (step := await _settle_chunk(last)) is not None:
        last = step[0]
        total += step[1]
    return total


@command
async def _settle_chunk(last_id: int) -> tuple[int, int] | None:
    """(the last id seen, entries that changed); None at the end."""
    found = await worker_rows.in_service(last_id, clock.today(), CHUNK)
    if not found:
        return None
    scheme, today = scheme_files.current().workers, clock.today()
    histories = await worker_rows.histories(found)
    told: list[_Told] = []
    changed = 0
    for worker in found:
        now = reckon(histories[worker.id], scheme, today)
        if _kept(now) != _kept(_reckoned_of(worker)):
            if not await worker_lines.keep(worker, now):
                continue  # the next round finds it
            changed += 1
        told += await _risen(worker, histories[worker.id], now)
        told += await _to_be_trained(worker, now, scheme.on(today).training.warn_days)
    await _tell(told)
    return found[-1].id, changed


def _reckoned_of(worker: WorkerRow) -> Reckoned:
    return Reckoned(
        reckoned_on=worker.reckoned_on,
        grade=worker.grade,
        post_now=worker.post_now,
        capped=worker.capped,
        next_on=worker.next_on,
        training_due_on=worker.training_due_on,
    )


def _kept(reckoned: Reckoned) -> tuple[object, ...]:
    """All but the day on which it was worked out."""
    return msgspec.structs.astuple(reckoned)[1:]


async def _risen(worker: WorkerRow, history: History, now: Reckoned) -> list[_Told]:
    """The steps of service since the entry was last reckoned, each with its line of the history."""
    steps = standing(history, scheme_files.current().workers, now.reckoned_on).steps
    new = [step for step in steps if step.why == "served" and step.on > worker.reckoned_on]
    for step in new:
        line = Line(kind=WorkerChange.SERVED, on=step.on, before={"grade": step.grade - 1}, after={"grade": step.grade})
        key = f"{ids.public(worker.id)}:served:{step.on.isoformat()}"
        because = Because(reason=sentence("worker_served"), key=key)
        if not await worker_lines.is_done(because):
            await worker_lines.note(SYSTEM, worker, line, because)
    return [_Told(worker, Notice.WORKER_GRADE, step.on, step.grade) for step in new[-1:]]


async def _to_be_trained(worker: WorkerRow, now: Reckoned, warn_days: int) -> list[_Told]:
    near = (now.training_due_on - now.reckoned_on).days <= warn_days
    if not near or worker.training_told_for == now.training_due_on:
        return []
    await database.execute(
        "UPDATE social_worker SET training_told_for = %s WHERE id = %s", now.training_due_on, worker.id
    )
    return [_Told(worker, Notice.WORKER_TRAINING, now.training_due_on)]


async def _tell(told: list[_Told]) -> None:
    """The workers themselves where they have an account, and the desk of each union: one message for all its own."""
    members = await roll.ids_by_id_no({one.worker.id_no_index for one in told})
    accounts = await identity.accounts_of_members(members.values())
    for one in told:
        account_id = accounts.get(members.get(one.worker.id_no_index, 0))
        if account_id is not None:
            await notifications.notify(
                one.notice,
                Audience.MEMBER,
                recipients=[Recipient(account_id=account_id)],
                values={"union": one.worker.union_name, "day": one.day.isoformat(), "grade": str(one.grade or "")},
                key=f"{ids.public(one.worker.id)}:{one.day.isoformat()}",
            )
    for (notice, union_id), count in Counter((one.notice, one.worker.union_id) for one in told).items():
        await _tell_desk(notice, union_id, count, told)


async def _tell_desk(notice: Notice, union_id: int, count: int, told: list[_Told]) -> None:
    desk = await unions.desk_for(union_id, _DESK_ROLE, UnionLevel.TOWN)
    accounts = await unions.holders(desk.union_id, desk.role) if desk else []
    if not accounts:
        return
    ours = [one for one in told if (one.notice, one.worker.union_id) == (notice, union_id)]
    await notifications.notify(
        notice,
        Audience.HANDLER,
        recipients=[Recipient(account_id=account) for account in accounts],
        values={
            "union": ours[0].worker.union_name,
            "count": str(count),
            "day": min(one.day for one in ours).isoformat(),
        },
        key=f"{ids.public(union_id)}:{clock.today().isoformat()}:{ids.public(ours[0].worker.id)}",
    )
