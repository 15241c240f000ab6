"""The file of an export, piece by piece: what was kept of it, and the next bytes. Each piece is final."""

import asyncio
from collections.abc import Sequence

import msgspec

from backend.casework.enums import ExportFormat
from backend.casework.protocols import ExportRow
from backend.core import clock, files, sheet_pieces, zip_pieces
from backend.core.errors import Gone, NotFound, invalid
from backend.core.sheet_pieces import Frame
from backend.core.zip_pieces import Entry

MEDIA_TYPES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.ZIP: "application/zip",
}
_NUMBER_COLUMN = "导出编号"
_NOTE = "导出说明.txt"


class Made(msgspec.Struct, frozen=True):
    """Some bytes, the members of an archive that they complete, and the member that is still open."""

    content: bytes
    entries: tuple[Entry, ...] = ()
    open_entry: Entry | None = None


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What every piece of one export has to know."""

    format: ExportFormat
    frame: Frame
    reason: str


async def first(around: Around) -> Made:
    match around.format:
        case ExportFormat.CSV:
            return Made(sheet_pieces.csv_begin([*around.frame.columns, _NUMBER_COLUMN]))
        case ExportFormat.XLSX:
            content, entries, sheet = await asyncio.to_thread(sheet_pieces.xlsx_begin, around.frame)
            return Made(content, tuple(entries), sheet)
        case ExportFormat.ZIP:
            note = f"{around.frame.mark}\r\n用途：{around.reason}\r\n共 {around.frame.rows} 个文件\r\n"
            content, entry = zip_pieces.whole(_NOTE, note.encode("utf-8-sig"), 0)
            return Made(content, (entry,))


async def following(around: Around, rows: Sequence[ExportRow], *, done: int, size: int, sheet: Entry | None) -> Made:
    """`done` rows and `size` bytes are kept already."""
    match around.format:
        case ExportFormat.CSV:
            cells = [[*row.cells, around.frame.mark] for row in rows]
            return Made(await asyncio.to_thread(sheet_pieces.csv_rows, cells))
        case ExportFormat.XLSX:
            assert sheet is not None, "a table has its worksheet from the first piece on"
            content, sheet = await asyncio.to_thread(
                sheet_pieces.xlsx_rows, sheet, [row.cells for row in rows], first=done
            )
            return _bounded(Made(content, (), sheet), size, sheet.raw)
        case ExportFormat.ZIP:
            return _bounded(await _papers(rows, size), size, 0)


async def last(around: Around, entries: Sequence[Entry], *, size: int, sheet: Entry | None) -> Made:
    match around.format:
        case ExportFormat.CSV:
            return Made(b"")
        case ExportFormat.XLSX:
            assert sheet is not None, "a table has its worksheet from the first piece on"
            return Made(await asyncio.to_thread(sheet_pieces.xlsx_end, around.frame, entries, sheet, size))
        case ExportFormat.ZIP:
            return Made(zip_pieces.directory(entries, size))


async def _papers(rows: Sequence[ExportRow], size: int) -> Made:
    content, entries = b"", []
    for row in rows:
        try:
            path, (_, paper) = row.path, await files.read(row.file_id)
        except (NotFound, Gone) as error:  # one that is lost must not keep the others back
            path, paper = f"{row.path}.txt", error.detail.encode("utf-8-sig")
        piece, entry = zip_pieces.whole(path, paper, size + len(content))
        content += piece
        entries.append(entry)
    return Made(content, tuple(entries))


def _bounded(made: Made, size: int, raw: int) -> Made:
    if max(size + len(made.content), raw) > zip_pieces.LARGEST:
        raise invalid("filters", "export_too_large")
    return made


def file_name(title: str, number: str, display: str, ending: str) -> str:
    """Who and when stand in the name as well."""
    name = "_".join(part for part in (title, number, display, clock.today().strftime("%Y%m%d")) if part)
    return f"{files.safe_name(name, '')}.{ending}"
