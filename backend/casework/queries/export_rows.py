"""The rows of one table of one case as a table: a list too long for its page."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.casework import catalogue
from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec
from backend.casework.forms import masks, words
from backend.casework.protocols import ExportFilter, ExportKind, ExportRow, ExportWanted
from backend.casework.queries import records
from backend.casework.queries.export_cases import subject_of
from backend.casework.queries.records import CaseRecord
from backend.core import crypto
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.membership import queries as roll

# What is opened with the right to reveal; what else is sensitive stays masked.
_OPENED = (FieldKind.ID_NO, FieldKind.MOBILE)


async def _tables(actor: Actor) -> Mapping[str, str]:
    """`<service>.<field>`: two services may call a table alike."""
    flows = catalogue.current().flows.values()
    return {
        f"{flow.slug}.{spec.name}": f"{spec.label}（{flow.name}）"
        for flow in flows
        for spec in flow.fields
        if spec.kind == FieldKind.TABLE
    }


FILTERS: Mapping[str, ExportFilter] = {
    "number": ExportFilter(label="办件编号", kind="text", needed=True),
    "table": ExportFilter(label="明细", options=_tables, needed=True),
}


async def _found(wanted: ExportWanted) -> tuple[CaseRecord, FieldSpec, list[dict[str, Any]]]:
    case = await records.record(wanted.filters["number"], wanted.actor)
    slug, _, name = wanted.filters["table"].partition(".")
    table = case.spec.field(name)
    if case.flow != slug or table is None or table.kind != FieldKind.TABLE:
        raise NotFound("table_unknown")
    rows = case.content.values.get(table.name)
    return case, table, rows if isinstance(rows, list) else []


async def _count(wanted: ExportWanted) -> int:
    return len((await _found(wanted))[2])


async def _rows(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    case, table, rows = await _found(wanted)
    some = rows[after : after + limit]
    own = subject_of(case.id, case.member_id, case.applicant_id)
    subjects = await _subjects(table, some) if wanted.reveal else [None] * len(some)
    return [
        ExportRow(key=number, cells=_cells(number, table, row, reveal=wanted.reveal), subject=subject or own)
        for number, (row, subject) in enumerate(zip(some, subjects, strict=True), start=after + 1)
    ]


async def _subjects(table: FieldSpec, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int] | None]:
    """Whose numbers a row opens: the member's who stands in it, where it is one."""
    column = next((column.name for column in table.columns if column.kind == FieldKind.ID_NO), "")
    indexes = [crypto.blind_index("id_no", number) if (number := row.get(column)) else "" for row in rows]
    members = await roll.ids_by_id_no([index for index in indexes if index])
    return [("member", members[index]) if index in members else None for index in indexes]


def _cells(number: int, table: FieldSpec, row: Mapping[str, Any], *, reveal: bool) -> list[str | int]:
    return [number, *(_cell(column, row.get(column.name), reveal=reveal) for column in table.columns)]


def _cell(column: FieldSpec, value: Any, *, reveal: bool) -> str:
    return words.say(column, value if reveal and column.kind in _OPENED else masks.mask(column, value))


async def _columns(wanted: ExportWanted) -> Sequence[str]:
    _, table, _ = await _found(wanted)
    return ["序号", *(column.label for column in table.columns)]


KIND = ExportKind(
    title="办件明细",
    permission="case.view",
    filters=FILTERS,
    count=_count,
    rows=_rows,
    columns=_columns,
    masks="身份证号和手机号",
)
