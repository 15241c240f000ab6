"""The figures of the statistics as a table: each service in each township and month."""

from collections.abc import Mapping, Sequence

from backend.casework import catalogue
from backend.casework.protocols import ExportFilter, ExportKind, ExportRow, ExportWanted
from backend.casework.queries.export_cases import lately, services, towns
from backend.casework.queries.statistics import STATS, StatisticsQuery, TallyLine, tally_lines
from backend.core import reference

_COLUMNS = (
    *("月份", "业务", "乡镇街道", "收件", "其中退回过", "其中撤回", "通过", "不予通过", "一半用时（天）"),
    "九成用时（天）",
)
FILTERS: Mapping[str, ExportFilter] = {
    "month": ExportFilter(label="月份", options=lately),
    "service": ExportFilter(label="业务", options=services),
    "division": ExportFilter(label="乡镇街道", options=towns, offered=False),
}


async def _lines(wanted: ExportWanted) -> list[TallyLine]:
    given = wanted.filters
    asked = StatisticsQuery(flow=given.get("service", ""), town=given.get("division", ""), month=given.get("month", ""))
    return await tally_lines(wanted.actor, asked)


async def _count(wanted: ExportWanted) -> int:
    return len(await _lines(wanted))


async def _rows(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    """All at once: they are few, and made of one moment."""
    if after:
        return []
    divisions = reference.divisions()
    found = []
    for key, line in enumerate(await _lines(wanted), start=1):
        item = catalogue.current().item(line.flow)
        cells = (
            line.month,
            item.name if item else line.flow,
            divisions.name(line.town) or "其他",
            line.submitted,
            line.returned,
            line.withdrawn,
            line.approved,
            line.rejected,
            line.median_days,
            line.p90_days,
        )
        found.append(ExportRow(key=key, cells=cells))
    return found


async def _columns(wanted: ExportWanted) -> Sequence[str]:
    return _COLUMNS


KIND = ExportKind(title="业务统计", permission=STATS, filters=FILTERS, count=_count, rows=_rows, columns=_columns)
