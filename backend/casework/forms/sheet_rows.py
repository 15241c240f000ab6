"""A sheet for a table of a form: its columns by their labels, its rows judged as typed ones are.

Pure: it knows neither database nor draft. No sentence repeats what a cell holds.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec
from backend.casework.forms.compile import CompiledField, compile_field
from backend.casework.forms.parse import MOST_ROWS, parse_row
from backend.core import sheet_reading
from backend.core.errors import invalid
from backend.core.sheet_reading import HEADINGS, Columns, Lines, plain_heading

_ALIASES = {FieldKind.NAME: "name", FieldKind.ID_NO: "id_no", FieldKind.MOBILE: "phone"}
_YES = frozenset(("是", "有", "对", "√", "✓", "y", "yes", "true", "1"))
_NO = frozenset(("否", "无", "没有", "不是", "×", "n", "no", "false", "0"))
_SEPARATORS = str.maketrans(dict.fromkeys("，,；;/｜|\n", "、"))

Cells = dict[str, Any]


class Problem(msgspec.Struct, frozen=True):
    column: str
    message: str


class BadRow(msgspec.Struct, frozen=True):
    """As it stood in the sheet, by column."""

    row_no: int
    cells: dict[str, str]
    problems: list[Problem]


class SheetRows(msgspec.Struct, frozen=True):
    """`good` rows are canonical. `unused` are headings that no column answers to. `replaces` says of rows that wait for
    a correction that they come instead of those before."""

    good: list[Cells]
    bad: list[BadRow]
    unused: list[str]
    replaces: bool = False


def read_sheet(content: bytes, table: FieldSpec, *, today: date) -> SheetRows:
    """Every row under the heading; Invalid where there is no heading, no row, or more rows than any table takes."""
    field = compile_field(table)

    def take(heading: list[str], columns: Columns, lines: Lines) -> SheetRows:
        used = set(columns.values())
        unused = [cell for at, cell in enumerate(heading) if cell.strip() and at not in used]
        return _judge(field, _filled(table, columns, lines), unused, today)

    found = sheet_reading.below_heading(content, lambda cells: _columns(table, cells), take)
    if found is None:
        names = "、".join(f"“{column.label}”" for column in _needed(table))
        raise invalid("sheet", "table_no_heading", columns=names)
    if not found.good and not found.bad:
        raise invalid("sheet", "table_empty")
    return found


def example(column: FieldSpec) -> str:
    """What the template shows; a row that holds nothing else is nobody's."""
    if column.options:
        return next(iter(column.options.values()))
    return _EXAMPLES.get(column.kind, "示例")


def identity(table: FieldSpec, row: Mapping[str, Any]) -> Any:
    """By what a row is the same as another one: its identity number where it has one, else all of it."""
    for column in table.columns:
        if column.kind == FieldKind.ID_NO and (number := row.get(column.name)):
            return number
    return tuple(sorted((name, repr(cell)) for name, cell in row.items()))


_EXAMPLES = {
    FieldKind.NAME: "王示例",
    FieldKind.ID_NO: "18 位，最后一位可能是 X",
    FieldKind.MOBILE: "11 位手机号",
    FieldKind.DATE: "2026-03-15",
    FieldKind.MONTH: "2026-03",
    FieldKind.YEAR: "2026",
    FieldKind.MONEY: "1200.50",
    FieldKind.INT: "3",
    FieldKind.DECIMAL: "12.5",
    FieldKind.PERCENT: "5",
    FieldKind.BOOL: "是",
}


def _needed(table: FieldSpec) -> Sequence[FieldSpec]:
    return [column for column in table.columns if column.required] or table.columns[:1]


def _columns(table: FieldSpec, cells: list[str]) -> dict[str, int]:
    """Column → place, if this line is the heading: it names every column that has to be filled in."""
    by_heading = _headings(table)
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = by_heading.get(plain_heading(cell))
        if name is not None:
            found.setdefault(name, place)
    return found if all(column.name in found for column in _needed(table)) else {}


def _headings(table: FieldSpec) -> dict[str, str]:
    """Labels; and what offices call a name, an identity number and a phone where the table asks for one of each."""
    found: dict[str, str] = {}
    for kind, alias in _ALIASES.items():
        own = [column.name for column in table.columns if column.kind == kind]
        if len(own) == 1:
            found |= dict.fromkeys(HEADINGS[alias].split(), own[0])
    return found | {plain_heading(column.label): column.name for column in table.columns}


def _filled(table: FieldSpec, columns: Columns, lines: Lines) -> list[tuple[int, dict[str, str]]]:
    shown = {column.name: example(column) for column in table.columns}
    rows = []
    for row_no, line in lines:
        cells = {name: line[at].strip() for name, at in columns.items() if at < len(line) and line[at].strip()}
        if not cells or all(shown[name] == cell for name, cell in cells.items()):
            continue
        if len(rows) >= MOST_ROWS:
            raise invalid("sheet", "sheet_too_many_rows", limit=MOST_ROWS)
        rows.append((row_no, cells))
    return rows


def _judge(
    field: CompiledField, rows: Sequence[tuple[int, dict[str, str]]], unused: list[str], today: date
) -> SheetRows:
    good: list[Cells] = []
    bad: list[BadRow] = []
    seen: dict[Any, int] = {}
    for row_no, cells in rows:
        raw = {column.name: _as_typed(column, cells.get(column.name, "")) for column in field.spec.columns}
        values, errors = parse_row(field, raw, today=today)
        problems = [Problem(error.field, error.message) for error in errors]
        number = next((column for column in field.spec.columns if column.kind == FieldKind.ID_NO), None)
        if not problems and number is not None and number.name in values:
            first = seen.setdefault(values[number.name], row_no)
            if first != row_no:
                problems = [Problem(number.name, f"和第 {first} 行是同一个证件号，只看前面那一行")]
        if problems:
            bad.append(BadRow(row_no, cells, problems))
        else:
            good.append(values)
    return SheetRows(good, bad, unused)


def _as_typed(column: FieldSpec, text: str) -> Any:
    """What a person would choose or tick for this cell; what cannot be told stays, and its parser says so."""
    if column.kind == FieldKind.BOOL:
        word = text.lower()
        return True if word in _YES else False if word in _NO else text
    if column.kind == FieldKind.MULTI:
        return [_option(column, part.strip()) for part in text.translate(_SEPARATORS).split("、") if part.strip()]
    if column.options:
        return _option(column, text)
    if column.kind in (FieldKind.DATE, FieldKind.MONTH) and (day := sheet_reading.parse_day(text)):
        return day.isoformat() if column.kind == FieldKind.DATE else day.isoformat()[:7]
    return text


def _option(column: FieldSpec, text: str) -> str:
    return next((value for value, label in column.options.items() if label == text), text)
