"""JSON doors of sheets for tables of forms."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody

from backend.casework import commands, queries
from backend.casework.queries.tables import Place, in_draft
from backend.casework.schemas import TableSheetView, TableTake, TableTaken
from backend.core.actor import Actor
from backend.core.errors import NotFound, invalid
from backend.web.access import PERSON, CurrentActor
from backend.web.downloads import sheet_file
from backend.web.forms import read_form
from backend.web.media import MULTIPART

AnyRequest = Request[Any, Any, Any]


@dataclass
class SheetOperation(Operation):
    """Describes the multipart body, which the handler reads by itself."""

    def __post_init__(self) -> None:
        sheet = Schema(
            type=OpenAPIType.STRING,
            content_media_type="application/octet-stream",
            description="xlsx or csv, up to 10 MB and 5,000 rows, the labels of the columns above them",
        )
        form = Schema(type=OpenAPIType.OBJECT, properties={"sheet": sheet}, required=["sheet"])
        self.request_body = RequestBody(content={"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True)


async def take_sent(request: AnyRequest, at: Place, actor: Actor) -> None:
    """The sheet of a form in `sheet` (or `file`)."""
    form = await read_form(request)
    sent = form.files.get("sheet") or form.files.get("file")
    if not sent:
        raise invalid("sheet", "table_no_file")
    await commands.tables.take_sheet(at=at, content=await sent[0].read(), name=sent[0].filename, actor=actor)


async def _seen(at: Place, actor: Actor) -> TableSheetView:
    found = await queries.tables.table_sheet(at, actor)
    if found is None:
        raise NotFound()
    return found


@get("/services/{slug:str}/tables/{table:str}", opt=PERSON)
async def show_table_sheet(slug: FromPath[str], table: FromPath[str], actor: CurrentActor) -> TableSheetView:
    """The sheet that I sent last for this table: what would become of its rows, and what is wrong with others."""
    return await _seen(in_draft(slug, table), actor)


@post(
    "/services/{slug:str}/tables/{table:str}", opt=PERSON | MULTIPART, status_code=201, operation_class=SheetOperation
)
async def send_table_sheet(
    request: AnyRequest, slug: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> TableSheetView:
    """Send a sheet instead of typing. Nothing is taken over yet."""
    at = in_draft(slug, table)
    await take_sent(request, at, actor)
    return await _seen(at, actor)


@post("/services/{slug:str}/tables/{table:str}/rows", opt=PERSON, status_code=200)
async def take_table_rows(
    slug: FromPath[str], table: FromPath[str], data: JSONBody[TableTake], actor: CurrentActor
) -> TableTaken:
    """Put the good rows of the sheet that was looked at into the draft, after those there or instead of them."""
    return await commands.tables.take_rows(at=in_draft(slug, table), data=data, actor=actor)


@delete("/services/{slug:str}/tables/{table:str}", opt=PERSON, status_code=204)
async def discard_table_sheet(slug: FromPath[str], table: FromPath[str], actor: CurrentActor) -> None:
    """Forget the sheet; the draft stays as it is."""
    await commands.tables.discard_sheet(at=in_draft(slug, table), actor=actor)


@get("/services/{slug:str}/tables/{table:str}/template", opt=PERSON)
async def download_template(
    slug: FromPath[str], table: FromPath[str], format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """An empty sheet with the labels of the columns and a row that shows how."""
    return await sheet_file(*queries.tables.template_rows(in_draft(slug, table).table), "模板", format, to_fill_in=True)


@get("/services/{slug:str}/tables/{table:str}/wrong", opt=PERSON)
async def download_wrong(
    slug: FromPath[str], table: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    """The rows that were wrong and why, as a sheet to correct and to send again."""
    found = await queries.tables.wrong_rows(in_draft(slug, table), actor)
    return await sheet_file(*found, "要改的行", format, to_fill_in=True)


routes: list[Any] = [
    show_table_sheet,
    send_table_sheet,
    take_table_rows,
    discard_table_sheet,
    download_template,
    download_wrong,
]
