"""Entries of the register and their histories, for one worker or for many: a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from backend.core import database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.grading.enums import ROTATION, Post, TrainingKind, YearResult
from backend.grading.rules.workers import Break, History, PostChange
from backend.grading.worker_schemas import WorkerRow
from backend.unions import queries as unions

VIEW, MANAGE = "worker.view", "worker.manage"

COLUMNS = (
    "w.id, w.name, w.id_no_index, w.id_no_sealed, w.union_id, u.name AS union_name, u.path, w.hired_on, w.post,"
    " w.start_grade, w.left_on, w.confirmed_grade, w.reckoned_on, w.grade, w.post_now, w.capped, w.next_on,"
    " w.training_due_on, w.training_told_for, w.version"
)
SOURCE = "FROM social_worker w JOIN union_org u ON u.id = w.union_id"
WORKER = f"SELECT {COLUMNS} {SOURCE}"


def visible_to(actor: Actor, permission: str = VIEW) -> tuple[str, list[str]]:
    """A condition and its values: workers of the unions where the actor holds this permission."""
    return unions.visible_to(actor, permission)


async def visible(worker: str, actor: Actor, permission: str = VIEW) -> WorkerRow:
    condition, values = visible_to(actor, permission)
    found = await database.view(WorkerRow, f"{WORKER} WHERE w.id = %s AND {condition}", ids.parse(worker) or 0, *values)
    if found is None:
        raise NotFound()
    return found


async def by_index(index: str) -> WorkerRow | None:
    """Whoever has this identity number, by its blind index."""
    return await database.view(WorkerRow, f"{WORKER} WHERE w.id_no_index = %s", index)


async def by_indexes(indexes: Sequence[str]) -> list[WorkerRow]:
    marks = ", ".join(["%s"] * len(indexes)) or "''"
    return await database.views(WorkerRow, f"{WORKER} WHERE w.id_no_index IN ({marks})", *indexes)


async def in_service(after: int, today: date, limit: int) -> list[WorkerRow]:
    """By rising id."""
    return await database.views(
        WorkerRow,
        f"{WORKER} WHERE w.id > %s AND (w.left_on IS NULL OR w.left_on >= %s) ORDER BY w.id LIMIT %s",
        after,
        today,
        limit,
    )


async def all_after(last_id: int, limit: int) -> list[WorkerRow]:
    """Whoever is or was in service, by rising id."""
    return await database.views(WorkerRow, f"{WORKER} WHERE w.id > %s ORDER BY w.id LIMIT %s", last_id, limit)


class _Break(msgspec.Struct):
    worker_id: int
    first_on: date
    last_on: date | None


class _Post(msgspec.Struct):
    worker_id: int
    changed_on: date
    post: Post


class _Year(msgspec.Struct):
    worker_id: int
    year: int
    result: YearResult


class _Training(msgspec.Struct):
    worker_id: int
    trained_on: date


async def histories(workers: Sequence[WorkerRow]) -> dict[int, History]:
    """What counts for the grade of each, in four statements. What lies before a second hiring counts no more."""
    if not workers:
        return {}
    who = [worker.id for worker in workers]
    marks = ", ".join(["%s"] * len(who))
    breaks = await database.views(
        _Break,
        f"SELECT worker_id, first_on, last_on FROM social_worker_break WHERE worker_id IN ({marks})"  # noqa: S608
        " ORDER BY first_on, id",
        *who,
    )
    posts = await database.views(
        _Post,
        f"SELECT worker_id, changed_on, post FROM social_worker_post WHERE worker_id IN ({marks})",  # noqa: S608
        *who,
    )
    years = await database.views(
        _Year,
        f"SELECT worker_id, year, result FROM social_worker_year WHERE worker_id IN ({marks})",  # noqa: S608
        *who,
    )
    trainings = await database.views(
        _Training,
        "SELECT worker_id, trained_on FROM social_worker_training"  # noqa: S608
        f" WHERE kind IN (%s, %s) AND worker_id IN ({marks})",
        *(TrainingKind(kind).value for kind in ROTATION),
        *who,
    )
    parts = [_grouped(found) for found in (breaks, posts, years, trainings)]
    return {worker.id: _history(worker, *(part[worker.id] for part in parts)) for worker in workers}


def _grouped(found: Sequence[Any]) -> dict[int, list[Any]]:
    by_worker: dict[int, list[Any]] = defaultdict(list)
    for one in found:
        by_worker[one.worker_id].append(one)
    return by_worker


def _history(
    worker: WorkerRow,
    breaks: Sequence[_Break],
    posts: Sequence[_Post],
    years: Sequence[_Year],
    trainings: Sequence[_Training],
) -> History:
    since = worker.hired_on
    return History(
        hired_on=since,
        post=worker.post,
        start_grade=worker.start_grade,
        left_on=worker.left_on,
        breaks=tuple(Break(one.first_on, one.last_on) for one in breaks if one.first_on >= since),
        changes=tuple(sorted(PostChange(one.changed_on, one.post) for one in posts if one.changed_on >= since)),
        years=tuple(sorted((one.year, one.result) for one in years if one.year >= since.year)),
        trained_on=tuple(sorted(one.trained_on for one in trainings if one.trained_on >= since)),
    )


async def history_of(worker: WorkerRow) -> History:
    return (await histories([worker]))[worker.id]
