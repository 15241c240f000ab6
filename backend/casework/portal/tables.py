"""The page on which a table is filled from a sheet, for an application or for its correction: send, look, take over.
Works without JavaScript.
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.casework import commands, queries
from backend.casework.api.tables import take_sent
from backend.casework.queries.tables import Place, in_case, in_draft
from backend.casework.schemas import TableTake
from backend.core.actor import Actor
from backend.core.errors import AppError, invalid
from backend.web.access import PERSON, CurrentActor
from backend.web.downloads import sheet_file
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/services/{slug:str}/tables/{table:str}", opt=PERSON)
async def show_table(
    request: AnyRequest, slug: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _table_page(request, in_draft(slug, table), actor)


@post("/services/{slug:str}/tables/{table:str}", opt=PERSON)
async def send_sheet(
    request: AnyRequest, slug: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _take_sent(request, in_draft(slug, table), actor)


@post("/services/{slug:str}/tables/{table:str}/acts", opt=PERSON)
async def act_on_sheet(
    request: AnyRequest, slug: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    """`add` and `replace` take the rows over, `discard` forgets the sheet, `empty` the rows that are in the draft."""
    return await _do(request, in_draft(slug, table), actor)


@get("/services/{slug:str}/tables/{table:str}/template", opt=PERSON)
async def download_template(
    slug: FromPath[str], table: FromPath[str], format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await _template(in_draft(slug, table), format)


@get("/services/{slug:str}/tables/{table:str}/wrong", opt=PERSON)
async def download_wrong(
    slug: FromPath[str], table: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await _wrong(in_draft(slug, table), actor, format)


@get("/cases/{returned:str}/tables/{table:str}", opt=PERSON)
async def show_case_table(
    request: AnyRequest, returned: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _table_page(request, await in_case(returned, table, actor), actor)


@post("/cases/{returned:str}/tables/{table:str}", opt=PERSON)
async def send_case_sheet(
    request: AnyRequest, returned: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _take_sent(request, await in_case(returned, table, actor), actor)


@post("/cases/{returned:str}/tables/{table:str}/acts", opt=PERSON)
async def act_on_case_sheet(
    request: AnyRequest, returned: FromPath[str], table: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    """As for a draft; the rows wait for the correction that brings them."""
    return await _do(request, await in_case(returned, table, actor), actor)


@get("/cases/{returned:str}/tables/{table:str}/template", opt=PERSON)
async def download_case_template(
    returned: FromPath[str], table: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await _template(await in_case(returned, table, actor), format)


@get("/cases/{returned:str}/tables/{table:str}/wrong", opt=PERSON)
async def download_case_wrong(
    returned: FromPath[str], table: FromPath[str], actor: CurrentActor, format: FromQuery[str] = "xlsx"
) -> Response[bytes]:
    return await _wrong(await in_case(returned, table, actor), actor, format)


def _address(at: Place) -> str:
    return f"/{'cases' if at.is_case else 'services'}/{at.key}/tables/{at.table.name}"


def _form_address(at: Place) -> str:
    if at.is_case:
        return f"/cases/{at.key}/correction"
    return f"/services/{at.key}/apply?screen={queries.tables.screen_of(at.key, at.table.name)}"


async def _take_sent(request: AnyRequest, at: Place, actor: Actor) -> Response[Any]:
    try:
        await take_sent(request, at, actor)
    except AppError as error:
        return await _table_page(request, at, actor, error=error)
    return redirect(_address(at))


async def _do(request: AnyRequest, at: Place, actor: Actor) -> Response[Any]:
    form = await read_form(request)
    act = form.one("act")
    try:
        await _act(act, at, form.one("sheet"), actor)
    except AppError as error:
        return await _table_page(request, at, actor, error=error)
    left = await queries.tables.table_sheet(at, actor)
    done = act in ("add", "replace") and left is not None and not left.wrong
    return redirect(_form_address(at) if done else _address(at))


async def _act(act: str, at: Place, sheet: str, actor: Actor) -> None:
    match act:
        case "discard":
            await commands.tables.discard_sheet(at=at, actor=actor)
        case "empty" if not at.is_case:
            await commands.tables.empty_table(at=at, actor=actor)
        case "add" | "replace":
            await commands.tables.take_rows(at=at, data=TableTake(sheet=sheet, mode=act), actor=actor)
        case _:
            raise invalid("act", "table_act")


async def _template(at: Place, form: str) -> Response[bytes]:
    return await sheet_file(*queries.tables.template_rows(at.table), f"{at.table.label}模板", form, to_fill_in=True)


async def _wrong(at: Place, actor: Actor, form: str) -> Response[bytes]:
    found = await queries.tables.wrong_rows(at, actor)
    return await sheet_file(*found, f"{at.table.label}要改的行", form, to_fill_in=True)


async def _table_page(request: AnyRequest, at: Place, actor: Actor, *, error: AppError | None = None) -> Response[str]:
    """What was sent last stays on the page, whatever was wrong with the next."""
    return page(
        request,
        "portal/casework/table.html",
        title=at.table.label,
        status=error.status if error else 200,
        at=at,
        here=_address(at),
        form=_form_address(at),
        columns=queries.tables.columns_of(at.table),
        rows=len(await queries.tables.rows_now(at, actor)),
        sheet=await queries.tables.table_sheet(at, actor),
        problem=(error.errors[0].message if error.errors else error.detail) if error else "",
    )


routes = [
    show_table,
    send_sheet,
    act_on_sheet,
    download_template,
    download_wrong,
    show_case_table,
    send_case_sheet,
    act_on_case_sheet,
    download_case_template,
    download_case_wrong,
]
