"""The rule of a field: a few clauses joined by `;`.

    2..60            a length for text, a range for numbers and dates (both ends allowed)
    >=admit_date     another field of the form; also > < <= == !=
    <=today+30       days; `today-22y` and `today+2m` are years and months
    ==true           what a consent must be
    in=3|5           a closed choice of numbers
Money is in fen.
"""

import calendar
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?\Z")
_TODAY = re.compile(r"today(?:([+-])([0-9]{1,4})([dmy]?))?\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]*\Z")
_RANGE = re.compile(r"(?P<low>[^.;]+(?:\.[0-9]+)?)\.\.(?P<high>.+)\Z")
_CLAUSE = re.compile(r"(?P<operator>>=|<=|==|!=|>|<)(?P<operand>.+)\Z")

_DAYS_IN = {"d": 1, "m": 31, "y": 366}
_FARTHEST_DAYS = 55_000  # some 150 years


class RuleError(Exception):
    """The message says in Chinese which clause is wrong."""


class Operand(msgspec.Struct, frozen=True):
    """Exactly one of: a number, a flag, today with an offset, another field."""

    number: Decimal | None = None
    flag: bool | None = None
    today: bool = False
    offset: int = 0
    unit: str = "d"
    field: str = ""

    def day(self, today: date) -> date:
        if self.unit == "d":
            return today + timedelta(days=self.offset)
        months = today.year * 12 + today.month - 1 + self.offset * (12 if self.unit == "y" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


class Bound(msgspec.Struct, frozen=True):
    operator: str  # >= > <= < == !=
    operand: Operand


class Limits(msgspec.Struct, frozen=True):
    text: str
    bounds: tuple[Bound, ...] = ()
    one_of: tuple[int, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Other fields that it compares with."""
        return tuple(bound.operand.field for bound in self.bounds if bound.operand.field)

    def number(self, operator: str) -> Any:
        """The fixed number of the first such bound, or None."""
        for bound in self.bounds:
            if bound.operator == operator and bound.operand.number is not None:
                return bound.operand.number
        return None


def parse_rule(text: str) -> Limits:
    bounds: list[Bound] = []
    one_of: list[int] = []
    for clause in text.split(";"):
        clause = "".join(clause.split())
        if clause.startswith("in="):
            one_of += _choices(clause)
        elif found := _CLAUSE.match(clause):
            bounds.append(Bound(found["operator"], _operand(found["operand"], clause)))
        elif found := _RANGE.match(clause):
            bounds.append(Bound(">=", _operand(found["low"], clause)))
            bounds.append(Bound("<=", _operand(found["high"], clause)))
        else:
            raise RuleError(f"看不懂规则“{clause}”，可写 2..60、>=today、<=另一栏、==true 或 in=3|5")
    return Limits(text, tuple(bounds), tuple(one_of))


def _choices(clause: str) -> list[int]:
    values = clause.removeprefix("in=").split("|")
    if not all(re.fullmatch("-?[0-9]{1,9}", value) for value in values):
        raise RuleError(f"“{clause}”里只能写整数，用“|”隔开")
    return [int(value) for value in values]


def _operand(text: str, clause: str) -> Operand:
    if _NUMBER.match(text):
        return Operand(number=Decimal(text))
    if found := _TODAY.match(text):
        sign, number, unit = found.groups()
        offset = int(number or 0) * (-1 if sign == "-" else 1)
        if abs(offset) * _DAYS_IN[unit or "d"] > _FARTHEST_DAYS:
            raise RuleError(f"规则“{clause}”里的日期离今天太远")
        return Operand(today=True, offset=offset, unit=unit or "d")
    if text in ("true", "false"):
        return Operand(flag=text == "true")
    if _FIELD.match(text):
        return Operand(field=text)
    raise RuleError(f"规则“{clause}”里的“{text}”既不是数字、日期，也不是另一栏的名称")
