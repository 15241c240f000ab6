"""Whether a canonical value keeps the rule of its field, and the sentence when it does not."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec
from backend.casework.forms.limits import Bound, Limits, Operand
from backend.core import money

TEXTS = frozenset((FieldKind.TEXT, FieldKind.LONGTEXT, FieldKind.ADDRESS, FieldKind.NAME))
NUMBERS = frozenset((FieldKind.INT, FieldKind.DECIMAL, FieldKind.PERCENT, FieldKind.MONEY))
TIMES = frozenset((FieldKind.DATE, FieldKind.DATETIME, FieldKind.MONTH, FieldKind.YEAR))

_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
    "==": lambda value, bound: value == bound,
    "!=": lambda value, bound: value != bound,
}
_NUMBER_SENTENCES = {
    ">=": "不能小于 {}",
    ">": "应当大于 {}",
    "<=": "不能大于 {}",
    "<": "应当小于 {}",
    "==": "应当是 {}",
    "!=": "不能是 {}",
}
_TIME_SENTENCES = {
    ">=": "不能早于{}",
    ">": "应当晚于{}",
    "<=": "不能晚于{}",
    "<": "应当早于{}",
    "==": "应当是{}",
    "!=": "不能是{}",
}


def broken(spec: FieldSpec, value: Any, others: Mapping[str, Any], today: date, labels: Mapping[str, str]) -> str:
    """The first broken clause in words, "" when all hold. A clause about an empty field holds."""
    rule = spec.rule
    if rule is None:
        return ""
    if rule.one_of and value not in rule.one_of:
        return f"只能填 {' 或 '.join(map(str, rule.one_of))}"
    for bound in rule.bounds:
        pair = _pair(spec.kind, value, bound.operand, others, today)
        if pair is not None and not _HOLDS[bound.operator](*pair):
            return _sentence(spec, bound, value, today, labels)
    return ""


def wrong_rows(rows: Limits | None, count: int) -> str:
    """Whether a table has too few or too many rows."""
    least = rows.number(">=") if rows is not None else None
    most = rows.number("<=") if rows is not None else None
    if least is not None and count < least:
        return f"至少填 {least} 行，现在有 {count} 行"
    if most is not None and count > most:
        return f"最多填 {most} 行，现在有 {count} 行"
    return ""


def _pair(
    kind: FieldKind, value: Any, operand: Operand, others: Mapping[str, Any], today: date
) -> tuple[Any, Any] | None:
    if operand.field:
        other = others.get(operand.field)
        return None if other is None else (_comparable(kind, value), _comparable(kind, other))
    if operand.today:
        return _on_calendar(kind, value, operand.day(today))
    if operand.flag is not None:
        return value, operand.flag
    if kind in TEXTS or kind == FieldKind.MULTI:
        return len(value), operand.number
    return _comparable(kind, value), operand.number


def _comparable(kind: FieldKind, value: Any) -> Any:
    if kind in (FieldKind.DECIMAL, FieldKind.PERCENT):
        return Decimal(value)
    return datetime.fromisoformat(value) if kind == FieldKind.DATETIME else value


def _on_calendar(kind: FieldKind, value: Any, day: date) -> tuple[Any, Any]:
    """Canonical texts of dates and months compare like the days themselves."""
    match kind:
        case FieldKind.YEAR:
            return value, day.year
        case FieldKind.MONTH:
            return value, day.isoformat()[:7]
        case _:
            return value[:10], day.isoformat()


def _sentence(spec: FieldSpec, bound: Bound, value: Any, today: date, labels: Mapping[str, str]) -> str:
    operand = bound.operand
    if operand.flag is not None:
        return "请先阅读并勾选这一项" if operand.flag else "选“是”就不能办理，请看申请条件"
    if operand.field and bound.operator in ("==", "!="):
        label = labels.get(operand.field, operand.field)
        return f"应与“{label}”一致" if bound.operator == "==" else f"不能与“{label}”相同"
    if spec.kind in TEXTS and not operand.field:
        word = "最多" if bound.operator.startswith("<") else "至少"
        return f"{word}写 {operand.number} 个字，您写了 {len(value)} 个字"
    if spec.kind == FieldKind.MULTI:
        return f"{'最多' if bound.operator.startswith('<') else '至少'}选 {operand.number} 项"
    sentences = _TIME_SENTENCES if spec.kind in TIMES else _NUMBER_SENTENCES
    return sentences[bound.operator].format(_bound_in_words(spec.kind, operand, today, labels))


def _bound_in_words(kind: FieldKind, operand: Operand, today: date, labels: Mapping[str, str]) -> str:
    if operand.field:
        return f"“{labels.get(operand.field, operand.field)}”"
    if operand.today:
        day = operand.day(today)
        if kind == FieldKind.YEAR:
            return f" {day.year} 年"
        if kind == FieldKind.MONTH:
            return f"{day.year}年{day.month}月"
        return "今天" if day == today else f"{day.year}年{day.month}月{day.day}日"
    if kind == FieldKind.MONEY and operand.number is not None:
        return f"{money.yuan(int(operand.number))} 元"
    return f"{operand.number}%" if kind == FieldKind.PERCENT else str(operand.number)
