"""One worker with every figure explained, for the desk and for the worker."""

from datetime import date, datetime
from typing import Any

import msgspec

from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.grading import scheme_files, worker_words
from backend.grading.chair_results import GradeView
from backend.grading.enums import (
    CHANGE_TEXT,
    RESULT_TEXT,
    SOCIAL_WORKER,
    TRAINING_TEXT,
    TrainingKind,
    WorkerChange,
    YearResult,
)
from backend.grading.queries import worker_lists, worker_rows
from backend.grading.rules import workers as rules
from backend.grading.rules.register import reckon
from backend.grading.rules.workers import History
from backend.grading.worker_schemas import (
    BreakView,
    HistoryView,
    TrainingView,
    WorkerPage,
    WorkerRow,
    YearView,
)
from backend.membership import queries as roll


async def worker_page(worker: str, actor: Actor) -> WorkerPage:
    """Worked out of the history at this moment; a fixed number of statements."""
    row = await worker_rows.visible(worker, actor)
    history, line = await worker_rows.history_of(row), await worker_lists.line_of(row.id)
    scheme, today = scheme_files.current().workers, clock.today()
    now, live = rules.standing(history, scheme, today), reckon(history, scheme, today)
    for name in ("grade", "post_now", "capped", "next_on", "training_due_on"):
        setattr(line, name, getattr(live, name))
    number = crypto.open_sealed(row.id_no_sealed, context=f"social_worker/id_no/{row.id}")
    return WorkerPage(
        worker=worker_lists.line_view(line, today),
        id_no=national.mask_id_no(number),
        start_post=row.post.value,
        start_grade=row.start_grade,
        confirmed_grade=row.confirmed_grade,
        highest=scheme.on(today).range_of(now.post).highest,
        capped=now.capped,
        steps=worker_words.step_views(now, scheme),
        explanation=worker_words.explanation(history, now, scheme, today),
        pay=worker_words.pay_view(now, scheme, today),
        breaks=await _breaks(row),
        years=await _years(row.id),
        excellent=history.excellent_before(today),
        trainings=await _trainings(row.id),
        training_text=_training_text(history, today),
        history=await _history(row.id),
        version=row.version,
    )


def _training_text(history: History, today: date) -> str:
    due = rules.training_due(history, scheme_files.current().workers, today)
    since = f"上次{worker_words.day_text(due.last_on)}" if due.last_on else "入职以来没有培训过"
    state = "，已经过期" if due.overdue else "，快到期了" if due.soon else ""
    return f"{since}，{worker_words.day_text(due.due_on)}前要再轮训一次{state}。"


class _BreakRow(msgspec.Struct):
    id: int
    first_on: date
    last_on: date | None


async def _breaks(row: WorkerRow) -> list[BreakView]:
    found = await database.views(
        _BreakRow,
        "SELECT id, first_on, last_on FROM social_worker_break WHERE worker_id = %s ORDER BY first_on, id",
        row.id,
    )
    return [
        BreakView(
            id=ids.public(one.id),
            first_on=one.first_on.isoformat(),
            last_on=one.last_on.isoformat() if one.last_on else None,
            days=(one.last_on - one.first_on).days + 1 if one.last_on else None,
        )
        for one in found
    ]


class _YearRow(msgspec.Struct):
    year: int
    result: YearResult
    bonus_fen: int | None


async def _years(worker_id: int) -> list[YearView]:
    found = await database.views(
        _YearRow,
        "SELECT y.year, y.result, b.amount_fen AS bonus_fen FROM social_worker_year y LEFT JOIN social_worker_bonus b"
        " ON b.worker_id = y.worker_id AND b.year = y.year WHERE y.worker_id = %s ORDER BY y.year DESC",
        worker_id,
    )
    return [
        YearView(year=one.year, result=one.result, result_text=RESULT_TEXT[one.result], bonus_fen=one.bonus_fen)
        for one in found
    ]


class _TrainingRow(msgspec.Struct):
    id: int
    trained_on: date
    kind: TrainingKind
    hours: str


async def _trainings(worker_id: int) -> list[TrainingView]:
    found = await database.views(
        _TrainingRow,
        "SELECT id, trained_on, kind, hours FROM social_worker_training WHERE worker_id = %s"
        " ORDER BY trained_on DESC, id DESC",
        worker_id,
    )
    return [
        TrainingView(
            id=ids.public(one.id),
            on=one.trained_on.isoformat(),
            kind=one.kind,
            kind_text=TRAINING_TEXT[one.kind],
            hours=one.hours,
        )
        for one in found
    ]


class _HistoryRow(msgspec.Struct):
    at: datetime
    kind: WorkerChange
    holds_from: date
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    reference: str
    actor_label: str


async def _history(worker_id: int) -> list[HistoryView]:
    """The latest first."""
    found = await database.views(
        _HistoryRow,
        "SELECT at, kind, holds_from, `before`, `after`, reason, reference, actor_label FROM social_worker_history"
        " WHERE worker_id = %s ORDER BY id DESC",
        worker_id,
    )
    return [
        HistoryView(
            at=clock.iso(one.at) or "",
            kind=one.kind.value,
            kind_text=CHANGE_TEXT[one.kind],
            holds_from=one.holds_from.isoformat(),
            before=worker_words.values_text(one.before),
            after=worker_words.values_text(one.after),
            reason=one.reason,
            case_number=one.reference.partition("/")[0],
            who=one.actor_label,
        )
        for one in found
    ]


async def my_worker_grades(actor: Actor) -> list[GradeView]:
    """The actor's own standing as a social worker, with a month's pay; nothing for everybody else."""
    index = await roll.id_no_index(actor.member_id) if actor.member_id is not None else None
    row = await worker_rows.by_index(index) if index else None
    if row is None:
        return []
    history, today = await worker_rows.history_of(row), clock.today()
    scheme = scheme_files.current().workers
    now, version = rules.standing(history, scheme, today), scheme.on(today)
    left = row.left_on is not None and row.left_on < today
    explained = worker_words.explanation(history, now, scheme, today)
    return [
        GradeView(
            id=ids.public(row.id),
            scheme=SOCIAL_WORKER,
            scheme_name=scheme.name,
            period=str(today.year),
            status="left" if left else "in_post",
            status_text="已离职" if left else "在岗",
            union_name=row.union_name,
            grade=str(now.grade),
            grade_name=worker_words.grade_text(now.post, now.grade),
            score="",
            parts=[],
            veto=None,
            subsidy=None,
            next=worker_words.next_grade(history, now, scheme, today),
            explanation=[*(step.text for step in worker_words.step_views(now, scheme)), *explained],
            rule=f"工龄每满 {version.years_per_grade} 年晋 1 级，到岗位的最高级为止",
            source=f"{version.source}，{version.since.isoformat()} 起施行",
            progress=[_training_text(history, today)],
            pay=worker_words.pay_view(now, scheme, today),
        )
    ]
