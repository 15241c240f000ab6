"""The layouts of bank files in config/banks/: what a bank takes, and what it answers. Frozen, one file each."""

from enum import StrEnum

import msgspec


class LayoutKind(StrEnum):
    TABLE = "table"  # xlsx or csv, with headings
    FIXED = "fixed"  # text with fields of fixed width


class Encoding(StrEnum):
    UTF_8 = "utf-8"
    GB18030 = "gb18030"


class Unit(StrEnum):
    YUAN = "yuan"
    FEN = "fen"


class CellValue(StrEnum):
    """What stands in a field. Count and sums are those of the file and stand in its first line only."""

    TEXT = "text"
    RUN = "run"
    DAY = "day"
    ITEM = "item"
    NAME = "name"
    CARD = "card"
    BANK = "bank"
    YUAN = "yuan"
    FEN = "fen"
    PURPOSE = "purpose"
    COUNT = "count"
    TOTAL_FEN = "total_fen"
    TOTAL_YUAN = "total_yuan"


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """`heading` is for a table, `width` in bytes for a fixed text; `text` stands there as it is."""

    value: CellValue
    heading: str = ""
    width: int | None = None
    text: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something stands in an answer: below one of these headings, or from byte `start` on, counted from 1."""

    headings: tuple[str, ...] = ()
    start: int | None = None
    width: int | None = None


class AnswerLayout(msgspec.Struct, frozen=True, kw_only=True):
    """`head_lines` at the top of a fixed text are no payments."""

    item: Place
    amount: Place
    result: Place
    reason: Place
    amount_in: Unit
    paid: tuple[str, ...]
    returned: tuple[str, ...]
    head_lines: int = 0


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Longer runs are split into files of `most_rows`. The `usual` one is taken where nobody chooses."""

    slug: str
    name: str
    kind: LayoutKind
    most_rows: int
    row: tuple[Cell, ...]
    answer: AnswerLayout
    usual: bool = False
    encoding: Encoding = Encoding.UTF_8
    head: tuple[Cell, ...] = ()


IN_HEAD = frozenset(
    {
        CellValue.TEXT,
        CellValue.RUN,
        CellValue.DAY,
        CellValue.COUNT,
        CellValue.TOTAL_FEN,
        CellValue.TOTAL_YUAN,
    }
)
IN_ROW = frozenset(CellValue) - {CellValue.COUNT, CellValue.TOTAL_FEN, CellValue.TOTAL_YUAN}
NUMBERS = frozenset({CellValue.FEN, CellValue.COUNT, CellValue.TOTAL_FEN})
# Fields that must hold all they are given; others are cut where they do not fit.
LEAST_WIDTH = {
    CellValue.RUN: 11,
    CellValue.DAY: 8,
    CellValue.ITEM: 16,
    CellValue.CARD: 19,
    CellValue.YUAN: 14,
    CellValue.FEN: 13,
    CellValue.COUNT: 4,
    CellValue.TOTAL_FEN: 15,
    CellValue.TOTAL_YUAN: 16,
}


def parts_of(count: int, file_rows: int) -> int:
    """Into how many files a run of `count` payments is split."""
    return max(1, -(-count // file_rows))
