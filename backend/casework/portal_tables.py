"""The page on which a table of a form is filled from a sheet: send, look, take over. Works without JavaScript."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import commands, queries
from backend.casework.api_tables import handed_out, take_sent
from backend.casework.table_views import TableTake
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound, invalid
from backend.web.access import PERSON, CurrentActor
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/services/{slug:str}/tables/{field:str}", opt=PERSON)
async def show_table(
    request: AnyRequest, slug: FromPath[str], field: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _table_page(request, slug, field, actor)


@post("/services/{slug:str}/tables/{field:str}", opt=PERSON)
async def send_sheet(
    request: AnyRequest, slug: FromPath[str], field: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    try:
        await take_sent(request, slug, field, actor)
    except NotFound:
        raise
    except AppError as error:
        return await _table_page(request, slug, field, actor, error=error)
    return redirect(f"/services/{slug}/tables/{field}")


@post("/services/{slug:str}/tables/{field:str}/acts", opt=PERSON)
async def act_on_sheet(
    request: AnyRequest, slug: FromPath[str], field: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    """`add` and `replace` take the rows over, `discard` forgets the sheet, `empty` the rows that are in the draft."""
    form = await read_form(request)
    act = form.one("act")
    try:
        await _act(act, slug, field, form.one("sheet"), actor)
    except AppError as error:
        return await _table_page(request, slug, field, actor, error=error)
    left = await queries.tables.table_sheet(slug, field, actor)
    if act in ("add", "replace") and left is not None and not left.wrong:
        return redirect(f"/services/{slug}/apply?screen={queries.tables.screen_of(slug, field)}")
    return redirect(f"/services/{slug}/tables/{field}")


async def _act(act: str, slug: str, field: str, sheet: str, actor: Actor) -> None:
    match act:
        case "discard":
            await commands.tables.discard_sheet(slug=slug, field=field, actor=actor)
        case "empty":
            await commands.tables.empty_table(slug=slug, field=field, actor=actor)
        case "add" | "replace":
            data = TableTake(sheet=sheet, mode=act)
            await commands.tables.take_rows(slug=slug, field=field, data=data, actor=actor)
        case _:
            raise invalid("act", "table_act")


@get("/services/{slug:str}/tables/{field:str}/template", opt=PERSON)
async def download_template(
    slug: FromPath[str], field: FromPath[str], format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    table = queries.tables.table_of(slug, field)
    return await handed_out(*queries.tables.template_rows(slug, field), f"{table.label}模板", format)


@get("/services/{slug:str}/tables/{field:str}/wrong", opt=PERSON)
async def download_wrong(
    slug: FromPath[str], field: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    table = queries.tables.table_of(slug, field)
    return await handed_out(*await queries.tables.wrong_rows(slug, field, actor), f"{table.label}要改的行", format)


async def _table_page(
    request: AnyRequest, slug: str, field: str, actor: Actor, *, error: AppError | None = None
) -> Response[str]:
    """What was sent last stays on the page, whatever was wrong with the next."""
    table = queries.tables.table_of(slug, field)
    found = await queries.tables.table_sheet(slug, field, actor)
    rows = found.rows if found else len(await queries.tables.rows_in_draft(slug, field, actor))
    return page(
        request,
        "portal/casework/table.html",
        title=table.label,
        status=error.status if error else 200,
        service=queries.item(slug),
        table=table,
        columns=queries.tables.columns_of(table),
        screen_no=queries.tables.screen_of(slug, field),
        rows=rows,
        sheet=found,
        problem=(error.errors[0].message if error.errors else error.detail) if error else "",
    )


routes = [show_table, send_sheet, act_on_sheet, download_template, download_wrong]
