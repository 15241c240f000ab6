"""Exports as their owners see them, and the log that auditors read."""

from datetime import datetime

import msgspec

from backend.casework.enums import ExportFormat, ExportState
from backend.casework.queries.exporting import kind_of
from backend.casework.schemas import ExportView
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import queries as unions
from backend.web.paging import Page, cut, decode_cursor, encode_cursor

AUDIT = "audit.view"


class _Row(msgspec.Struct, kw_only=True):
    id: int
    number: str
    kind: str
    format: ExportFormat
    filters: dict[str, str]
    said: str
    reason: str
    reveal: bool
    state: ExportState
    problem: str
    done: int
    total: int
    size: int
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    actor_label: str


_COLUMNS = ", ".join(f"e.`{field.encode_name}`" for field in msgspec.structs.fields(_Row))
_EXPORTS = f"SELECT {_COLUMNS} FROM desk_export e"  # noqa: S608


async def own_export(export: str, actor: Actor) -> ExportView:
    found = await database.view(
        _Row, f"{_EXPORTS} WHERE e.id = %s AND e.created_by = %s", ids.parse(export) or 0, actor.account_id
    )
    if found is None:
        raise NotFound("export_unknown")
    return _view(found)


async def own_exports(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[ExportView]:
    """The latest first; one query."""
    found = await database.views(
        _Row,
        f"{_EXPORTS} WHERE e.created_by = %s AND e.id < %s ORDER BY e.id DESC LIMIT %s",
        actor.account_id,
        _before(cursor),
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    return Page(items=[_view(row) for row in page.items], next_cursor=page.next_cursor)


async def export_log(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[ExportView]:
    """Who took out what and why, and how often it was fetched, in the branches that the actor audits; two queries."""
    condition, values = unions.visible_to(actor, AUDIT)
    found = await database.views(
        _Row,
        f"{_EXPORTS} JOIN union_org u ON u.id = e.union_id WHERE {condition} AND e.id < %s ORDER BY e.id DESC LIMIT %s",
        *values,
        _before(cursor),
        limit + 1,
    )
    page = cut(found, limit, lambda row: encode_cursor(ids.public(row.id)))
    fetched = await _downloads([row.id for row in page.items])
    views = [_view(row, downloads=fetched.get(row.id, 0)) for row in page.items]
    return Page(items=views, next_cursor=page.next_cursor)


def _before(cursor: str | None) -> int:
    return ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1


async def _downloads(export_ids: list[int]) -> dict[int, int]:
    if not export_ids:
        return {}
    marks = ", ".join(["%s"] * len(export_ids))
    found = await database.rows(
        "SELECT object_id, COUNT(*) AS times FROM audit WHERE object_kind = 'export' AND action = 'export.downloaded'"  # noqa: S608
        f" AND object_id IN ({marks}) GROUP BY object_id",
        *export_ids,
    )
    return {row["object_id"]: int(row["times"]) for row in found}


def _view(row: _Row, *, downloads: int | None = None) -> ExportView:
    kind, state = kind_of(row.kind), row.state
    if state == ExportState.DONE and row.expires_at is not None and row.expires_at <= clock.now():
        state = ExportState.EXPIRED
    public = ids.public(row.id)
    return ExportView(
        id=public,
        number=row.number,
        kind=row.kind,
        title=kind.title if kind else row.kind,
        format=row.format.value,
        filters=row.filters,
        said=row.said,
        reason=row.reason,
        reveal=row.reveal,
        state=state.value,
        problem=row.problem,
        rows=row.done,
        total=row.total,
        size=row.size,
        url=f"/api/v1/desk/exports/{public}/file" if state == ExportState.DONE else None,
        requested_at=clock.iso(row.created_at) or "",
        finished_at=clock.iso(row.finished_at),
        expires_at=clock.iso(row.expires_at),
        who=row.actor_label,
        downloads=downloads,
    )
