"""Values in the words people read."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms.masks import mask
from backend.casework.schemas import ChangeView
from backend.core import money, reference

Choices = Mapping[str, Mapping[str, str]]

SUMMARY_LENGTH = 80
_EMPTY: Mapping[str, Any] = {}


def display(spec: FieldSpec, value: Any, choices: Choices = _EMPTY) -> str:
    """The value in words, masked where it is sensitive; what cannot be read (a draft) as it was typed."""
    return say(spec, mask(spec, value), choices.get(spec.name, _EMPTY))


def say(spec: FieldSpec, value: Any, options: Mapping[str, str] = _EMPTY) -> str:
    """The value itself in words; `options` are those that only run time knows."""
    if value is None:
        return ""
    try:
        return _in_words(spec, value, spec.options or options)
    except (ValueError, TypeError, KeyError):
        return str(value)


def _in_words(spec: FieldSpec, value: Any, options: Mapping[str, str]) -> str:
    say = _WORDS.get(spec.kind)
    if say is not None:
        return say(value)
    if spec.kind == FieldKind.MULTI:
        return "、".join(options.get(each, each) for each in value)
    return options.get(value, str(value))


def _month(text: str) -> str:
    first = date.fromisoformat(f"{text}-01")
    return f"{first.year}年{first.month}月"


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{_day(moment.date())} {moment:%H:%M}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


_WORDS: dict[FieldKind, Callable[[Any], str]] = {
    FieldKind.BOOL: lambda value: "是" if value in (True, "true", "on", "1") else "否",
    FieldKind.MONEY: lambda value: f"{money.yuan(value) if isinstance(value, int) else value} 元",
    FieldKind.PERCENT: lambda value: f"{value}%",
    FieldKind.DATE: lambda value: _day(date.fromisoformat(value)),
    FieldKind.MONTH: _month,
    FieldKind.YEAR: lambda value: f"{value}年",
    FieldKind.DATETIME: _moment,
    FieldKind.TABLE: lambda value: f"共 {len(value)} 行",
    FieldKind.GEO: lambda value: f"纬度 {value['lat']}，经度 {value['lng']}",
    FieldKind.DIVISION: lambda value: reference.divisions().full_name(value) or value,
    FieldKind.FILE: lambda value: "已上传",
}


def summary(flow: Flow, values: Mapping[str, Any], choices: Choices = _EMPTY) -> str:
    """What stands beside a name in the queue: 快递员 · 测试快运. Nothing sensitive enters it."""
    parts = []
    for name in flow.subject.summary:
        spec = flow.field(name)
        if spec is not None and not spec.is_sensitive:
            parts.append(display(spec, values.get(name), choices))
    return " · ".join(part for part in parts if part)[:SUMMARY_LENGTH]


def diff(
    flow: Flow, before: Mapping[str, Any], after: Mapping[str, Any], choices: Choices = _EMPTY
) -> list[ChangeView]:
    """What a round changed, in the order of the form."""
    changes = []
    for spec in flow.fields:
        old, new = before.get(spec.name), after.get(spec.name)
        if old != new:
            was, now = display(spec, old, choices), display(spec, new, choices)
            if was == now:  # the difference lies in what is hidden, or inside the rows
                now = f"{now}（已修改）"
            changes.append(ChangeView(field=spec.name, label=spec.label, before=was, after=now))
    return changes
