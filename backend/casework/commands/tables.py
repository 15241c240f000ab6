"""A sheet for a table of a form: read and judged at once, taken into the draft only when its sender says so."""

import asyncio
from datetime import timedelta

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework.commands.drafts import save_screen
from backend.casework.flows import FieldSpec
from backend.casework.forms import sheet_rows
from backend.casework.forms.parse import MOST_ROWS
from backend.casework.forms.sheet_rows import SheetRows
from backend.casework.queries import tables
from backend.casework.table_views import TableTake, TableTaken
from backend.core import audit, clock, crypto, database, files, ids, sheets
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, TooLarge, invalid

KEEP = timedelta(days=7)
LARGEST = 4 * 1024 * 1024
ADD, REPLACE = "add", "replace"


async def take_sheet(*, slug: str, field: str, content: bytes, name: str, actor: Actor) -> str:
    """The public id of what was read; it replaces what was sent for this table before."""
    table = tables.table_of(slug, field)
    read = await asyncio.to_thread(_read, content, table)
    sheet_id = ids.new_id()
    text = msgspec.json.encode(read).decode()
    if len(text) > LARGEST:
        raise TooLarge("table_too_wide")
    sealed = crypto.seal(text, context=tables.sheet_context(sheet_id))
    await _keep(sheet_id, slug, field, files.safe_name(name, ""), sealed, actor)
    return ids.public(sheet_id)


def _read(content: bytes, table: FieldSpec) -> SheetRows:
    sheets.check(content)
    return sheet_rows.read_sheet(content, table, today=clock.today())


@command
async def _keep(sheet_id: int, slug: str, field: str, name: str, sealed: str, actor: Actor) -> None:
    await _forget(slug, field, actor)
    row = {
        "id": sheet_id,
        "account_id": actor.account_id,
        "flow": slug,
        "field": field,
        "name": name[:120],
        "taken": False,
        "sealed": sealed,
        "made_at": clock.now(),
    }
    try:
        await database.insert("table_sheet", row)
    except IntegrityError:  # the other window was quicker by a moment
        raise Conflict("table_changed") from None


@command
async def take_rows(*, slug: str, field: str, data: TableTake, actor: Actor) -> TableTaken:
    """Put the good rows into the draft. What the rest of the form holds stays as it is."""
    table = tables.table_of(slug, field)
    if data.mode not in (ADD, REPLACE):
        raise invalid("mode", "table_act")
    found = await tables.sheet_or_none(slug, field, actor)
    if found is None:
        raise NotFound("table_changed")
    sheet, read = found
    if ids.public(sheet.id) != data.sheet or sheet.taken:
        raise Conflict("table_changed")
    if not read.good:
        raise invalid("sheet", "table_nothing")
    known = [] if data.mode == REPLACE else await tables.rows_in_draft(slug, field, actor)
    rows = tables.merged(table, known, read.good).rows
    most = table.rows.number("<=") if table.rows is not None else None
    limit = min(MOST_ROWS, int(most)) if most is not None else MOST_ROWS
    if len(rows) > limit:
        raise invalid("sheet", "table_too_many_rows", limit=limit, count=len(rows))
    saved = await save_screen(slug=slug, names=frozenset((field,)), form={field: rows}, attachments={}, actor=actor)
    await _mark_taken(sheet.id, read)
    detail = {"flow": slug, "field": field, "rows": len(read.good), "mode": data.mode}
    await audit.record(actor, "table.taken", object_kind="table_sheet", object_id=sheet.id, detail=detail)
    return TableTaken(rows=len(rows), version=saved.version, saved_at=saved.saved_at)


async def _mark_taken(sheet_id: int, read: SheetRows) -> None:
    """The rows are in the draft now; what was wrong can still be fetched and corrected."""
    left = msgspec.json.encode(msgspec.structs.replace(read, good=[])).decode()
    taken = await database.execute(
        "UPDATE table_sheet SET taken = %s, sealed = %s WHERE id = %s AND taken = %s",
        True,
        crypto.seal(left, context=tables.sheet_context(sheet_id)),
        sheet_id,
        False,
    )
    if not taken:
        raise Conflict("table_changed")


@command
async def discard_sheet(*, slug: str, field: str, actor: Actor) -> None:
    tables.table_of(slug, field)
    await _forget(slug, field, actor)


@command
async def empty_table(*, slug: str, field: str, actor: Actor) -> None:
    """To type it by hand after all: nothing is left in the draft's table, nor of the sheet."""
    tables.table_of(slug, field)
    await _forget(slug, field, actor)
    await save_screen(slug=slug, names=frozenset((field,)), form={}, attachments={}, actor=actor)


async def _forget(slug: str, field: str, actor: Actor) -> None:
    await database.execute(
        "DELETE FROM table_sheet WHERE account_id = %s AND flow = %s AND field = %s", actor.account_id, slug, field
    )


@command
async def forget_old() -> int:
    """Sheets that nobody took over within a week; how many."""
    return await database.execute("DELETE FROM table_sheet WHERE made_at < %s", clock.now() - KEEP)
