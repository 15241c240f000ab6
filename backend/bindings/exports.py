"""Exports of what domains below casework keep."""

from collections.abc import Mapping, Sequence

from backend.casework.protocols import ExportFilter, ExportKind, ExportRow, ExportWanted
from backend.core.actor import Actor
from backend.grading import queries as grading
from backend.grading.enums import DUE_TEXT
from backend.membership import queries as roll
from backend.membership.enums import GROUP_TEXT, STATUS_TEXT
from backend.unions import queries as unions


async def _unions(actor: Actor) -> Mapping[str, str]:
    return {union.id: union.name for union in await unions.choices_in_scope(actor, "member.view")}


async def _statuses(actor: Actor) -> Mapping[str, str]:
    return {status.value: text for status, text in STATUS_TEXT.items()}


async def _groups(actor: Actor) -> Mapping[str, str]:
    return {group.value: text for group, text in GROUP_TEXT.items()}


async def _count(wanted: ExportWanted) -> int:
    return await roll.count_lines(wanted.actor, wanted.filters, through=wanted.through)


async def _rows(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    found = await roll.member_lines(
        wanted.actor, wanted.filters, reveal=wanted.reveal, after=after, through=wanted.through, limit=limit
    )
    return [ExportRow(key=line.id, cells=line.cells, subject=("member", line.id)) for line in found]


async def _columns(wanted: ExportWanted) -> Sequence[str]:
    return roll.LINE_COLUMNS


MEMBERS = ExportKind(
    title="会员名册",
    permission="member.view",
    filters={
        "union": ExportFilter(label="工会", kind="union", options=_unions),
        "status": ExportFilter(label="会籍", options=_statuses),
        "group": ExportFilter(label="新就业群体", options=_groups),
    },
    count=_count,
    rows=_rows,
    columns=_columns,
    masks="身份证号和手机号",
)


async def _worker_unions(actor: Actor) -> Mapping[str, str]:
    return {union.id: union.name for union in await unions.choices_in_scope(actor, "worker.view")}


async def _dues(actor: Actor) -> Mapping[str, str]:
    return {due.value: text for due, text in DUE_TEXT.items()}


async def _count_workers(wanted: ExportWanted) -> int:
    return await grading.count_worker_lines(wanted.actor, wanted.filters, through=wanted.through)


async def _workers(wanted: ExportWanted, after: int, limit: int) -> list[ExportRow]:
    found = await grading.worker_lines(
        wanted.actor, wanted.filters, reveal=wanted.reveal, after=after, through=wanted.through, limit=limit
    )
    return [ExportRow(key=line.id, cells=line.cells, subject=line.subject) for line in found]


async def _worker_columns(wanted: ExportWanted) -> Sequence[str]:
    return grading.LINE_COLUMNS


WORKERS = ExportKind(
    title="社工岗级台账",
    permission="worker.view",
    filters={
        "union": ExportFilter(label="用人的工会", kind="union", options=_worker_unions),
        "due": ExportFilter(label="哪些人", options=_dues),
    },
    count=_count_workers,
    rows=_workers,
    columns=_worker_columns,
    masks="身份证号",
)
