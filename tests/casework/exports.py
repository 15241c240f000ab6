"""What the tests of exports share: asking, the worker's part, and reading the file that comes out."""

import csv
import io
import zipfile
from typing import Any

import msgspec
import openpyxl

from backend.casework import commands, queries
from backend.casework.commands import exports
from backend.casework.schemas import ExportInput, ExportView
from backend.core import database, ids
from backend.core.actor import Actor
from tests.casework.world import World, aid_form, person, sent

REASON = "三季度慰问核对"


async def cases_of(world: World, count: int, **changes: Any) -> list[str]:
    """Cases of different people straight at the town's desk."""
    return [
        await commands.submit(
            slug="sample-aid",
            data=sent(aid_form(world, sequence, target_org="", **changes)),
            actor=await person(world),
        )
        for sequence in range(1, count + 1)
    ]


async def ask(actor: Actor, kind: str = "cases", **more: Any) -> str:
    data = msgspec.convert({"kind": kind, "reason": REASON} | more, ExportInput)
    return await exports.request(data=data, actor=actor)


async def work(export: str) -> None:
    """As the worker does: again and again until nothing is left."""
    number = ids.parse(export) or 0
    attempt = await database.scalar("SELECT attempt FROM desk_export WHERE id = %s", number)
    while not await exports.run(number, attempt):
        pass


async def made(actor: Actor, kind: str = "cases", **more: Any) -> ExportView:
    export = await ask(actor, kind, **more)
    await work(export)
    return await queries.own_export(export, actor)


async def fetched(view: ExportView, actor: Actor) -> bytes:
    file = await exports.download(export=view.id, actor=actor)
    content = b"".join([piece async for piece in file.content])
    assert len(content) == file.size == view.size
    return content


def xlsx_rows(content: bytes) -> list[tuple[Any, ...]]:
    """All lines, the mark and the names of the columns first."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def archive(content: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(content))
    assert found.testzip() is None
    return found


async def table(actor: Actor, kind: str = "cases", **more: Any) -> list[dict[str, Any]]:
    """The rows of an xlsx by the names of their columns."""
    view = await made(actor, kind, **more)
    assert (view.state, view.problem) == ("done", "")
    _, names, *rows = xlsx_rows(await fetched(view, actor))
    return [dict(zip(names, row, strict=True)) for row in rows]
