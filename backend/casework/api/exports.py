"""JSON doors of exports."""

from dataclasses import dataclass
from typing import Any

from litestar import get, post
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from backend.casework import commands, queries
from backend.casework.commands.exports import Download
from backend.casework.schemas import ExportInput, ExportStarted, ExportView
from backend.core.files import download_headers
from backend.web.access import CurrentActor, may
from backend.web.paging import Page, PageLimit

_EXPORT = may("export.make")


@dataclass
class DownloadOperation(Operation):
    """Describes an answer that is a file."""

    def __post_init__(self) -> None:
        file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, content_media_type="application/octet-stream"))
        self.responses = {"200": OpenAPIResponse(description="The file", content={"application/octet-stream": file})}


def streamed(file: Download) -> Stream:
    """A piece at a time, with its length: who saves it sees how far it is."""
    headers = download_headers(file.name, file.media_type) | {"content-length": str(file.size)}
    return Stream(file.content, media_type=file.media_type, headers=headers)


@post("/desk/exports", opt=_EXPORT, status_code=202)
async def request_export(data: JSONBody[ExportInput], actor: CurrentActor) -> ExportStarted:
    """Ask for a table (xlsx or csv) of `cases`, `members`, `records`, `statistics` or the `rows` of a case, or for a
    zip of `attachments`. The answer comes at once; the worker makes the file.
    """
    return ExportStarted(await commands.exports.request(data=data, actor=actor))


@get("/desk/exports", opt=_EXPORT)
async def list_exports(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[ExportView]:
    """My exports, the latest first."""
    return await queries.own_exports(actor, limit=limit, cursor=cursor)


@get("/desk/exports/log", opt=may("audit.view"))
async def list_export_log(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[ExportView]:
    """Who took out what, when and why, in the branches that I audit."""
    return await queries.export_log(actor, limit=limit, cursor=cursor)


@get("/desk/exports/{export:str}", opt=_EXPORT)
async def show_export(export: FromPath[str], actor: CurrentActor) -> ExportView:
    """How far one of my exports is; `url` once its file can be fetched."""
    return await queries.own_export(export, actor)


@post("/desk/exports/{export:str}/restart", opt=_EXPORT, status_code=202)
async def restart_export(export: FromPath[str], actor: CurrentActor) -> ExportView:
    """Begin again one that failed."""
    await commands.exports.restart(export=export, actor=actor)
    return await queries.own_export(export, actor)


@get("/desk/exports/{export:str}/file", opt=_EXPORT, operation_class=DownloadOperation)
async def download_export(export: FromPath[str], actor: CurrentActor) -> Stream:
    """The file of one of my exports; each download is in the audit log."""
    return streamed(await commands.exports.download(export=export, actor=actor))


routes: list[Any] = [
    request_export,
    list_exports,
    list_export_log,
    show_export,
    restart_export,
    download_export,
]
