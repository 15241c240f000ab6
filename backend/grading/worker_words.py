"""How the register says things: steps, breaks, pay and lines of the history, in plain sentences."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.core.money import yuan
from backend.grading.chair_results import NextLine
from backend.grading.enums import POST_NAMES, RESULT_TEXT, TRAINING_TEXT, Basis, Post, TrainingKind, YearResult
from backend.grading.rules import workers as rules
from backend.grading.rules.workers import Break, History, Standing, Step
from backend.grading.schemes import WorkerScheme
from backend.grading.worker_schemas import PayLine, PayView, StepView

PAY_NAMES = {"base": "基本工资", "performance": "绩效工资", "allowance": "津贴补贴", "welfare": "福利（单位缴纳）"}
_LABELS = {
    "hired_on": "入职日期",
    "post": "录用岗位",
    "start_grade": "起始级别",
    "grade": "级别",
    "post_now": "岗位",
    "confirmed_grade": "核定级别",
    "year": "年度",
    "result": "考核结果",
    "training": "培训",
    "trained_on": "培训日期",
    "hours": "学时",
    "left_on": "离职日期",
    "bonus_fen": "年度绩效奖（元）",
    "break_first": "中断自",
    "break_last": "中断至",
    "union": "用人的工会",
}


def grade_text(post: Post, grade: int) -> str:
    return f"{POST_NAMES[post]} {grade} 级"


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def step_views(standing: Standing, scheme: WorkerScheme) -> list[StepView]:
    return [
        StepView(
            on=step.on.isoformat(),
            grade=step.grade,
            post_text=POST_NAMES[step.post],
            why=step.why,
            text=_why(step, scheme),
        )
        for step in standing.steps
    ]


def _why(step: Step, scheme: WorkerScheme) -> str:
    version = scheme.on(step.on)
    known = version.range_of(step.post)
    return {
        "hired": f"入职，从{grade_text(step.post, step.grade)}起算。",
        "served": f"工龄又满 {version.years_per_grade} 年，晋 1 级，到 {step.grade} 级。",
        "changed": f"转到{known.name}（{known.lowest} 至 {known.highest} 级），定 {step.grade} 级。",
        "capped": f"工龄又满 {version.years_per_grade} 年，{known.name}最高 {known.highest} 级，不再往上升。",
    }[step.why]


def explanation(history: History, standing: Standing, scheme: WorkerScheme, today: date) -> list[str]:
    """What counted, what did not, and what comes next."""
    version = scheme.on(today)
    lines = [
        f"{day_text(history.hired_on)}入职，从{grade_text(history.post, history.start_grade)}起算，"
        f"工龄每满 {version.years_per_grade} 年晋 1 级。"
    ]
    lines += [_broken(one, counted=scheme.on(one.first).breaks_count) for one in history.breaks]
    lines += [
        f"{year} 年考核不称职，这一年{'照计' if scheme.on(date(year, 1, 1)).failed_year_counts else '不计'}工龄。"
        for year, result in history.years
        if result is YearResult.FAIL
    ]
    return [*lines, _ahead(history, standing, scheme, today)]


def _broken(one: Break, *, counted: bool) -> str:
    until = f"到{day_text(one.last)}，共 {(one.last - one.first).days + 1} 天" if one.last else "起，还没有结束"
    return f"{day_text(one.first)}{until}，服务中断，{'照计' if counted else '不计'}工龄。"


def _ahead(history: History, standing: Standing, scheme: WorkerScheme, today: date) -> str:
    known = scheme.on(today).range_of(standing.post)
    if history.left_on is not None and history.left_on < today:
        return f"{day_text(history.left_on)}离职，级别停在 {standing.grade} 级。"
    if standing.capped:
        return f"已到{known.name}最高的 {known.highest} 级，要再往上升先转到更高的岗位。"
    if standing.next_on is None:
        return "服务中断期间工龄停算，恢复后再接着算。"
    return f"没有别的变动，{day_text(standing.next_on)}晋到 {standing.grade + 1} 级。"


def next_grade(history: History, standing: Standing, scheme: WorkerScheme, today: date) -> NextLine | None:
    """The next one, what it lacks, and the day on which it comes by itself."""
    if history.left_on is not None and history.left_on < today:
        return None
    if not standing.capped:
        missing = [_ahead(history, standing, scheme, today)]
        return NextLine(grade=grade_text(standing.post, standing.grade + 1), missing=missing, on=standing.next_on)
    higher = next((one for one in scheme.on(today).posts if one.highest > standing.grade), None)
    if higher is None:
        return None
    there = history.excellent_before(today)
    missing = [f"转到{higher.name}，要年度考核优秀 {higher.excellent} 次，现在有 {there} 次。"]
    return NextLine(grade=grade_text(higher.post, standing.grade + 1), missing=missing)


def pay_view(standing: Standing, scheme: WorkerScheme, today: date) -> PayView:
    version = scheme.on(today)
    parts = rules.pay(version, standing.grade, standing.post)
    return PayView(
        lines=[PayLine(key=part.key, name=PAY_NAMES[part.key], amount_fen=part.amount_fen) for part in parts],
        total_fen=sum(part.amount_fen for part in parts),
        source=version.source,
        since=version.since.isoformat(),
        sample=version.basis is Basis.SAMPLE,
    )


def values_text(values: Mapping[str, Any]) -> list[str]:
    """Values of a line of the history, each with its name."""
    return [f"{_LABELS.get(name, name)}：{_value(name, value)}" for name, value in values.items() if value != ""]


def _value(name: str, value: Any) -> str:
    if value is None:
        return "无"
    if name in ("post", "post_now"):
        return POST_NAMES[Post(value)]
    if name == "result":
        return RESULT_TEXT[YearResult(value)]
    if name == "training":
        return TRAINING_TEXT[TrainingKind(value)]
    return yuan(value) if name == "bonus_fen" else str(value)
