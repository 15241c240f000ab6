"""A file for the bank, by its layout: cells, which become a table or a text of fixed width. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from backend.core.money import yuan
from backend.payments.bank_layouts import NUMBERS, Cell, CellValue, Encoding, Layout

LINE_END = b"\r\n"
# What is only for people to read may be cut where a bank leaves it less room.
_MAY_BE_CUT = frozenset({CellValue.BANK, CellValue.PURPOSE, CellValue.TEXT})


class BankFile(msgspec.Struct, frozen=True, kw_only=True):
    """Of a table `head` are its headings, of a fixed text the fields of its first line."""

    layout: Layout
    head: list[str]
    rows: list[list[str]]
    name: str


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    item: str
    name: str
    card: str
    bank: str
    fen: int
    purpose: str


def bank_file_of(layout: Layout, *, run: str, day: str, payments: Sequence[Payment], name: str) -> BankFile:
    """`day` as eight digits."""
    total = sum(one.fen for one in payments)
    fixed = {CellValue.RUN: run, CellValue.DAY: day}
    sums = {
        CellValue.COUNT: str(len(payments)),
        CellValue.TOTAL_FEN: str(total),
        CellValue.TOTAL_YUAN: _plain_yuan(total),
    }
    head = [_said(cell, fixed | sums) for cell in layout.head] or [cell.heading for cell in layout.row]
    rows = [[_said(cell, fixed | _values(one)) for cell in layout.row] for one in payments]
    return BankFile(layout=layout, head=head, rows=rows, name=name)


def _values(one: Payment) -> dict[CellValue, str]:
    return {
        CellValue.ITEM: one.item,
        CellValue.NAME: one.name,
        CellValue.CARD: one.card,
        CellValue.BANK: one.bank,
        CellValue.YUAN: _plain_yuan(one.fen),
        CellValue.FEN: str(one.fen),
        CellValue.PURPOSE: one.purpose,
    }


def _plain_yuan(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _said(cell: Cell, values: Mapping[CellValue, str]) -> str:
    return cell.text if cell.value is CellValue.TEXT else values[cell.value]


def fits(layout: Layout, value: CellValue, text: str) -> bool:
    """Whether a bank takes the whole of it."""
    widths = [cell.width for cell in layout.row if cell.value is value and cell.width is not None]
    return all(len(text.encode(layout.encoding)) <= width for width in widths)


def fixed_text(file: BankFile) -> bytes:
    """Line by line; every line of one kind is of the same length."""
    layout = file.layout
    lines = [_line(layout.head, file.head, layout.encoding)] if layout.head else []
    lines += [_line(layout.row, row, layout.encoding) for row in file.rows]
    return b"".join(line + LINE_END for line in lines)


def _line(cells: Sequence[Cell], texts: Sequence[str], encoding: Encoding) -> bytes:
    return b"".join(_field(cell, text, encoding) for cell, text in zip(cells, texts, strict=True))


def _field(cell: Cell, text: str, encoding: Encoding) -> bytes:
    width = cell.width or 0
    written = text.encode(encoding)
    if cell.value in NUMBERS:
        written = written.rjust(width, b"0")
    elif cell.value in _MAY_BE_CUT:
        written = _cut(text, width, encoding)
    written = written.ljust(width)
    if len(written) != width:
        raise ValueError(f"{cell.value} is wider than {width} bytes")
    return written


def _cut(text: str, width: int, encoding: Encoding) -> bytes:
    """As many whole characters as there is room for."""
    while len(written := text.encode(encoding)) > width:
        text = text[:-1]
    return written
