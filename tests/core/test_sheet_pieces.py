"""Long tables in pieces: read back by openpyxl and by our own reader they are what was written, and nothing runs."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import openpyxl

from backend.core import sheet_pieces, sheets
from backend.core.sheet_pieces import Cell, Frame

MARK = "DC2026-000001 高桥街道总工会 张三 2026-03-10 09:00"
ROWS: list[list[Cell]] = [
    ["9901212026000001", "王小测", 1990, Decimal("450.00"), "=HYPERLINK(1)"],
    ["9901212026000002", '李<小>&"试"', 1991, None, ""],
    ["9901212026000003", "赵\x0b小新", 0, Decimal("0.5"), "第一行\n+第二行"],
]
READ = [
    ("9901212026000001", "王小测", 1990, 450, "'=HYPERLINK(1)"),
    ("9901212026000002", '李<小>&"试"', 1991, None, None),
    ("9901212026000003", "赵小新", 0, 0.5, "第一行\n'+第二行"),
]


def workbook(pieces: Sequence[Sequence[Sequence[Cell]]], columns: Sequence[str]) -> Any:
    frame = Frame(title="会员名册", mark=MARK, columns=columns, rows=sum(map(len, pieces)))
    written, done, sheet = sheet_pieces.xlsx_begin(frame)
    first = 0
    for rows in pieces:
        piece, sheet = sheet_pieces.xlsx_rows(sheet, rows, first=first)
        written += piece
        first += len(rows)
    written += sheet_pieces.xlsx_end(frame, done, sheet, len(written))
    sheets.check(written)
    return openpyxl.load_workbook(io.BytesIO(written))


def test_a_table_in_pieces_is_one_table() -> None:
    book = workbook([ROWS[:1], ROWS[1:]], ["会员号", "姓名", "出生年份", "金额（元）", "=备注"])
    sheet = book.active
    assert [sheet.title, sheet.freeze_panes, sheet.auto_filter.ref] == ["会员名册", "A3", "A2:E5"]
    mark, names, *rows = sheet.iter_rows(values_only=True)
    assert (mark[0], names) == (MARK, ("会员号", "姓名", "出生年份", "金额（元）", "'=备注"))
    assert rows == READ
    assert {cell.data_type for row in sheet.iter_rows(min_row=3) for cell in row} == {"s", "n"}
    assert (sheet.oddFooter.center.text, book.properties.creator) == (f"{MARK}  &P/&N", MARK)


def test_our_own_reader_takes_it() -> None:
    content = sheet_pieces.csv_begin(["会员号", "姓名"]) + sheet_pieces.csv_rows([[ROWS[0][0], "=1"]])
    assert [row for table in sheets.tables(content) for row in table] == [
        ["会员号", "姓名"],
        ["9901212026000001", "'=1"],
    ]


def test_csv_keeps_long_numbers_from_being_rounded_and_formulas_from_running() -> None:
    content = sheet_pieces.csv_begin(["会员号"]) + sheet_pieces.csv_rows(ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    [_, *rows] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert [row[0] for row in rows] == ["9901212026000001\t", "9901212026000002\t", "9901212026000003\t"]
    assert [row[4] for row in rows] == ["'=HYPERLINK(1)", "", "第一行\n'+第二行"]


def test_an_ampersand_is_no_code_in_the_footer() -> None:
    frame = Frame(title="表", mark="A&B", columns=["一"], rows=0)
    written, done, entry = sheet_pieces.xlsx_begin(frame)
    written += sheet_pieces.xlsx_end(frame, done, entry, len(written))
    book = openpyxl.load_workbook(io.BytesIO(written))
    sheet: Any = book.active
    assert sheet.oddFooter.center.text == "A&&B  &P/&N"
