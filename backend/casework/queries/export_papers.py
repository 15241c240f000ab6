"""Attachments as an archive: those of one case, or of all that a filter leaves."""

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.casework import catalogue
from backend.casework.protocols import ExportFilter, ExportKind, ExportRow, ExportWanted
from backend.casework.queries.export_cases import FILTERS as OF_CASES
from backend.casework.queries.export_cases import matching, subject_of
from backend.casework.queries.scope import JOINS, visible_to
from backend.core import database, files, ids
from backend.core.errors import invalid

MOST_FILES = 2_000
_SHOWN = ("service", "status", "desk", "from", "to", "overdue", "due")
FILTERS: Mapping[str, ExportFilter] = {
    "number": ExportFilter(label="办件编号", kind="text"),
    **{name: OF_CASES[name] for name in _SHOWN},
}


class _Row(msgspec.Struct, kw_only=True):
    id: int
    file_id: int
    slot: str
    round: int
    name: str
    media_type: str
    case_id: int
    number: str
    flow: str
    flow_version: int
    member_id: int | None
    applicant_id: int | None


_FROM = (
    " FROM case_attachment a JOIN case_file c ON c.id = a.case_id JOIN stored_file f ON f.id = a.file_id"
    f"{JOINS} WHERE a.id > %s AND a.id <= %s"
)
_SELECT = (
    "SELECT a.id, a.file_id, a.slot, a.round, f.name, f.media_type, c.id AS case_id, c.number, c.flow, c.flow_version,"
    f" c.member_id, c.applicant_id{_FROM}"
)


def _matching(wanted: ExportWanted) -> tuple[str, list[Any]]:
    if number := wanted.filters.get("number"):
        scope, values = visible_to(wanted.actor)
        return f" AND {scope} AND c.number = %s", [*values, number]
    return matching(wanted.actor, wanted.filters)


async def _count(wanted: ExportWanted) -> int:
    condition, values = _matching(wanted)
    [row] = await database.patient_rows(
        f"SELECT COUNT(*) AS papers{_FROM}{condition}",
        0,
        wanted.through,
        *values,
    )
    papers = int(row["papers"])
    if papers > MOST_FILES:
        raise invalid("filters", "export_too_many_files", limit=MOST_FILES, count=papers)
    return papers


async def _rows(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    condition, values = _matching(wanted)
    found = database.decode_rows(
        _Row,
        await database.patient_rows(
            f"{_SELECT}{condition} ORDER BY a.id LIMIT %s", after, wanted.through, *values, limit
        ),
    )
    return [
        ExportRow(
            key=row.id,
            file_id=row.file_id,
            path=_path(row),
            subject=subject_of(row.case_id, row.member_id, row.applicant_id),
        )
        for row in found
    ]


def _path(row: _Row) -> str:
    """The folder is the case, the name is the place in the form; the last letters keep two apart."""
    flow = catalogue.version(row.flow, row.flow_version)
    named = flow.slot(row.slot) or flow.field(row.slot)
    label = files.safe_name(named.label if named else row.slot, "")
    ending = row.name.rpartition(".")[2]
    again = f"第{row.round}次" if row.round > 1 else ""
    return f"{row.number}/{label}{again}_{ids.public(row.file_id)[-5:]}.{ending}"


KIND = ExportKind(title="办件附件", permission="case.view", filters=FILTERS, count=_count, rows=_rows, opens=True)
