"""Imports of a roll as those see them who may import where it was done."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.membership.enums import RESULT_TEXT, ImportState, RowResult
from backend.membership.roll import FIELD_LABELS
from backend.membership.schemas import ImportRowView, ImportView, Option
from backend.unions import queries as unions

IMPORT = "member.import"
SMALL = 500
_LATEST = 20
REPORT_HEADER = ("行号", "结果", "列", "说明")


class _Row(msgspec.Struct, kw_only=True):
    id: int
    state: str
    dry_run: bool
    total: int
    done: int
    added: int
    updated: int
    unchanged: int
    refused: int
    problem: str
    created_at: datetime
    finished_at: datetime | None


_IMPORT = (
    "SELECT i.id, i.state, i.dry_run, i.total, i.done, i.added, i.updated, i.unchanged, i.refused, i.problem,"
    " i.created_at, i.finished_at FROM roll_import i JOIN union_org u ON u.id = i.union_id"
)
_ROWS = "SELECT row_no, result, field, message FROM roll_import_row WHERE import_id = %s"


async def imports_of(actor: Actor) -> list[ImportView]:
    """The latest imports in the actor's scope, without their rows."""
    condition, values = unions.visible_to(actor, IMPORT)
    found = await database.views(_Row, f"{_IMPORT} WHERE {condition} ORDER BY i.id DESC LIMIT %s", *values, _LATEST)
    return [_view(row, []) for row in found]


async def import_view(import_id: str, actor: Actor) -> ImportView:
    row = await _visible(import_id, actor)
    if row.total <= SMALL:
        rows = await database.views(ImportRowView, f"{_ROWS} ORDER BY row_no", row.id)
    else:
        refused = RowResult.REFUSED.value
        rows = await database.views(
            ImportRowView, f"{_ROWS} AND result = %s ORDER BY row_no LIMIT %s", row.id, refused, SMALL
        )
    return _view(row, rows)


async def report_rows(import_id: str, actor: Actor) -> list[tuple[int, str, str, str]]:
    """Every row's result in words, for download; Conflict while the import still runs."""
    row = await _visible(import_id, actor)
    if row.state in (ImportState.WAITING, ImportState.RUNNING):
        raise Conflict("import_not_done")
    found = await database.views(ImportRowView, f"{_ROWS} ORDER BY row_no", row.id)
    return [
        (one.row_no, RESULT_TEXT[RowResult(one.result)], FIELD_LABELS.get(one.field, ""), one.message) for one in found
    ]


def import_options(actor: Actor) -> list[Option]:
    """The unions for which the actor may bring in a roll: those of their own posts."""
    posts = [post for post in actor.posts if IMPORT in post.permissions]
    return [
        Option(value=ids.public(post.union_id), label=post.union_name, selected=number == 0)
        for number, post in enumerate(posts)
    ]


async def _visible(import_id: str, actor: Actor) -> _Row:
    condition, values = unions.visible_to(actor, IMPORT)
    row = await database.view(_Row, f"{_IMPORT} WHERE i.id = %s AND {condition}", ids.parse(import_id) or 0, *values)
    if row is None:
        raise NotFound()
    return row


def _view(row: _Row, rows: list[ImportRowView]) -> ImportView:
    return ImportView(
        id=ids.public(row.id),
        state=row.state,
        dry_run=row.dry_run,
        total=row.total,
        done=row.done,
        added=row.added,
        updated=row.updated,
        unchanged=row.unchanged,
        refused=row.refused,
        problem=row.problem,
        created_at=clock.iso(row.created_at) or "",
        finished_at=clock.iso(row.finished_at),
        rows=rows,
    )
