"""The register at the desk: somebody comes in, and what was written down wrong is put right, with its reason."""

from datetime import timedelta
from typing import Any

import msgspec

from backend.core import clock, crypto, database, ids, national, pinyin, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, NotFound, invalid, sentence
from backend.core.national import InvalidValue
from backend.grading import scheme_files
from backend.grading.commands import worker_lines
from backend.grading.commands.worker_lines import Entry, Line
from backend.grading.enums import Post, WorkerChange
from backend.grading.queries import worker_rows
from backend.grading.queries.worker_rows import MANAGE
from backend.grading.rules.register import break_problem, fits, reckon
from backend.grading.rules.workers import Break, History
from backend.grading.worker_schemas import Because, BreakInput, NewWorker, WorkerCorrection
from backend.unions import queries as unions
from backend.unions.schemas import UnionPlace

_AHEAD = timedelta(days=60)
_OLDEST_SERVICE = 60  # years
_SHORTEST_REASON, _LONGEST_REASON = 2, 500


@command
async def enter_worker(actor: Actor, *, data: NewWorker, nonce: str | None = None) -> str:
    """Somebody who serves a union of the actor's comes into the register; the public id. One entry a person."""
    place = await unions.place_in_scope(data.union_id, actor, MANAGE)
    require_reason(data.reason)
    key = f"desk:{actor.account_id}:{nonce}"[:90] if nonce else ""
    because = Because(reason=data.reason, key=key)
    if await worker_lines.is_done(because):
        return await _entered(key)
    return ids.public(await enter(actor, place, data, because))


async def _entered(key: str) -> str:
    found = await database.scalar("SELECT worker_id FROM social_worker_history WHERE `key` = %s", key)
    return ids.public(found)


async def enter(actor: Actor, place: UnionPlace, data: NewWorker, because: Because) -> int:
    """Inside a command: a new entry, or the old one of somebody who had left and begins anew."""
    name, number = _person(data)
    require_hiring(data)
    before = await worker_rows.by_index(crypto.blind_index("id_no", number))
    if before is not None:
        return await _begin_anew(actor, before, place, data, because)
    worker_id, today = ids.new_id(), clock.today()
    history = History(hired_on=data.hired_on, post=data.post, start_grade=data.start_grade)
    reckoned = reckon(history, scheme_files.current().workers, today)
    row = {
        "id": worker_id,
        "name": name,
        "initials": pinyin.name_initials(name),
        "id_no_index": crypto.blind_index("id_no", number),
        "id_no_sealed": crypto.seal(number, context=f"social_worker/id_no/{worker_id}"),
        "union_id": place.id,
        **hiring(data),
        "left_on": None,
        "confirmed_grade": reckoned.grade,
        **msgspec.structs.asdict(reckoned),
        "training_told_for": None,
        "version": 1,
        "created_at": clock.now(),
    }
    if not await database.insert_if_absent("social_worker", row, key="id_no_index"):
        raise Conflict("worker_already_in")
    worker = await worker_rows.by_index(row["id_no_index"])
    assert worker is not None
    line = Line(kind=WorkerChange.ENTERED, on=data.hired_on, after=hiring(data))
    await worker_lines.note(actor, worker, line, because)
    return worker_id


async def _begin_anew(
    actor: Actor, before: worker_rows.WorkerRow, place: UnionPlace, data: NewWorker, because: Because
) -> int:
    if before.left_on is None:
        raise Conflict("worker_already_in")
    if data.hired_on <= before.left_on:
        raise invalid("hired_on", "worker_hired_before_leaving", on=before.left_on.isoformat())
    line = Line(kind=WorkerChange.REHIRED, on=data.hired_on, before=_known(before), after=hiring(data))
    columns = hiring(data) | {"union_id": place.id, "left_on": None, "confirmed_grade": data.start_grade}
    await worker_lines.write(actor, await worker_lines.entry(before), line, because, **columns)
    return before.id


@command
async def correct_worker(actor: Actor, *, worker: str, data: WorkerCorrection) -> None:
    """The hiring as it was in truth; every grade after it follows."""
    before = await to_change(actor, worker, data.version, data.reason)
    known = before.worker
    wanted = NewWorker(
        name=known.name,
        id_no="",
        union_id="",
        hired_on=data.hired_on or known.hired_on,
        post=data.post or known.post,
        start_grade=known.start_grade if data.start_grade is None else data.start_grade,
        reason=data.reason,
    )
    require_hiring(wanted)
    await require_nothing_before(before, wanted)
    changes = {name: value for name, value in hiring(wanted).items() if value != hiring(known)[name]}
    if not changes:
        raise Conflict("worker_same_as_before")
    line = Line(
        kind=WorkerChange.CORRECTED,
        on=wanted.hired_on,
        before={name: hiring(known)[name] for name in changes},
        after=changes,
    )
    await worker_lines.write(actor, before, line, Because(reason=data.reason), **changes)


@command
async def write_break(actor: Actor, *, worker: str, data: BreakInput) -> None:
    """A break in service, or one as it was in truth; every grade after it follows."""
    before = await to_change(actor, worker, data.version, data.reason)
    known = await _break_of(before, data.break_id) if data.break_id else None
    wanted = None if data.removed else Break(data.first_on, data.last_on)
    if wanted is not None:
        field, code = break_problem(before.history, wanted)
        if code:
            raise invalid(field, code)
    await _replace_break(before.worker.id, data.break_id, wanted)
    line = Line(
        kind=WorkerChange.BROKEN,
        on=wanted.first if wanted else data.first_on,
        before=_days(known),
        after=_days(wanted),
    )
    await worker_lines.write(actor, before, line, Because(reason=data.reason))


async def _break_of(before: Entry, break_id: str) -> Break:
    found = await database.view(
        _BreakRow,
        "SELECT first_on, last_on FROM social_worker_break WHERE id = %s AND worker_id = %s",
        ids.parse(break_id) or 0,
        before.worker.id,
    )
    if found is None:
        raise NotFound()
    return Break(found.first_on, found.last_on)


class _BreakRow(msgspec.Struct):
    first_on: Any
    last_on: Any


async def _replace_break(worker_id: int, break_id: str, wanted: Break | None) -> None:
    if wanted is None:
        await database.execute("DELETE FROM social_worker_break WHERE id = %s", ids.parse(break_id) or 0)
    elif break_id:
        await database.execute(
            "UPDATE social_worker_break SET first_on = %s, last_on = %s WHERE id = %s",
            wanted.first,
            wanted.last,
            ids.parse(break_id) or 0,
        )
    else:
        row = {"id": ids.new_id(), "worker_id": worker_id, "first_on": wanted.first, "last_on": wanted.last}
        await database.insert("social_worker_break", row)


async def to_change(actor: Actor, worker: str, version: int, reason: str) -> Entry:
    found = await worker_rows.visible(worker, actor, MANAGE)
    require_reason(reason)
    if found.version != version:
        raise Conflict("worker_changed")
    return await worker_lines.entry(found)


def require_reason(reason: str) -> None:
    if not _SHORTEST_REASON <= len(reason.strip()) <= _LONGEST_REASON:
        raise invalid("reason", "worker_reason_missing")


def _person(data: NewWorker) -> tuple[str, str]:
    """Name and number as they are kept, or what is wrong with both."""
    wrong: list[FieldError] = []
    name = number = ""
    try:
        name = national.parse_name(data.name)
    except InvalidValue as problem:
        wrong.append(FieldError("name", f"{problem.message}。"))
    try:
        allowed = reference.settings().allow_synthetic_ids
        number = national.parse_id_no(data.id_no, allow_synthetic=allowed, today=clock.today()).number
    except InvalidValue as problem:
        wrong.append(FieldError("id_no", f"{problem.message}。"))
    if wrong:
        raise Invalid(wrong)
    return name, number


def require_hiring(data: NewWorker) -> None:
    """The day and the grade of a hiring can be."""
    today, scheme = clock.today(), scheme_files.current().workers
    wrong: list[FieldError] = []
    if not today.year - _OLDEST_SERVICE <= data.hired_on.year or data.hired_on > today + _AHEAD:
        wrong.append(FieldError("hired_on", sentence("worker_hired_outside")))
    if not fits(scheme, data.hired_on, data.post, data.start_grade):
        known = scheme.on(data.hired_on).range_of(data.post)
        told = sentence("worker_grade_outside", name=known.name, lowest=known.lowest, highest=known.highest)
        wrong.append(FieldError("start_grade", told))
    if wrong:
        raise Invalid(wrong)


async def require_nothing_before(before: Entry, wanted: NewWorker) -> None:
    """What happened after the hiring cannot come to lie before it, or after it what came before."""
    history, on = before.history, wanted.hired_on
    days = [one.first for one in history.breaks] + [one.on for one in history.changes] + list(history.trained_on)
    if any(day < on for day in days) or any(year < on.year for year, _ in history.years):
        raise invalid("hired_on", "worker_hired_after_facts")
    if history.left_on is not None and on > history.left_on:
        raise invalid("hired_on", "worker_hired_after_facts")
    known = before.worker
    if on < known.hired_on and await _left_before(known.id):
        raise invalid("hired_on", "worker_hired_again")
    if wanted.post is not known.post and history.changes:
        raise invalid("post", "worker_post_changed_since")


async def _left_before(worker_id: int) -> bool:
    """Whether this is a second hiring: then the first one ends where it ends."""
    kind = WorkerChange.REHIRED.value
    found = await database.scalar(
        "SELECT id FROM social_worker_history WHERE worker_id = %s AND kind = %s LIMIT 1", worker_id, kind
    )
    return found is not None


def hiring(data: NewWorker | worker_rows.WorkerRow) -> dict[str, Any]:
    """The columns that say how somebody was hired."""
    return {"hired_on": data.hired_on, "post": Post(data.post).value, "start_grade": data.start_grade}


def _known(worker: worker_rows.WorkerRow) -> dict[str, Any]:
    return {**hiring(worker), "left_on": worker.left_on, "union": worker.union_name}


def _days(one: Break | None) -> dict[str, Any]:
    return {"break_first": one.first, "break_last": one.last} if one else {}
