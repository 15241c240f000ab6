"""The sheet by which people come into the register of social workers: its columns, and each row in normal forms.

Pure: it knows neither database nor clock. No sentence here repeats an identity number.
"""

import re
from collections.abc import Sequence
from datetime import date

import msgspec

from backend.core import national, sheet_reading, sheets
from backend.core.errors import invalid
from backend.core.sheet_reading import HEADINGS, Columns, Lines, parse_day, plain_heading
from backend.grading.enums import POST_NAMES, RESULT_TEXT, Post, YearResult
from backend.grading.rules.workers import PostChange
from backend.grading.worker_schemas import SheetProblem

MOST_ROWS = 5_000
_HEADERS = {
    "name": HEADINGS["name"],
    "id_no": HEADINGS["id_no"],
    "union": "用人的工会 用人工会 用人单位 工会 工会名称 所属工会",
    "hired_on": "入职日期 入职时间 聘用日期 录用日期",
    "post": "入职岗位 入职时岗位 录用岗位 岗位",
    "start_grade": "入职级别 入职时级别 起始级别 级别",
    "changed_on": "转岗日期 岗位变更日期",
    "changed_to": "转入岗位 现岗位 变更后岗位",
    "trained_on": "上次轮训日期 上次轮训 轮训日期 最近轮训日期",
}
_FIELD_OF = {header: field for field, headers in _HEADERS.items() for header in headers.split()}
LABELS = {field: headers.split()[0] for field, headers in _HEADERS.items()}
_NEEDED = {"name", "id_no", "hired_on"}
_YEAR = re.compile(r"(20\d\d)(?:年|年度)?(?:年度)?考核(?:结果)?\Z")
_YEARS_SHOWN = 3


class SheetRow(msgspec.Struct, frozen=True):
    """One line of the sheet: its number there, its cells by field, the line that has the same number before."""

    row_no: int
    cells: dict[str, str]
    repeats: int = 0


class SheetWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A row in normal forms."""

    row_no: int
    name: str
    id_no: str
    union: str
    hired_on: date
    post: Post
    start_grade: int
    change: PostChange | None
    trained_on: date | None
    years: dict[int, YearResult]


def template_header(today: date) -> list[str]:
    years = range(today.year - _YEARS_SHOWN, today.year)
    return [*LABELS.values(), *(f"{year}年考核" for year in years)]


def read_rows(content: bytes) -> list[SheetRow]:
    """All rows under the heading; Invalid when there is none, or none below it."""
    sheets.check(content)
    rows = sheet_reading.below_heading(content, _columns, _below)
    if rows is None:
        raise invalid("sheet", "worker_sheet_no_header")
    return rows


def _columns(cells: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in enumerate(cells):
        heading = plain_heading(cell)
        year = _YEAR.match(heading)
        field = f"year{year[1]}" if year else _FIELD_OF.get(heading)
        if field is not None:
            found.setdefault(field, column)
    return found if found.keys() >= _NEEDED else {}


def _below(heading: list[str], columns: Columns, lines: Lines) -> list[SheetRow]:
    rows: list[SheetRow] = []
    seen: dict[str, int] = {}
    for row_no, line in lines:
        cells = {name: line[at].strip() for name, at in columns.items() if at < len(line) and line[at].strip()}
        if not cells:
            continue
        if len(rows) >= MOST_ROWS:
            raise invalid("sheet", "sheet_too_many_rows", limit=MOST_ROWS)
        number = national.upgrade_15(cells.get("id_no", ""))
        first = seen.setdefault(number, row_no) if number else row_no
        rows.append(SheetRow(row_no, cells, 0 if first == row_no else first))
    if not rows:
        raise invalid("sheet", "import_empty")
    return rows


def parse(row: SheetRow, *, allow_synthetic: bool, today: date) -> SheetWorker | list[SheetProblem]:
    """The row in normal forms, or everything that is wrong with it, by column."""
    return _Reader(row, allow_synthetic=allow_synthetic, today=today).read()


class _Reader:
    """Collects what is wrong while the cells of one row are read."""

    def __init__(self, row: SheetRow, *, allow_synthetic: bool, today: date) -> None:
        self.row, self.today, self.allow_synthetic = row, today, allow_synthetic
        self.wrong: list[SheetProblem] = []

    def read(self) -> SheetWorker | list[SheetProblem]:
        if self.row.repeats:
            self._say("id_no", f"和第 {self.row.repeats} 行是同一个证件号，只看前面那一行")
        name, number = self._name(), self._id_no()
        hired_on, post, grade = self._day("hired_on", "入职日期"), self._post("post"), self._grade()
        change, trained_on, years = self._change(), self._day("trained_on", "", required=False), self._years()
        if self.wrong or hired_on is None or post is None:
            return self.wrong
        return SheetWorker(
            row_no=self.row.row_no,
            name=name,
            id_no=number,
            union=self.row.cells.get("union", ""),
            hired_on=hired_on,
            post=post,
            start_grade=grade,
            change=change,
            trained_on=trained_on,
            years=years,
        )

    def _say(self, field: str, message: str) -> None:
        self.wrong.append(SheetProblem(self.row.row_no, column_name(field), message))

    def _cell(self, field: str) -> str:
        return self.row.cells.get(field, "")

    def _name(self) -> str:
        try:
            return national.parse_name(self._cell("name"))
        except national.InvalidValue as problem:
            self._say("name", problem.message)
            return ""

    def _id_no(self) -> str:
        number = national.upgrade_15(self._cell("id_no"))
        try:
            return national.parse_id_no(number, allow_synthetic=self.allow_synthetic, today=self.today).number
        except national.InvalidValue as problem:
            self._say("id_no", problem.message)
            return ""

    def _day(self, field: str, name: str, *, required: bool = True) -> date | None:
        text = self._cell(field)
        if not text:
            if required:
                self._say(field, f"没有写{name}")
            return None
        day = parse_day(text)
        if day is None:
            self._say(field, "日期看不懂或没有这一天，请写成 2020-03-15 这样")
        elif day > self.today:
            self._say(field, "这一天还没有到")
        return day

    def _post(self, field: str) -> Post | None:
        text = self._cell(field)
        found = next((post for post, name in POST_NAMES.items() if text in (name, name[:2], post.value)), None)
        if found is None:
            self._say(field, "要写初级岗、中级岗或高级岗")
        return found

    def _grade(self) -> int:
        text = self._cell("start_grade").removesuffix("级")
        if not re.fullmatch(r"[0-9]{1,2}", text):
            self._say("start_grade", "要写 1 到 18 的整数")
            return 0
        return int(text)

    def _change(self) -> PostChange | None:
        if not self._cell("changed_on") and not self._cell("changed_to"):
            return None
        on, post = self._day("changed_on", "转岗日期"), self._post("changed_to")
        return PostChange(on, post) if on is not None and post is not None else None

    def _years(self) -> dict[int, YearResult]:
        found: dict[int, YearResult] = {}
        for field, text in self.row.cells.items():
            if not field.startswith("year"):
                continue
            result = next((one for one, name in RESULT_TEXT.items() if text in (name, one.value)), None)
            if result is None:
                self._say(field, "要写优秀、称职、基本称职或不称职")
            else:
                found[int(field.removeprefix("year"))] = result
        return found


def column_name(field: str) -> str:
    return LABELS.get(field) or f"{field.removeprefix('year')}年考核"


def problem_lines(row_no: int, problems: Sequence[tuple[str, str]]) -> list[SheetProblem]:
    """Of (field, sentence)."""
    return [SheetProblem(row_no, column_name(field), message) for field, message in problems]
