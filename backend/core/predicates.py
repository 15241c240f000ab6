"""Conditions of flow files: a closed little language over named facts, parsed once, never executed as code.

    worker.age >= params.min_age and worker.active_membership == false
    form.fund_kind in special|project or case.amount_fen > 5000000
    days(form.event_date, today) <= params.event_window_days
    form.turnout * 3 >= form.entitled * 2 and 1 <= len(form.players) <= event.team_size_max
    count(aid.temporary, 12m) < params.max_per_year

A name with a dot is a fact; a bare word is a text value (`active`), except `today`, `true` and `false`.
What is not known, or cannot be compared, makes the answer None: unknown never refuses anybody.
"""

import calendar
from collections.abc import Callable, Iterable, Sized
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from backend.core import clock
from backend.core.predicate_parser import parse
from backend.core.predicate_tree import (
    Both,
    Call,
    Compare,
    Either,
    Fact,
    Literal,
    Node,
    Not,
    OneOf,
    Predicate,
    PredicateError,
    Sum,
    Today,
)

__all__ = ["Predicate", "PredicateError", "back", "browser_condition", "evaluate", "parse"]

Lookup = Callable[[str], Any]


def evaluate(predicate: Predicate, lookup: Lookup, *, today: date) -> bool | None:
    """`lookup` gives the value of a fact, None for one that is not known."""
    return _truth(predicate.tree, lookup, today)


def _truth(node: Node, lookup: Lookup, today: date) -> bool | None:
    match node:
        case Compare(first, rest):
            return _chain(first, rest, lookup, today)
        case OneOf(item, values):
            return _any(_compare("==", _value(item, lookup, today), value.value) for value in values)
        case Both(parts):
            return _all(_truth(part, lookup, today) for part in parts)
        case Either(parts):
            return _any(_truth(part, lookup, today) for part in parts)
        case Not(part):
            truth = _truth(part, lookup, today)
            return None if truth is None else not truth
    return None


def _all(truths: Iterable[bool | None]) -> bool | None:
    seen = list(truths)
    if False in seen:
        return False
    return None if None in seen else True


def _any(truths: Iterable[bool | None]) -> bool | None:
    seen = list(truths)
    if True in seen:
        return True
    return None if None in seen else False


def _chain(first: Node, rest: tuple[tuple[str, Node], ...], lookup: Lookup, today: date) -> bool | None:
    left = _value(first, lookup, today)
    truths = []
    for operator, node in rest:
        right = _value(node, lookup, today)
        truths.append(_compare(operator, left, right))
        left = right
    return _all(truths)


def _compare(operator: str, left: Any, right: Any) -> bool | None:
    if isinstance(left, date) and isinstance(right, str):
        right = _iso_date(right)
    elif isinstance(right, date) and isinstance(left, str):
        left = _iso_date(left)
    kind = _kind(left)
    if kind is None or kind != _kind(right):
        return None
    if kind in ("text", "bool") and operator not in ("==", "!="):
        return None
    return _OPERATORS[operator](left, right)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _kind(value: Any) -> str | None:
    """Values of different kinds are never compared: True is not 1."""
    match value:
        case bool():
            return "bool"
        case int() | Decimal():
            return "number"
        case str():
            return "text"
        case date():
            return "date"
    return None


def _value(node: Node, lookup: Lookup, today: date) -> Any:
    match node:
        case Literal(value):
            return value
        case Today():
            return today
        case Fact(name):
            return _plain(lookup(name))
        case Sum(operator, left, right):
            return _combine(operator, _value(left, lookup, today), _value(right, lookup, today))
        case Call(function, arguments, window):
            values = [_value(argument, lookup, today) for argument in arguments]
            return _FUNCTIONS[function](values, window, today)
    return _truth(node, lookup, today)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.local(value).date()
    if isinstance(value, float | Decimal):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    return value


def _combine(operator: str, left: Any, right: Any) -> Any:
    """A date may move by days; everything else is arithmetic of numbers. None when it leads nowhere."""
    kinds = (_kind(left), _kind(right))
    try:
        if kinds == ("number", "number"):
            return _ARITHMETIC[operator](left, right)
        if kinds == ("date", "number") and operator != "*":
            return _ARITHMETIC[operator](left, timedelta(days=int(right)))
    except ArithmeticError:
        return None
    return None


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}


def _days(values: list[Any], window: tuple[int, str] | None, today: date) -> int | None:
    first, last = (_iso_date(value) if isinstance(value, str) else value for value in values)
    return (last - first).days if isinstance(first, date) and isinstance(last, date) else None


def _count(values: list[Any], window: tuple[int, str] | None, today: date) -> int | None:
    value = values[0]
    if window is None:
        return value if _kind(value) == "number" else _len(values, window, today)
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    start = back(today, *window)
    dates = [_plain(item) for item in value]
    return sum(1 for item in dates if item > start) if all(isinstance(item, date) for item in dates) else None


def _len(values: list[Any], window: tuple[int, str] | None, today: date) -> int | None:
    return len(values[0]) if isinstance(values[0], Sized) else None


def _year(values: list[Any], window: tuple[int, str] | None, today: date) -> int | None:
    value = _iso_date(values[0]) if isinstance(values[0], str) else values[0]
    if isinstance(value, date):
        return value.year
    return value if _kind(value) == "number" else None


_FUNCTIONS = {"days": _days, "count": _count, "len": _len, "year": _year}


def back(day: date, number: int, unit: str) -> date:
    """The day so many days, months or years earlier; 31 March less a month is the last of February."""
    try:
        if unit == "d":
            return day - timedelta(days=number)
        months = day.year * 12 + day.month - 1 - number * (12 if unit == "y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return date.min


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def browser_condition(predicate: Predicate) -> str:
    """`employ_form=newform` or `kind=a|b` for the page's script; "" where it has to wait for the server."""
    match predicate.tree:
        case Compare(Fact(name), (("==", Literal(value)),)) if name.startswith("form."):
            values = [value]
        case OneOf(Fact(name), literals) if name.startswith("form."):
            values = [literal.value for literal in literals]
        case _:
            return ""
    words = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    return f"{name.removeprefix('form.')}={'|'.join(words)}"
