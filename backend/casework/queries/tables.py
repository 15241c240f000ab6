"""A sheet for a table of a form as the person who sent it sees it, and the sheets that are handed out for it."""

from collections.abc import Iterable, Sequence

import msgspec

from backend.casework import catalogue
from backend.casework.enums import CaseStatus, FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import parse, sheet_rows
from backend.casework.forms.sheet_rows import Cells, SheetRows
from backend.casework.models import TableSheet
from backend.casework.queries import drafts, records
from backend.casework.schemas import TableColumn, TableProblem, TableSheetView
from backend.core import crypto, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound

SHOWN_PROBLEMS = 200


class Merged(msgspec.Struct, frozen=True):
    """What the table holds after adding the good rows of a sheet."""

    rows: list[Cells]
    added: int
    replaced: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a table is filled in: the draft of a service (`key` is its slug), or a case that was given back (its
    number). Rows of a draft go there at once; those for a case wait for the correction that brings them.
    """

    key: str
    table: FieldSpec
    is_case: bool = False


def in_draft(slug: str, field: str) -> Place:
    """NotFound for what is no table that a person fills in."""
    return Place(key=slug, table=_table_of(catalogue.flow(slug), field))


async def in_case(number: str, field: str, actor: Actor) -> Place:
    """NotFound unless the table of an own case is open for correction."""
    case = await records.own_record(number, actor)
    flagged = await records.corrections_of(case.id, case.round) if case.status == CaseStatus.RETURNED else {}
    table = _table_of(case.spec, field)
    if field not in parse.unlocked(case.spec, flagged):
        raise NotFound("table_unknown")
    return Place(key=number, table=table, is_case=True)


def _table_of(flow: Flow, field: str) -> FieldSpec:
    spec = flow.field(field)
    if spec is None or spec.kind != FieldKind.TABLE or spec.filled_by != "person":
        raise NotFound("table_unknown")
    return spec


def sheet_context(sheet_id: int) -> str:
    return f"table_sheet/sealed/{sheet_id}"


async def sheet_or_none(place: Place, actor: Actor) -> tuple[TableSheet, SheetRows] | None:
    """The sheet sent last for this table, opened for the machine: people see it masked or not at all."""
    found = await TableSheet.get_or_none(account_id=actor.account_id, flow=place.key, field=place.table.name)
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


async def rows_before(place: Place, actor: Actor) -> list[Cells]:
    """What was typed, taken over or submitted before, without empty rows."""
    if place.is_case:
        values = (await records.own_record(place.key, actor)).content.values
    else:
        values = (await drafts.draft_content(place.key, actor.account_id))[0].values
    rows = values.get(place.table.name)
    return [row for row in rows if isinstance(row, dict) and row] if isinstance(rows, list) else []


async def rows_now(place: Place, actor: Actor) -> list[Cells]:
    """With those that wait for a correction."""
    before, found = await rows_before(place, actor), await sheet_or_none(place, actor)
    if found is None or not found[0].taken:
        return before
    return merged(place.table, [] if found[1].replaces else before, found[1].good).rows


async def rows_of_case(number: str, fields: Iterable[str], actor: Actor) -> dict[str, list[Cells]]:
    """What these tables of a case that was given back will hold, when it is sent as it stands."""
    return {field: await rows_now(await in_case(number, field, actor), actor) for field in fields}


async def waiting(number: str, actor: Actor) -> frozenset[str]:
    """Tables of a case for which a sheet was taken over."""
    found = await TableSheet.filter(account_id=actor.account_id, flow=number, taken=True)
    return frozenset(sheet.field for sheet in found)


async def table_sheet(place: Place, actor: Actor) -> TableSheetView | None:
    """None while none was sent."""
    found = await sheet_or_none(place, actor)
    if found is None:
        return None
    sheet, read = found
    table = place.table
    known = await rows_before(place, actor)
    after = merged(table, known, read.good)
    labels = {column.name: column.label for column in table.columns}
    problems = [
        TableProblem(row=bad.row_no, column=labels.get(one.column, ""), message=one.message)
        for bad in read.bad
        for one in bad.problems
    ]
    return TableSheetView(
        id=ids.public(sheet.id),
        field=table.name,
        label=table.label,
        file=sheet.name,
        taken=sheet.taken,
        rows=len(await rows_now(place, actor)),
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


async def wrong_rows(place: Place, actor: Actor) -> tuple[list[str], list[list[str | int]]]:
    """Heading and rows of a sheet to correct and to send again: what was wrong in front, then the columns."""
    table = place.table
    found = await sheet_or_none(place, actor)
    if found is None or not found[1].bad:
        raise NotFound()
    labels = {column.name: column.label for column in table.columns}
    rows: list[list[str | int]] = []
    for bad in found[1].bad:
        why = "；".join(f"{labels.get(one.column, '')}：{one.message}" for one in bad.problems)
        rows.append([bad.row_no, why, *(bad.cells.get(column.name, "") for column in table.columns)])
    return ["原行号", "要改什么", *labels.values()], rows


def template_rows(table: FieldSpec) -> tuple[list[str], list[list[str | int]]]:
    """Heading, and one row that shows how; it is left out when the sheet comes back."""
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
