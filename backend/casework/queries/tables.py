"""A sheet for a table of a form as the person who sent it sees it, and the sheets that are handed out for it."""

from collections.abc import Sequence

import msgspec

from backend.casework import catalogue
from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec
from backend.casework.forms import sheet_rows
from backend.casework.forms.sheet_rows import Cells, SheetRows
from backend.casework.models import TableSheet
from backend.casework.queries import drafts
from backend.casework.table_views import TableColumn, TableProblem, TableSheetView
from backend.core import crypto, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound

SHOWN_PROBLEMS = 200
_LONGEST_NAME = 40


class Merged(msgspec.Struct, frozen=True):
    """What the table holds after adding the good rows of a sheet."""

    rows: list[Cells]
    added: int
    replaced: int


def table_of(slug: str, field: str) -> FieldSpec:
    """NotFound for what is no table that a person fills in."""
    spec = catalogue.flow(slug).field(field)
    if spec is None or spec.kind != FieldKind.TABLE or spec.filled_by != "person":
        raise NotFound("table_unknown")
    return spec


def sheet_context(sheet_id: int) -> str:
    return f"table_sheet/sealed/{sheet_id}"


async def sheet_or_none(slug: str, field: str, actor: Actor) -> tuple[TableSheet, SheetRows] | None:
    """The sheet sent last for this table, opened for the machine: people see it masked or not at all."""
    found = await TableSheet.get_or_none(account_id=actor.account_id, flow=slug[:_LONGEST_NAME], field=field)
    if found is None:
        return None
    text = crypto.open_sealed(found.sealed, context=sheet_context(found.id))
    return found, msgspec.json.decode(text, type=SheetRows)


def merged(table: FieldSpec, known: Sequence[Cells], good: Sequence[Cells]) -> Merged:
    """A row whose identity number is there already takes the place of that one; the same row twice is one."""
    rows = list(known)
    places = {sheet_rows.identity(table, row): place for place, row in enumerate(rows)}
    added = replaced = 0
    for row in good:
        place = places.get(sheet_rows.identity(table, row))
        if place is None:
            rows.append(row)
            added += 1
        elif rows[place] != row:
            rows[place] = row
            replaced += 1
    return Merged(rows, added, replaced)


async def rows_in_draft(slug: str, field: str, actor: Actor) -> list[Cells]:
    """What was typed or taken over before, without empty rows."""
    content, _ = await drafts.draft_content(slug, actor.account_id)
    rows = content.values.get(field)
    return [row for row in rows if isinstance(row, dict) and row] if isinstance(rows, list) else []


async def table_sheet(slug: str, field: str, actor: Actor) -> TableSheetView | None:
    """None while none was sent."""
    table = table_of(slug, field)
    found = await sheet_or_none(slug, field, actor)
    if found is None:
        return None
    sheet, read = found
    known = await rows_in_draft(slug, field, actor)
    after = merged(table, known, read.good)
    labels = {column.name: column.label for column in table.columns}
    problems = [
        TableProblem(row=bad.row_no, column=labels.get(one.column, ""), message=one.message)
        for bad in read.bad
        for one in bad.problems
    ]
    return TableSheetView(
        id=ids.public(sheet.id),
        field=field,
        label=table.label,
        file=sheet.name,
        taken=sheet.taken,
        rows=len(known),
        total=len(read.good) + len(read.bad),
        good=len(read.good),
        added=after.added,
        replaced=after.replaced,
        same=len(read.good) - after.added - after.replaced,
        wrong=len(read.bad),
        problems=len(problems),
        report=problems[:SHOWN_PROBLEMS],
        unused=read.unused,
    )


async def wrong_rows(slug: str, field: str, actor: Actor) -> tuple[list[str], list[list[str | int]]]:
    """Heading and rows of a sheet to correct and to send again: what was wrong in front, then the columns."""
    table = table_of(slug, field)
    found = await sheet_or_none(slug, field, actor)
    if found is None or not found[1].bad:
        raise NotFound()
    labels = {column.name: column.label for column in table.columns}
    rows: list[list[str | int]] = []
    for bad in found[1].bad:
        why = "；".join(f"{labels.get(one.column, '')}：{one.message}" for one in bad.problems)
        rows.append([bad.row_no, why, *(bad.cells.get(column.name, "") for column in table.columns)])
    return ["原行号", "要改什么", *labels.values()], rows


def template_rows(slug: str, field: str) -> tuple[list[str], list[list[str | int]]]:
    """Heading, and one row that shows how; it is left out when the sheet comes back."""
    table = table_of(slug, field)
    return [column.label for column in table.columns], [[sheet_rows.example(column) for column in table.columns]]


def columns_of(table: FieldSpec) -> list[TableColumn]:
    return [
        TableColumn(
            label=column.label,
            required=column.required,
            example=sheet_rows.example(column),
            hint="、".join(column.options.values()) or column.hint,
        )
        for column in table.columns
    ]


def screen_of(slug: str, field: str) -> int:
    """On which screen of the form the table stands, from 1."""
    screens = catalogue.flow(slug).screens
    return next(number for number, one in enumerate(screens, 1) if any(spec.name == field for spec in one.fields))
