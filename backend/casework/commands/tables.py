"""A sheet for a table of a form: read and judged at once, taken into the draft only when its sender says so."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework.commands.drafts import save_screen
from backend.casework.flows import FieldSpec
from backend.casework.forms import sheet_rows
from backend.casework.forms.parse import MOST_ROWS
from backend.casework.forms.sheet_rows import SheetRows
from backend.casework.queries import tables
from backend.casework.queries.tables import Place
from backend.casework.schemas import DraftView, TableTake, TableTaken
from backend.core import audit, clock, crypto, database, files, ids, sheets
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, TooLarge, invalid

KEEP = timedelta(days=7)
LARGEST = 4 * 1024 * 1024
ADD, REPLACE = "add", "replace"


async def take_sheet(*, at: Place, content: bytes, name: str, actor: Actor) -> str:
    """The public id of what was read; it replaces what was sent for this table before."""
    read = await asyncio.to_thread(_read, content, at.table)
    sheet_id = ids.new_id()
    text = msgspec.json.encode(read).decode()
    if len(text) > LARGEST:
        raise TooLarge("table_too_wide")
    sealed = crypto.seal(text, context=tables.sheet_context(sheet_id))
    await _keep(sheet_id, at, files.safe_name(name, ""), sealed, actor)
    return ids.public(sheet_id)


def _read(content: bytes, table: FieldSpec) -> SheetRows:
    sheets.check(content)
    return sheet_rows.read_sheet(content, table, today=clock.today())


@command
async def _keep(sheet_id: int, at: Place, name: str, sealed: str, actor: Actor) -> None:
    await _forget(at, actor)
    row = {
        "id": sheet_id,
        "account_id": actor.account_id,
        "flow": at.key,
        "field": at.table.name,
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
async def take_rows(*, at: Place, data: TableTake, actor: Actor) -> TableTaken:
    """Put the good rows into the draft, or keep them for the correction. What else was filled in stays as it is."""
    if data.mode not in (ADD, REPLACE):
        raise invalid("mode", "table_act")
    found = await tables.sheet_or_none(at, actor)
    if found is None:
        raise NotFound("table_changed")
    sheet, read = found
    if ids.public(sheet.id) != data.sheet or sheet.taken:
        raise Conflict("table_changed")
    if not read.good:
        raise invalid("sheet", "table_nothing")
    known = [] if data.mode == REPLACE else await tables.rows_before(at, actor)
    rows = tables.merged(at.table, known, read.good).rows
    _require_room(at.table, len(rows))
    await _mark_taken(at, sheet.id, read, replaces=data.mode == REPLACE)
    detail = {"place": at.key, "field": at.table.name, "rows": len(read.good), "mode": data.mode}
    await audit.record(actor, "table.taken", object_kind="table_sheet", object_id=sheet.id, detail=detail)
    if at.is_case:
        return TableTaken(rows=len(rows), version=0, saved_at=clock.iso(clock.now()) or "")
    saved = await _save(at, {at.table.name: rows}, actor)
    return TableTaken(rows=len(rows), version=saved.version, saved_at=saved.saved_at)


def _require_room(table: FieldSpec, count: int) -> None:
    most = table.rows.number("<=") if table.rows is not None else None
    limit = min(MOST_ROWS, int(most)) if most is not None else MOST_ROWS
    if count > limit:
        raise invalid("sheet", "table_too_many_rows", limit=limit, count=count)


async def _save(at: Place, form: dict[str, Any], actor: Actor) -> DraftView:
    names = frozenset((at.table.name,))
    return await save_screen(slug=at.key, names=names, form=form, attachments={}, actor=actor)


async def _mark_taken(at: Place, sheet_id: int, read: SheetRows, *, replaces: bool) -> None:
    """Rows of a draft are there now; what was wrong can still be fetched and corrected."""
    left = msgspec.structs.replace(read, good=read.good if at.is_case else [], replaces=replaces)
    taken = await database.execute(
        "UPDATE table_sheet SET taken = %s, sealed = %s WHERE id = %s AND taken = %s",
        True,
        crypto.seal(msgspec.json.encode(left).decode(), context=tables.sheet_context(sheet_id)),
        sheet_id,
        False,
    )
    if not taken:
        raise Conflict("table_changed")


@command
async def discard_sheet(*, at: Place, actor: Actor) -> None:
    """With the rows that wait for a correction; those of a draft stay."""
    await _forget(at, actor)


@command
async def empty_table(*, at: Place, actor: Actor) -> None:
    """To type it by hand after all: nothing is left in the draft's table, nor of the sheet."""
    await _forget(at, actor)
    if not at.is_case:
        await _save(at, {}, actor)


async def _forget(at: Place, actor: Actor) -> None:
    await database.execute(
        "DELETE FROM table_sheet WHERE account_id = %s AND flow = %s AND field = %s",
        actor.account_id,
        at.key,
        at.table.name,
    )


@command
async def forget_of_case(number: str) -> None:
    """The correction that they were for has been made."""
    await database.execute("DELETE FROM table_sheet WHERE flow = %s", number)


@command
async def forget_old() -> int:
    """Sheets that nobody took over within a week; how many."""
    return await database.execute("DELETE FROM table_sheet WHERE made_at < %s", clock.now() - KEEP)
