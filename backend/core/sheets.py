"""Tables that people send (xlsx, csv) and tables that we hand out.

Reading is bounded before it begins: file size, unpacked size, ratio, parts, rows, columns. Cells come as
text. Writing defuses what a spreadsheet would take for a formula.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from backend.core.errors import TooLarge, UnsupportedMedia, invalid

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 60
MAX_CELL = 500
MAX_PARTS = 500
MAX_UNPACKED = 400 * 1024 * 1024
MAX_RATIO = 200

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

Row = list[str]
Table = Iterator[Row]

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Anything that may begin a formula, also in its full-width form, however it is indented.
_INDENT = r"(?:[^\S\r\n]|[\u200b\ufeff])*"
_FORMULA = re.compile(rf"\A{_INDENT}[=+\-@\t\r\0＝＋－＠]|(?<=[\r\n]){_INDENT}[=+\-@\t\0＝＋－＠]")


def check(content: bytes) -> None:
    """Refuse what is no sheet we can read, and what unpacks too big, without unpacking it."""
    if len(content) > MAX_BYTES:
        raise TooLarge("sheet_too_large")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnsupportedMedia("sheet_old_excel")
    if content.startswith(b"PK"):
        _check_package(content)
        return
    if not content.strip():
        raise invalid("sheet", "file_empty")
    try:
        text = _decode(content)
    except UnicodeDecodeError:
        raise UnsupportedMedia("sheet_type_refused") from None
    if any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in text[:10_000]):
        raise UnsupportedMedia("sheet_type_refused")


def _check_package(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise UnsupportedMedia("sheet_type_refused")
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MAX_PARTS or unpacked > min(MAX_UNPACKED, len(content) * MAX_RATIO):
                raise TooLarge("sheet_too_large")
            for part in parts:
                # A spreadsheet never has one; entities inside could blow up what the XML holds.
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in package.open(part).read(2_000):
                    raise UnsupportedMedia("sheet_type_refused")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as exc:
        raise invalid("sheet", "sheet_unreadable") from exc


def tables(content: bytes) -> Iterator[Table]:
    """Each visible worksheet, row by row. Slow for large sheets: call it in a thread."""
    if content.startswith(b"PK"):
        yield from _worksheets(content)
    else:
        yield _csv_rows(content)


def _worksheets(content: bytes) -> Iterator[Table]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception as exc:  # the library raises whatever a broken part makes it raise
        raise invalid("sheet", "sheet_unreadable") from exc
    try:
        for sheet in book.worksheets:
            if isinstance(sheet, ReadOnlyWorksheet) and sheet.sheet_state == "visible":
                yield _sheet_rows(sheet)
    finally:
        book.close()


def _sheet_rows(sheet: ReadOnlyWorksheet) -> Table:
    sheet.reset_dimensions()  # some programs write wrong ones
    rows = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    while True:
        try:
            cells = next(rows, None)
        except Exception as exc:
            raise invalid("sheet", "sheet_unreadable") from exc
        if cells is None:
            return
        line = [text_of(cell) for cell in cells]
        while line and not line[-1]:
            line.pop()
        yield line


def _csv_rows(content: bytes) -> Table:
    text = _decode(content)
    head = text[:4_000].splitlines()[:10]
    delimiter = max(",\t;，", key=lambda mark: sum(line.count(mark) for line in head))
    lines = io.StringIO(text, newline="")
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            yield [_clean(cell) for cell in cells[:MAX_COLUMNS]]
    except csv.Error as exc:
        raise invalid("sheet", "sheet_unreadable") from exc


def _decode(content: bytes) -> str:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("gb18030")  # what Excel and WPS write on a Chinese Windows


def text_of(value: object) -> str:
    """A cell as text. A number that lost digits keeps its scientific form, so that it can be named."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _clean(str(value))


def _clean(text: str) -> str:
    if not text.isprintable():  # far cheaper than the search, and nearly always enough
        text = ILLEGAL_CHARACTERS_RE.sub("", text)
    return text.strip()[:MAX_CELL]


def defuse(text: str) -> str:
    """The same text with an apostrophe before every line that a spreadsheet could run as a formula."""
    return _FORMULA.sub(lambda match: "'" + match[0], text)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """UTF-8 with a mark, so that Excel shows Chinese right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_defused(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(
    header: Sequence[str], rows: Iterable[Sequence[str | int]], *, title: str = "Sheet1", to_fill_in: bool = False
) -> bytes:
    """With `to_fill_in` every column is text: what is typed there stays as it was typed, identity numbers whole."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for number, name in enumerate(header, start=1) if to_fill_in else ():
        column = sheet.column_dimensions[get_column_letter(number)]
        column.number_format, column.width = "@", max(14, len(name) * 2 + 4)
    sheet.append(list(header))
    for row in rows:
        sheet.append([_as_text(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _defused(cell: str | int) -> str | int:
    return defuse(cell) if isinstance(cell, str) else cell


def _as_text(sheet: WriteOnlyWorksheet, cell: str | int) -> object:
    if not isinstance(cell, str):
        return cell
    written = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", defuse(cell)))
    written.data_type = "s"
    return written
