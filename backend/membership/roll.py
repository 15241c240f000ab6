"""The sheet of an existing roll: finding its columns, reading its rows, deciding what becomes of each.

Pure: it knows neither database nor clock. No sentence here repeats an identity number or a phone.
"""

import unicodedata
from datetime import date

import msgspec

from backend.core import national, sheet_reading, sheets
from backend.core.errors import FieldError, invalid
from backend.core.sheet_reading import HEADINGS, Columns, Lines, parse_day, plain_heading
from backend.membership.enums import (
    EFFECTIVE,
    EMPLOY_TEXT,
    GROUP_TEXT,
    STATUS_TEXT,
    EmployForm,
    MemberStatus,
    NewformGroup,
    RowResult,
)

TEMPLATE_HEADER = ("姓名", "身份证号", "手机号", "所属工会", "入会日期", "就业形态", "新就业群体", "工作单位")

_HEADERS = {
    **HEADINGS,
    "union": "所属工会 所在工会 工会 工会名称 所属工会名称 基层工会 基层工会名称 工会组织",
    "joined_on": "入会日期 入会时间 加入日期 加入时间 加入工会时间 加入工会日期 入会年月",
    "employ_form": "就业形态 就业形式 就业类型 用工形式 用工类型",
    "newform_group": "新就业群体 新就业形态群体 群体 职业群体 就业群体",
    "employer": "工作单位 工作单位或平台 单位 单位名称 所在单位 用人单位 企业名称 平台 所在平台",
    "gender": "性别",
}
_FIELD_OF = {header: field for field, headers in _HEADERS.items() for header in headers.split()}
FIELD_LABELS = {field: headers.split()[0] for field, headers in _HEADERS.items()}
_GENDERS = {"男": "male", "女": "female"}
_FIRST_JOINING = date(1925, 5, 1)  # the All-China Federation was founded


class RawRow(msgspec.Struct):
    """One line of the sheet: its number there, its cells by field, the line it repeats (0 if none)."""

    row_no: int
    cells: dict[str, str]
    repeats: int = 0


class RollPerson(msgspec.Struct, frozen=True):
    """A row in normal forms; what the sheet leaves open is empty. `notes` go into the report."""

    row_no: int
    name: str
    id_no: national.IdNo
    phone: str
    union: str
    joined_on: date | None
    employ_form: str
    newform_group: str
    employer: str
    notes: tuple[str, ...]


class Known(msgspec.Struct, kw_only=True):
    """The record that has this identity number already. `bound` says that an account opens it."""

    id: int
    name: str
    status: str
    version: int
    union_id: int
    union_name: str
    in_scope: bool
    phone_index: str | None
    employ_form: str
    newform_group: str
    employer: str
    joined_on: date
    bound: bool


class Outcome(msgspec.Struct):
    """What becomes of one row. `changes` are the columns of an existing record that get other values."""

    row_no: int
    result: RowResult
    field: str = ""
    message: str = ""
    changes: dict[str, object] = {}


def refused(row_no: int, field: str, message: str) -> Outcome:
    return Outcome(row_no, RowResult.REFUSED, field, message[:200])


# ---- the sheet -------------------------------------------------------------------


def read_rows(content: bytes) -> list[RawRow]:
    """All rows under the header; Invalid when there is none. Takes seconds for a large sheet."""
    rows = sheet_reading.below_heading(content, _columns, _below)
    if rows is None:
        raise invalid("sheet", "import_no_header")
    return rows


def _union_name(cell: str) -> str:
    """As the name of a union is stored, so that a wide space or another normal form still finds it."""
    return " ".join(unicodedata.normalize("NFC", cell).split())


def _columns(cells: list[str]) -> dict[str, int]:
    """Field → column, if this line is the header: it names at least name and identity number."""
    found: dict[str, int] = {}
    for column, cell in enumerate(cells):
        field = _FIELD_OF.get(plain_heading(cell))
        if field is not None:
            found.setdefault(field, column)
    return found if {"name", "id_no"} <= found.keys() else {}


def _below(heading: list[str], columns: Columns, lines: Lines) -> list[RawRow]:
    rows: list[RawRow] = []
    seen: dict[str, int] = {}
    for row_no, line in lines:
        cells = {
            field: line[column] for field, column in columns.items() if column < len(line) and line[column].strip()
        }
        if not cells:
            continue
        if len(rows) >= sheets.MAX_ROWS:
            raise invalid("sheet", "sheet_too_many_rows", limit=sheets.MAX_ROWS)
        number = national.upgrade_15(cells.get("id_no", ""))
        rows.append(RawRow(row_no, cells, repeats=seen.setdefault(number, row_no) if number else row_no))
    for row in rows:
        row.repeats = 0 if row.repeats == row.row_no else row.repeats
    if not rows:
        raise invalid("sheet", "import_empty")
    return rows


# ---- one row ---------------------------------------------------------------------


def parse_row(row: RawRow, *, allow_synthetic: bool, today: date) -> RollPerson | Outcome:
    """The row in normal forms, or its refusal with every reason."""
    reader = _Reader(row, allow_synthetic=allow_synthetic, today=today)
    person = reader.read()
    if person is None:
        first = reader.errors[0].field
        return refused(row.row_no, first, "；".join(error.message for error in reader.errors))
    if row.repeats:
        return refused(row.row_no, "id_no", f"和第 {row.repeats} 行是同一个证件号，只看前面那一行")
    return person


class _Reader:
    """Collects errors and notes while the cells of one row are read."""

    def __init__(self, row: RawRow, *, allow_synthetic: bool, today: date) -> None:
        self.row = row
        self.allow_synthetic = allow_synthetic
        self.today = today
        self.errors: list[FieldError] = []
        self.notes: list[str] = []

    def read(self) -> RollPerson | None:
        name = self._name()
        id_no = self._id_no()
        phone = self._phone()
        joined_on = self._joined_on(id_no)
        self._check_gender(id_no)
        if name is None or id_no is None or self.errors:
            return None
        return RollPerson(
            row_no=self.row.row_no,
            name=name,
            id_no=id_no,
            phone=phone,
            union=_union_name(self._cell("union")),
            joined_on=joined_on,
            employ_form=self._choice("employ_form", EMPLOY_TEXT, EmployForm.OTHER),
            newform_group=self._choice("newform_group", GROUP_TEXT, NewformGroup.OTHER),
            employer=self._cell("employer")[:60],
            notes=tuple(self.notes),
        )

    def _cell(self, field: str) -> str:
        return self.row.cells.get(field, "").strip()

    def _wrong(self, field: str, message: str) -> None:
        self.errors.append(FieldError(field, message))

    def _name(self) -> str | None:
        try:
            return national.parse_name(self._cell("name"))
        except national.InvalidValue as exc:
            self._wrong("name", exc.message)
            return None

    def _id_no(self) -> national.IdNo | None:
        text = self._cell("id_no")
        number = national.upgrade_15(text)
        try:
            parsed = national.parse_id_no(number, allow_synthetic=self.allow_synthetic, today=self.today)
        except national.InvalidValue as exc:
            self._wrong("id_no", exc.message)
            return None
        if len(national.compact(text)) == 15:
            self.notes.append("15 位的旧证件号已换成 18 位")
        return parsed

    def _phone(self) -> str:
        text = self._cell("phone")
        if not text:
            return ""
        try:
            return national.parse_phone(text)
        except national.InvalidValue as exc:
            self._wrong("phone", exc.message)
            return ""

    def _joined_on(self, id_no: national.IdNo | None) -> date | None:
        text = self._cell("joined_on")
        if not text:
            return None
        day = parse_day(text)
        if day is None:
            self._wrong("joined_on", "入会日期看不懂或没有这一天，请写成 2020-03-15 这样")
        elif day > self.today:
            self._wrong("joined_on", "入会日期还没有到")
        elif day < _FIRST_JOINING or (id_no is not None and day <= id_no.birth):
            self._wrong("joined_on", "入会日期太早，请核对")
        return day

    def _check_gender(self, id_no: national.IdNo | None) -> None:
        wanted = _GENDERS.get(self._cell("gender"))
        if id_no is not None and wanted is not None and wanted != id_no.gender:
            self._wrong("gender", "性别和身份证号码对不上，请核对")

    def _choice(self, field: str, texts: dict, other: EmployForm | NewformGroup) -> str:
        text = self._cell(field)
        if not text:
            return ""
        for value, label in texts.items():
            if text in (value.value, label):
                return value.value
        self.notes.append(f"{FIELD_LABELS[field]}“{text[:20]}”不在可选项里，记为“其他”")
        return other.value


# ---- what becomes of it ----------------------------------------------------------


def decide_known(
    person: RollPerson, known: Known, *, union_id: int | None, phone_index: str | None, masked_union: str
) -> Outcome:
    """Compare a row with the record of its identity number.

    `union_id` is None when the sheet names no union; `phone_index` None when the row brings no phone or one
    that opens another member's card.
    """
    if not national.same_name(person.name, known.name):
        return refused(person.row_no, "name", "这个证件号在会员档案里是另一个姓名，请核对")
    if known.status not in EFFECTIVE:
        text = STATUS_TEXT[MemberStatus(known.status)]
        return refused(person.row_no, "id_no", f"会员档案里登记为“{text}”，重新入会请走入会申请")
    elsewhere = not known.in_scope or (union_id is not None and union_id != known.union_id)
    if elsewhere:
        where = known.union_name if known.in_scope else masked_union
        return refused(person.row_no, "union", f"已经是“{where}”的会员，换工会请办理会籍转接")
    changes = _changes(person, known, phone_index)
    result = RowResult.UPDATED if changes else RowResult.UNCHANGED
    return Outcome(person.row_no, result, message="；".join(person.notes)[:200], changes=changes)


def _changes(person: RollPerson, known: Known, phone_index: str | None) -> dict[str, object]:
    """What the sheet says and the record does not. The phone of a bound account was proven, so it stays."""
    changes: dict[str, object] = {}
    if phone_index is not None and not known.bound and phone_index != known.phone_index:
        changes["phone_index"] = phone_index
    for column in ("employ_form", "newform_group", "employer"):
        value = getattr(person, column)
        if value and value != getattr(known, column):
            changes[column] = value
    if person.joined_on is not None and person.joined_on != known.joined_on:
        changes["joined_on"] = person.joined_on
    return changes
