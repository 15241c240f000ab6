"""Tables in and out: bounded before they are unpacked, text that no spreadsheet runs."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from backend.core import sheets
from backend.core.errors import AppError

HALF_PAST_NINE = datetime(2020, 3, 1, 9, 30)  # noqa: DTZ001 - cells of a sheet know no time zone
HEADER = ("行号", "说明")
RISKY = "=+-@＝＋－＠\t\r\0"


def workbook(rows: Sequence[Sequence[object]], *, title: str = "名册", hidden_first: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if hidden_first:
        sheet.sheet_state = "hidden"
        sheet.append(["藏着的"])
        sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The package with further or other parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename not in parts:
                new.writestr(item.filename, old.read(item))
        for name, body in parts.items():
            new.writestr(name, body)
    return out.getvalue()


def read(content: bytes) -> list[list[str]]:
    sheets.check(content)
    return [row for table in sheets.tables(content) for row in table]


def test_cells_come_as_text() -> None:
    rows = [["姓名", 15400000001, 15400000002.0, 4.30121199003071e17, date(2020, 3, 1), HALF_PAST_NINE, None]]

    assert read(workbook(rows)) == [
        ["姓名", "15400000001", "15400000002", "4.30121199003071e+17", "2020-03-01", "2020-03-01 09:30:00"]
    ]


def test_hidden_sheets_are_not_read() -> None:
    assert read(workbook([["看得见"]], hidden_first=True)) == [["看得见"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_every_office_program(encoding: str, delimiter: str) -> None:
    text = f'姓名{delimiter}备注\r\n王小测{delimiter}"第一行\n第二行"\r\n'

    assert read(text.encode(encoding)) == [["姓名", "备注"], ["王小测", "第一行\n第二行"]]


def test_a_sheet_to_fill_in_keeps_what_is_typed_as_text() -> None:
    content = sheets.xlsx_bytes(["姓名", "身份证号"], [["王示例", "18 位"]], to_fill_in=True)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [sheet.column_dimensions[letter].number_format for letter in "AB"] == ["@", "@"]


def test_columns_and_cells_are_cut() -> None:
    [row] = read(("x" * 1_000 + ",y" * 100).encode())

    assert len(row) == sheets.MAX_COLUMNS
    assert row[0] == "x" * sheets.MAX_CELL


def code_of(content: bytes) -> str:
    try:
        read(content)
    except AppError as refusal:
        return refusal.code
    return "read"


def test_what_is_refused_and_why() -> None:
    plain = workbook([["姓名"]])
    plain_zip = repacked(b"PK\x05\x06" + b"\0" * 18, **{"a.txt": b"x"})
    doctype = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
    assert {
        "xls": code_of(b"\xd0\xcf\x11\xe0" + b"\0" * 100),
        "zip": code_of(plain_zip),
        "cut": code_of(plain[:400]),
        "doctype": code_of(repacked(plain, **{"xl/worksheets/sheet1.xml": doctype})),
        "broken part": code_of(repacked(plain, **{"xl/worksheets/sheet1.xml": b"<worksheet><row>"})),
        "no workbook inside": code_of(repacked(plain, **{"xl/workbook.xml": b"nothing"})),
        "bomb": code_of(repacked(plain, **{"xl/media/zeros": b"\0" * 30_000_000})),
        "many parts": code_of(repacked(plain, **{f"xl/x{number}": b"" for number in range(501)})),
        "program": code_of(b"\x7fELF\x02\x01\x01\x00" + b"\0" * 100),
        "nothing": code_of(b"  \n"),
        "no text": code_of(b"\xff\xff\xff\xfe\x80"),
        "too large": code_of(b"a" * (sheets.MAX_BYTES + 1)),
    } == {
        "xls": "sheet_old_excel",
        "zip": "sheet_type_refused",
        "cut": "sheet_unreadable",
        "doctype": "sheet_type_refused",
        "broken part": "sheet_unreadable",
        "no workbook inside": "sheet_unreadable",
        "bomb": "sheet_too_large",
        "many parts": "sheet_too_large",
        "program": "sheet_type_refused",
        "nothing": "file_empty",
        "no text": "sheet_type_refused",
        "too large": "sheet_too_large",
    }


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("\u00a0-1", "'\u00a0-1"),
        ("＝HYPERLINK()", "'＝HYPERLINK()"),
        ("好\n=cmd|x", "好\n'=cmd|x"),
        ("好\r\n\r\n+1", "好\r\n\r\n'+1"),
        ("\tx", "'\tx"),
        ("王小测", "王小测"),
        ("a=b", "a=b"),
        ("3-1", "3-1"),
        ("", ""),
    ],
)
def test_defused(text: str, safe: str) -> None:
    assert sheets.defuse(text) == safe


CELLS = st.text(st.sampled_from(RISKY + "a中 \n\u00a0\u200b\ufeff\"',;1"), max_size=12) | st.text(max_size=30)


@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5))
def test_no_cell_of_a_csv_begins_like_a_formula(cells: list[str]) -> None:
    content = sheets.csv_bytes(HEADER, [cells])

    [_, row] = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    for cell, given_text in zip(row, cells, strict=True):
        for line in cell.replace("\r", "\n").split("\n"):
            assert not line.strip(" \u00a0\u200b\ufeff\v\f").startswith(tuple("=+-@＝＋－＠"))
        assert cell.replace("'", "") == given_text.replace("'", "")


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=5))
def test_no_cell_of_an_xlsx_is_a_formula(cells: list[str]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.xlsx_bytes(HEADER, [cells])))
    sheet = book.active
    assert sheet is not None
    written = [sheet.cell(2, column) for column in range(1, len(cells) + 1)]
    assert "f" not in {cell.data_type for cell in written}
    assert all(isinstance(cell.value, str | None) for cell in written)
    for cell, given_text in zip(written, cells, strict=True):
        plain = ILLEGAL_CHARACTERS_RE.sub("", given_text)
        assert one_kind_of_line_end(str(cell.value or "")) == one_kind_of_line_end(plain)


def one_kind_of_line_end(text: str) -> str:
    """XML knows one line end; apostrophes are what defusing adds."""
    return text.replace("'", "").replace("\r\n", "\n").replace("\r", "\n")


def test_numbers_stay_numbers() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheets.xlsx_bytes(HEADER, [(7, "x")])))
    sheet = book.active
    assert sheet is not None
    assert sheet["A2"].value == 7
    assert sheets.csv_bytes(HEADER, [(-7, "x")]).decode("utf-8-sig") == "行号,说明\r\n-7,x\r\n"
