"""The grade of a social worker, worked out of what happened since the hiring. Nothing is counted up from a stored
grade: whoever corrects the history corrects every grade after it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from backend.grading.enums import Post, YearResult
from backend.grading.schemes import HUNDRED, WorkerScheme, WorkerVersion

DAY = timedelta(days=1)


class Break(msgspec.Struct, frozen=True, order=True):
    """Days without service, both included; one that goes on has no last day."""

    first: date
    last: date | None = None


class PostChange(msgspec.Struct, frozen=True, order=True):
    on: date
    post: Post


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What counts for the grade. `start_grade` is that of the hiring, `years` the yearly appraisals."""

    hired_on: date
    post: Post
    start_grade: int
    left_on: date | None = None
    breaks: tuple[Break, ...] = ()
    changes: tuple[PostChange, ...] = ()
    years: tuple[tuple[int, YearResult], ...] = ()
    trained_on: tuple[date, ...] = ()

    def excellent_before(self, day: date) -> int:
        """Years that were excellent and over by `day`."""
        return sum(result is YearResult.EXCELLENT and year < day.year for year, result in self.years)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A grade from a day on, and why: hired, served, capped or changed. A step that is capped keeps the grade."""

    on: date
    grade: int
    post: Post
    why: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`next_on` is when the next grade comes if nothing else changes: None at the cap, after leaving and while a break
    has no end."""

    grade: int
    post: Post
    capped: bool
    steps: tuple[Step, ...]
    next_on: date | None


class PayPart(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    amount_fen: int


class TrainingDue(msgspec.Struct, frozen=True, kw_only=True):
    """`soon` from so many days before the last day on."""

    last_on: date | None
    due_on: date
    overdue: bool
    soon: bool


def anniversary(day: date, years: int) -> date:
    """The same day so many years later. 29 February has 28 February in other years, as a period of years ends on the
    last day of the month where its day is missing (民法典 第二百零二条)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _excluded(history: History, scheme: WorkerScheme) -> list[tuple[date, date]]:
    """Spans that count for no service, half open, merged, in order. Each goes by the version of its first day."""
    spans = [
        (one.first, one.last + DAY if one.last else date.max)
        for one in history.breaks
        if not scheme.on(one.first).breaks_count
    ]
    spans += [
        (date(year, 1, 1), date(year + 1, 1, 1))
        for year, result in history.years
        if result is YearResult.FAIL and not scheme.on(date(year, 1, 1)).failed_year_counts
    ]
    merged: list[tuple[date, date]] = []
    for first, end in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((first, end))
    return merged


def _days_within(spans: Iterable[tuple[date, date]], first: date, end: date) -> int:
    return sum(max(0, (min(end, stop) - max(first, start)).days) for start, stop in spans)


def served_on(spans: Sequence[tuple[date, date]], anchor: date, years: int) -> date | None:
    """The first day on which so many full years of service lie behind `anchor`; None within a break without end."""
    day = anniversary(anchor, years)
    while not any(start < day and stop == date.max for start, stop in spans):
        later = anniversary(anchor + _days_within(spans, anchor, day) * DAY, years)
        if later <= day:
            return day
        day = later
    return None


def standing(history: History, scheme: WorkerScheme, day: date) -> Standing:
    """The grade on `day`. A step at the cap is lost: a later post lifts to its own lowest grade, no further."""
    spans = _excluded(history, scheme)
    until = min(day, history.left_on) if history.left_on else day
    steps = [Step(on=history.hired_on, grade=history.start_grade, post=history.post, why="hired")]
    anchor, years = history.hired_on, 0
    changes = sorted(one for one in history.changes if one.on <= until)
    while True:
        wanted = years + scheme.on(steps[-1].on).years_per_grade
        due = served_on(spans, anchor, wanted)
        # On one day the years come first: the new post then lifts whoever is still below it.
        if changes and (due is None or changes[0].on < due):
            change = changes.pop(0)
            steps.append(_changed(steps[-1], change, scheme))
            if scheme.on(change.on).change_restarts_clock:
                anchor, years = change.on, 0
        elif due is not None and due <= until:
            years = wanted
            steps.append(_served(steps[-1], due, scheme))
        else:
            break
    last = steps[-1]
    capped = last.grade >= scheme.on(until).range_of(last.post).highest
    stays = capped or history.left_on is not None
    return Standing(grade=last.grade, post=last.post, capped=capped, steps=tuple(steps), next_on=None if stays else due)


def _changed(before: Step, change: PostChange, scheme: WorkerScheme) -> Step:
    lowest = scheme.on(change.on).range_of(change.post).lowest
    return Step(on=change.on, grade=max(before.grade, lowest), post=change.post, why="changed")


def _served(before: Step, on: date, scheme: WorkerScheme) -> Step:
    if before.grade >= scheme.on(on).range_of(before.post).highest:
        return Step(on=on, grade=before.grade, post=before.post, why="capped")
    return Step(on=on, grade=before.grade + 1, post=before.post, why="served")


def change_problem(history: History, scheme: WorkerScheme, change: PostChange) -> str:
    """The code of why this change of post cannot be, or nothing."""
    version = scheme.on(change.on)
    now = standing(history, scheme, change.on)
    wanted = version.range_of(change.post)
    if change.on < history.hired_on or (history.left_on and change.on > history.left_on):
        return "worker_not_in_service"
    if now.post is change.post:
        return "worker_same_post"
    if history.excellent_before(change.on) < wanted.excellent:
        return "worker_excellent_short"
    return "worker_grade_above_post" if max(now.grade, wanted.lowest) > wanted.highest else ""


def pay(version: WorkerVersion, grade: int, post: Post) -> tuple[PayPart, ...]:
    """A month's parts; welfare is a percentage of the base, half up to the fen."""
    base = version.pay.base_fen[grade - 1]
    welfare = (base * version.pay.welfare_percent / HUNDRED).quantize(Decimal(1), ROUND_HALF_UP)
    amounts = {
        "base": base,
        "performance": version.pay.performance_fen[post],
        "allowance": version.pay.allowance_fen[post],
        "welfare": int(welfare),
    }
    return tuple(PayPart(key=key, amount_fen=amount) for key, amount in amounts.items())


def bonus_problem(history: History, version: WorkerVersion, year: int, amount_fen: int) -> str:
    """The code of why this bonus cannot be, or nothing: only for a year that was appraised, within the limits."""
    result = dict(history.years).get(year)
    if result is None:
        return "bonus_not_appraised"
    if result not in version.bonus.results:
        return "bonus_not_earned"
    return "" if version.bonus.least_fen <= amount_fen <= version.bonus.most_fen else "bonus_outside"


def training_due(history: History, scheme: WorkerScheme, day: date) -> TrainingDue:
    """The rotation counts from the last training, before the first one from the hiring."""
    last = max((on for on in history.trained_on if on <= day), default=None)
    training = scheme.on(day).training
    due_on = anniversary(last or history.hired_on, training.every_years)
    soon = due_on - timedelta(days=training.warn_days) <= day
    return TrainingDue(last_on=last, due_on=due_on, overdue=due_on < day, soon=soon)
