"""The register comes in by a sheet: what is right in it is written, what is wrong is named by row and column, and the
same sheet again changes nothing."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from backend.core import audit, clock, crypto, database, ids, pinyin, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Invalid
from backend.grading import register_sheet, scheme_files
from backend.grading.commands import worker_lines, worker_past, workers
from backend.grading.commands.worker_lines import Line
from backend.grading.enums import RESULT_TEXT, ROTATION, RowResult, TrainingKind, WorkerChange
from backend.grading.queries import worker_rows
from backend.grading.register_sheet import SheetRow, SheetWorker, problem_lines
from backend.grading.rules import workers as rules
from backend.grading.rules.register import reckon
from backend.grading.rules.workers import History
from backend.grading.worker_schemas import Because, NewWorker, SheetProblem, WorkerImport, WorkerRow
from backend.unions import queries as unions

CHUNK = 200


class _Union(msgspec.Struct):
    id: int
    name: str


class _Around(msgspec.Struct):
    """What the rows of a chunk are compared with."""

    known: dict[str, WorkerRow]
    histories: dict[int, History]
    unions: dict[str, list[_Union]]


class _Outcome(msgspec.Struct):
    result: RowResult
    problems: list[SheetProblem] = []


async def import_workers(actor: Actor, *, content: bytes, reason: str, dry_run: bool) -> WorkerImport:
    """What becomes of every row; with `dry_run` nothing is written."""
    workers.require_reason(reason)
    rows = await asyncio.to_thread(register_sheet.read_rows, content)
    outcomes: list[_Outcome] = []
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        try:
            outcomes += await _work(actor, chunk, reason, dry_run=dry_run)
        except IntegrityError:  # another sheet brought in the same person at this moment: now they are known
            outcomes += await _work(actor, chunk, reason, dry_run=dry_run)
    counts = {result: sum(one.result is result for one in outcomes) for result in RowResult}
    return WorkerImport(
        dry_run=dry_run,
        total=len(rows),
        added=counts[RowResult.ADDED],
        updated=counts[RowResult.UPDATED],
        unchanged=counts[RowResult.UNCHANGED],
        refused=counts[RowResult.REFUSED],
        problems=[problem for one in outcomes for problem in one.problems],
    )


@command
async def _work(actor: Actor, rows: Sequence[SheetRow], reason: str, *, dry_run: bool) -> list[_Outcome]:
    allowed, today = reference.settings().allow_synthetic_ids, clock.today()
    parsed = [register_sheet.parse(row, allow_synthetic=allowed, today=today) for row in rows]
    around = await _surroundings(actor, [one for one in parsed if isinstance(one, SheetWorker)])
    outcomes, new = [], list[SheetWorker]()
    for one in parsed:
        if not isinstance(one, SheetWorker):
            outcomes.append(_Outcome(RowResult.REFUSED, one))
            continue
        problems = _problems(actor, one, around)
        known = around.known.get(_index(one))
        if problems:
            outcomes.append(_Outcome(RowResult.REFUSED, problem_lines(one.row_no, problems)))
        elif known is None:
            new.append(one)
            outcomes.append(_Outcome(RowResult.ADDED))
        else:
            lacks = _lacks(one, around.histories[known.id])
            if lacks and not dry_run:
                await worker_past.add(actor, known, *lacks, reason=reason)
            outcomes.append(_Outcome(RowResult.UPDATED if lacks else RowResult.UNCHANGED))
    if new and not dry_run:
        await _enter(actor, new, around, reason)
    return outcomes


def _index(one: SheetWorker) -> str:
    return crypto.blind_index("id_no", one.id_no)


async def _surroundings(actor: Actor, people: Sequence[SheetWorker]) -> _Around:
    known = await worker_rows.by_indexes([_index(one) for one in people])
    condition, values = unions.visible_to(actor, worker_rows.MANAGE)
    names = sorted({one.union for one in people if one.union})
    marks = ", ".join(["%s"] * len(names)) or "''"
    found = await database.views(
        _Union,
        f"SELECT u.id, u.name FROM union_org u WHERE {condition} AND u.name IN ({marks})",  # noqa: S608
        *values,
        *names,
    )
    by_name: dict[str, list[_Union]] = {}
    for union in found:
        by_name.setdefault(union.name, []).append(union)
    return _Around({one.id_no_index: one for one in known}, await worker_rows.histories(known), by_name)


# ---- deciding ---------------------------------------------------------------------


def _problems(actor: Actor, one: SheetWorker, around: _Around) -> list[tuple[str, str]]:
    """(field, sentence) of everything that is against this row."""
    known = around.known.get(_index(one))
    if known is not None:
        return _against_known(actor, one, known, around.histories[known.id])
    wrong: list[tuple[str, str]] = []
    if len(around.unions.get(one.union, [])) != 1:
        wrong.append(("union", f"没有找到工会“{one.union[:60]}”，或不在您管理的范围内"))
    try:
        workers.require_hiring(_new(one, 0))
    except Invalid as refused:
        wrong += [(error.field, error.message.rstrip("。")) for error in refused.errors]
    if one.change is not None and not wrong and (problem := _change_problem(one)):
        wrong.append(problem)
    if one.trained_on is not None and one.trained_on < one.hired_on:
        wrong.append(("trained_on", "上次轮训在入职以前"))
    wrong += [(f"year{year}", "这一年还没有入职") for year in one.years if year < one.hired_on.year]
    wrong += [(f"year{year}", "这一年还没有过完") for year in one.years if year >= clock.today().year]
    return wrong


def _change_problem(one: SheetWorker) -> tuple[str, str] | None:
    """A change of long ago was decided then: its excellent years are not asked for again."""
    assert one.change is not None
    scheme = scheme_files.current().workers
    before = _history(one, with_change=False)
    code = rules.change_problem(before, scheme, one.change)
    if code == "worker_not_in_service":
        return "changed_on", "转岗日期在入职以前"
    if code == "worker_same_post":
        return "changed_to", "转入的岗位和原来的一样"
    now = rules.standing(before, scheme, one.change.on).grade
    wanted = scheme.on(one.change.on).range_of(one.change.post)
    if max(now, wanted.lowest) > wanted.highest:
        return "changed_to", "转岗时的级别比这个岗位的最高级还高"
    return None


def _against_known(actor: Actor, one: SheetWorker, known: WorkerRow, history: History) -> list[tuple[str, str]]:
    if not actor.covers(worker_rows.MANAGE, known.path):
        return [("id_no", "这个证件号已经在册，不在您管理的范围内")]
    wrong: list[tuple[str, str]] = []
    said = {"hired_on": known.hired_on, "post": known.post, "start_grade": known.start_grade}
    for field, value in said.items():
        if getattr(one, field) != value:
            wrong.append((field, "和台账里的不一样，要改请到本人页更正"))
    if one.change is not None and one.change not in history.changes:
        wrong.append(("changed_on", "台账里没有这次转岗，请走岗位变更的办件"))
    for year, result in one.years.items():
        there = dict(history.years).get(year)
        if there is not None and there is not result:
            wrong.append((f"year{year}", f"台账里是{RESULT_TEXT[there]}，要改请到本人页更正"))
        if not known.hired_on.year <= year < clock.today().year:
            wrong.append((f"year{year}", "这一年不在服务期内，或还没有过完"))
    if one.trained_on is not None and one.trained_on < known.hired_on:
        wrong.append(("trained_on", "上次轮训在入职以前"))
    return wrong


def _lacks(one: SheetWorker, history: History) -> tuple[dict[int, Any], date | None] | None:
    """Years and training of the row that the register does not have yet."""
    years = {year: result for year, result in one.years.items() if year not in dict(history.years)}
    trained = one.trained_on if one.trained_on not in history.trained_on else None
    return (years, trained) if years or trained else None


# ---- writing ----------------------------------------------------------------------


def _new(one: SheetWorker, union_id: int) -> NewWorker:
    return NewWorker(
        name=one.name,
        id_no=one.id_no,
        union_id=ids.public(union_id) if union_id else "",
        hired_on=one.hired_on,
        post=one.post,
        start_grade=one.start_grade,
        reason="",
    )


def _history(one: SheetWorker, *, with_change: bool = True) -> History:
    return History(
        hired_on=one.hired_on,
        post=one.post,
        start_grade=one.start_grade,
        changes=(one.change,) if one.change is not None and with_change else (),
        years=tuple(sorted(one.years.items())),
        trained_on=(one.trained_on,) if one.trained_on else (),
    )


async def _enter(actor: Actor, people: Sequence[SheetWorker], around: _Around, reason: str) -> None:
    """All new ones of a chunk, in one statement for each table."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in ("", "_post", "_year", "_training", "_history")}
    for one in people:
        worker_id = ids.new_id()
        tables[""].append(_row(one, worker_id, around.unions[one.union][0].id))
        for table, row in _facts(one, worker_id):
            tables[table].append(row)
        because = Because(reason=reason)
        tables["_history"] += [worker_lines.line_row(actor, worker_id, line, because) for line in _lines(one)]
    for name, rows in tables.items():
        if rows:
            await _insert_many(f"social_worker{name}", rows)
    detail = {"from": people[0].row_no, "to": people[-1].row_no, "added": len(people), "reason": reason}
    first = tables[""][0]["id"]
    await audit.record(actor, "worker.imported", object_kind="social_worker", object_id=first, detail=detail)


async def _insert_many(table: str, rows: Sequence[dict[str, Any]]) -> None:
    names, marks = ", ".join(f"`{name}`" for name in rows[0]), ", ".join(["%s"] * len(rows[0]))
    await database.execute_many(
        f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608 - names from code only
        [list(row.values()) for row in rows],
    )


def _row(one: SheetWorker, worker_id: int, union_id: int) -> dict[str, Any]:
    reckoned = reckon(_history(one), scheme_files.current().workers, clock.today())
    return {
        "id": worker_id,
        "name": one.name,
        "initials": pinyin.name_initials(one.name),
        "id_no_index": _index(one),
        "id_no_sealed": crypto.seal(one.id_no, context=f"social_worker/id_no/{worker_id}"),
        "union_id": union_id,
        **workers.hiring(_new(one, union_id)),
        "left_on": None,
        "confirmed_grade": reckoned.grade,
        **msgspec.structs.asdict(reckoned),
        "training_told_for": None,
        "version": 1,
        "created_at": clock.now(),
    }


def _facts(one: SheetWorker, worker_id: int) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if one.change is not None:
        found.append(("_post", {"changed_on": one.change.on, "post": one.change.post.value}))
    found += [("_year", {"year": year, "result": result.value}) for year, result in one.years.items()]
    if one.trained_on is not None:
        found.append(("_training", {"trained_on": one.trained_on, "kind": ROTATION[1].value, "hours": ""}))
    return [(table, {"id": ids.new_id(), "worker_id": worker_id, **row}) for table, row in found]


def _lines(one: SheetWorker) -> list[Line]:
    """The history as it would stand if each had been entered by itself."""
    lines = [Line(kind=WorkerChange.ENTERED, on=one.hired_on, after=workers.hiring(_new(one, 0)))]
    if one.change is not None:
        after = {"post_now": one.change.post.value}
        lines.append(Line(kind=WorkerChange.POSTED, on=one.change.on, before={"post_now": one.post.value}, after=after))
    for year, result in sorted(one.years.items()):
        after = {"year": year, "result": result.value}
        lines.append(Line(kind=WorkerChange.APPRAISED, on=date(year, 12, 31), after=after))
    if one.trained_on is not None:
        after = {"training": TrainingKind.CYCLE.value, "trained_on": one.trained_on, "hours": ""}
        lines.append(Line(kind=WorkerChange.TRAINED, on=one.trained_on, after=after))
    return lines
