"""The bank's answer to a run, by the layout of its bank: by item, what was paid and what came back."""

from collections.abc import Iterator, Mapping

from backend.core import sheet_reading, sheets
from backend.core.errors import invalid
from backend.core.money import fen_from_text
from backend.core.national import InvalidValue
from backend.payments.bank_layouts import AnswerLayout, Layout, LayoutKind, Place, Unit
from backend.payments.run_rules import MOST_ITEMS
from backend.payments.run_schemas import ResultRow

MOST_ROWS = MOST_ITEMS
_PARTS = ("item", "amount", "result", "reason")
_MOST_DIGITS = 15


def read(content: bytes, layout: Layout) -> list[ResultRow]:
    """Every line with an item's key. Takes a moment for a large one."""
    found = _table(content, layout) if layout.kind is LayoutKind.TABLE else _fixed(content, layout)
    if len(found) > MOST_ROWS:
        raise invalid("sheet", "pay_results_too_long", most=MOST_ROWS)
    return found


def _table(content: bytes, layout: Layout) -> list[ResultRow]:
    sheets.check(content)
    found = sheet_reading.below_heading(
        content,
        lambda cells: _columns(cells, layout.answer),
        lambda _, columns, lines: list(_rows(columns, lines, layout.answer)),
    )
    if not found:
        raise invalid("sheet", "pay_results_unreadable")
    return found


def _columns(cells: list[str], answer: AnswerLayout) -> dict[str, int]:
    plain = [sheet_reading.plain_heading(cell) for cell in cells]
    found = {
        part: next(plain.index(name) for name in _place(answer, part).headings if name in plain)
        for part in _PARTS
        if any(name in plain for name in _place(answer, part).headings)
    }
    return found if {"item", "amount", "result"} <= set(found) else {}


def _place(answer: AnswerLayout, part: str) -> Place:
    return getattr(answer, part)


def _rows(columns: sheet_reading.Columns, lines: sheet_reading.Lines, answer: AnswerLayout) -> Iterator[ResultRow]:
    for number, cells in lines:
        said = {part: cells[at].strip().lstrip("'") if at < len(cells) else "" for part, at in columns.items()}
        if any(said.values()):
            yield _row(number, said, answer)


def _fixed(content: bytes, layout: Layout) -> list[ResultRow]:
    """Places are counted in bytes, as the bank's host counts them."""
    if len(content) > sheets.MAX_BYTES:
        raise invalid("sheet", "pay_results_too_long", most=MOST_ROWS)
    found = []
    for number, line in enumerate(content.splitlines(), start=1):
        if number > layout.answer.head_lines and line.strip(b" \x00\x1a"):
            found.append(_row(number, _slices(line, layout), layout.answer))
    if not any(row.amount_fen is not None for row in found):
        raise invalid("sheet", "pay_results_no_text", name=layout.name)
    return found


def _slices(line: bytes, layout: Layout) -> dict[str, str]:
    said = {}
    for part in _PARTS:
        place = _place(layout.answer, part)
        start = (place.start or 1) - 1
        written = line[start : start + (place.width or 0)]
        said[part] = written.decode(layout.encoding, "replace").replace("\x00", "").strip()
    return said


def _row(line: int, said: Mapping[str, str], answer: AnswerLayout) -> ResultRow:
    result = said["result"]
    return ResultRow(
        line=line,
        key=said["item"].upper()[:40],
        amount_fen=_fen(said["amount"], answer.amount_in),
        paid=True if result in answer.paid else False if result in answer.returned else None,
        reason=said.get("reason", ""),
    )


def _fen(text: str, unit: Unit) -> int | None:
    if unit is Unit.FEN:
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
    try:
        return fen_from_text(text)
    except InvalidValue:
        return None
