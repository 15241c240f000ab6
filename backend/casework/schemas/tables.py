"""A sheet for a table of a form, as pages and the API show it."""

import msgspec


class TableProblem(msgspec.Struct, kw_only=True):
    """`row` is the number in the sheet, `column` the label."""

    row: int
    column: str
    message: str


class TableColumn(msgspec.Struct, kw_only=True):
    label: str
    required: bool
    example: str
    hint: str


class TableSheetView(msgspec.Struct, kw_only=True):
    """What would become of the rows of the sheet sent last. `rows` are in the table already; of the good ones `added`
    are new and `replaced` change one that is there. `report` holds the first problems of `problems`.
    """

    id: str
    field: str
    label: str
    file: str
    taken: bool
    rows: int
    total: int
    good: int
    added: int
    replaced: int
    same: int
    wrong: int
    problems: int
    report: list[TableProblem]
    unused: list[str]


class TableTake(msgspec.Struct, kw_only=True):
    """`sheet` is the one that was looked at; `mode` is add, or replace for all rows that are there."""

    sheet: str
    mode: str = "add"


class TableTaken(msgspec.Struct, kw_only=True):
    """How many rows the table has now; `version` is that of the draft."""

    rows: int
    version: int
    saved_at: str
