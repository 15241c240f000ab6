"""Long tables written piece by piece: xlsx whose frame openpyxl makes and whose rows are added, and csv.

A piece is final as soon as it is written, so neither memory nor a transaction grows with the number of rows.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

import msgspec
import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from backend.core import zip_pieces
from backend.core.sheets import defuse
from backend.core.zip_pieces import Entry

Cell = str | int | Decimal | None

MAX_ROWS = 1_000_000  # a worksheet has a few more
SHEET = "xl/worksheets/sheet1.xml"
_ROWS_END = b"</sheetData>"
# More digits than a spreadsheet computes with: it would round them.
_LONG_NUMBER = re.compile(r"[0-9]{12,}\Z")


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the rows. `mark` says who made the table, when and under which number."""

    title: str
    mark: str
    columns: Sequence[str]
    rows: int


# ---- xlsx -------------------------------------------------------------------------


def xlsx_begin(frame: Frame) -> tuple[bytes, list[Entry], Entry]:
    """Everything before the first row: the bytes, the members that are complete, and the worksheet."""
    package = zipfile.ZipFile(io.BytesIO(_frame(frame)))
    written, done = b"", []
    for name in package.namelist():
        if name != SHEET:
            piece, entry = zip_pieces.whole(name, package.read(name), len(written))
            written += piece
            done.append(entry)
    head, _ = _around_rows(package)
    header, sheet = zip_pieces.begin(SHEET, len(written))
    piece, sheet = zip_pieces.grow(sheet, head)
    return written + header + piece, done, sheet


def xlsx_rows(sheet: Entry, rows: Sequence[Sequence[Cell]], *, first: int) -> tuple[bytes, Entry]:
    """`first` is how many rows were written before these."""
    letters = [get_column_letter(number) for number in range(1, len(rows[0]) + 1)] if rows else []
    text = "".join(_row(number, letters, cells) for number, cells in enumerate(rows, start=first + 3))
    return zip_pieces.grow(sheet, text.encode())


def xlsx_end(frame: Frame, done: Sequence[Entry], sheet: Entry, offset: int) -> bytes:
    """`offset` is how long the file is so far."""
    _, tail = _around_rows(zipfile.ZipFile(io.BytesIO(_frame(frame))))
    piece, sheet = zip_pieces.grow(sheet, tail)
    last, sheet = zip_pieces.end(sheet)
    written = piece + last
    return written + zip_pieces.directory([*done, sheet], offset + len(written))


def _around_rows(package: zipfile.ZipFile) -> tuple[bytes, bytes]:
    head, found, tail = package.read(SHEET).partition(_ROWS_END)
    assert found, "the frame has two rows"
    return head, found + tail


def _frame(frame: Frame) -> bytes:
    """A workbook with the mark, the names of the columns and no rows; the mark is printed on every page too."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(frame.title)
    last = get_column_letter(len(frame.columns))
    sheet.freeze_panes = "A3"
    sheet.print_title_rows = "1:2"
    sheet.auto_filter.ref = f"A2:{last}{frame.rows + 2}"
    sheet.page_setup.orientation = "landscape"
    # A single & begins a code in a footer.
    sheet.oddFooter.center.text = f"{frame.mark.replace('&', '&&')}  &P/&N"
    for number, name in enumerate(frame.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(40, max(12, len(name) * 2 + 6))
    mark = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", defuse(frame.mark)))
    mark.font = Font(color="666666")
    sheet.append([mark])
    names = []
    for name in frame.columns:
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", defuse(name)))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="F2F2F2")
        cell.alignment = Alignment(vertical="center")
        names.append(cell)
    sheet.append(names)
    book.properties.title, book.properties.creator, book.properties.description = frame.title, frame.mark, frame.mark
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(number: int, letters: Sequence[str], cells: Sequence[Cell]) -> str:
    return f'<row r="{number}">{"".join(_cells(number, letters, cells))}</row>'


def _cells(number: int, letters: Sequence[str], cells: Sequence[Cell]) -> Iterator[str]:
    for letter, cell in zip(letters, cells, strict=True):
        if isinstance(cell, (int, Decimal)):
            yield f'<c r="{letter}{number}"><v>{cell}</v></c>'
        elif cell:
            text = escape(ILLEGAL_CHARACTERS_RE.sub("", defuse(cell)))
            yield f'<c r="{letter}{number}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


# ---- csv --------------------------------------------------------------------------


def csv_begin(columns: Sequence[str]) -> bytes:
    """With the mark by which Excel knows UTF-8."""
    return b"\xef\xbb\xbf" + csv_rows([columns])


def csv_rows(rows: Sequence[Sequence[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_plain(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _plain(cell: Cell) -> Cell:
    """A long number gets a tab behind it: so a spreadsheet keeps it as text, and our own reader drops it again."""
    if not isinstance(cell, str):
        return cell
    return f"{cell}\t" if _LONG_NUMBER.match(cell) else defuse(cell)
