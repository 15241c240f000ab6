"""A register as a table."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from backend.casework import catalogue
from backend.casework.enums import RECORD_STATE_TEXT, RecordState
from backend.casework.protocols import ExportFilter, ExportKind, ExportRow, ExportWanted
from backend.casework.queries.scope import VIEW
from backend.core import database
from backend.core.actor import Actor
from backend.unions import queries as unions

_COLUMNS = ("编号", "登记", "对象", "摘要", "状态", "起", "止", "工会", "业务", "来自办件")


async def _registers(actor: Actor) -> Mapping[str, str]:
    return catalogue.current().registers()


async def _states(actor: Actor) -> Mapping[str, str]:
    return {state.value: text for state, text in RECORD_STATE_TEXT.items()}


FILTERS: Mapping[str, ExportFilter] = {
    "register": ExportFilter(label="登记簿", options=_registers),
    "state": ExportFilter(label="状态", options=_states),
}


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    name: str
    subject_name: str
    data: dict[str, Any]
    state: RecordState
    opened_on: date
    valid_until: date | None
    flow: str
    union_name: str
    case_number: str


_FROM = (
    " FROM register_entry e JOIN case_file c ON c.id = e.case_id LEFT JOIN union_org u ON u.id = e.union_id"
    " WHERE e.id > %s AND e.id <= %s"
)
_SELECT = (
    "SELECT e.id, e.number, e.name, e.subject_name, e.data, e.state, e.opened_on, e.valid_until, e.flow,"
    f" COALESCE(u.name, '') AS union_name, c.number AS case_number{_FROM}"
)


def _matching(wanted: ExportWanted) -> tuple[str, list[Any]]:
    """Entries of unions where the actor may see cases, as the register's page shows them."""
    condition, values = unions.visible_to(wanted.actor, VIEW)
    given: list[Any] = [*values]
    for column, name in (("e.kind", "register"), ("e.state", "state")):
        if value := wanted.filters.get(name):
            condition += f" AND {column} = %s"
            given.append(value)
    return f" AND {condition}", given


async def _count(wanted: ExportWanted) -> int:
    condition, values = _matching(wanted)
    [row] = await database.patient_rows(
        f"SELECT COUNT(*) AS entries{_FROM}{condition}",
        0,
        wanted.through,
        *values,
    )
    return int(row["entries"])


async def _rows(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    condition, values = _matching(wanted)
    found = database.decode_rows(
        _Row,
        await database.patient_rows(
            f"{_SELECT}{condition} ORDER BY e.id LIMIT %s", after, wanted.through, *values, limit
        ),
    )
    return [ExportRow(key=row.id, cells=_cells(row)) for row in found]


def _cells(row: _Row) -> tuple[str, ...]:
    item = catalogue.current().item(row.flow)
    return (
        row.number,
        row.name,
        row.subject_name,
        str(row.data.get("summary", "")),
        RECORD_STATE_TEXT[row.state],
        row.opened_on.isoformat(),
        row.valid_until.isoformat() if row.valid_until else "长期",
        row.union_name,
        item.name if item else "",
        row.case_number,
    )


async def _columns(wanted: ExportWanted) -> Sequence[str]:
    return _COLUMNS


KIND = ExportKind(title="登记簿", permission=VIEW, filters=FILTERS, count=_count, rows=_rows, columns=_columns)
