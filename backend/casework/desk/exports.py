"""Pages of the export centre: ask, watch, fetch; and the log for auditors."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from backend.casework import commands, queries
from backend.casework.api.exports import streamed
from backend.casework.queries.exports import AUDIT
from backend.casework.schemas import ExportInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_EXPORT = may("export.make")


@get("/exports", opt=_EXPORT)
async def list_exports(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    return await _centre(request, actor, cursor=cursor)


@get("/exports/new", opt=_EXPORT)
async def show_form(request: AnyRequest, actor: CurrentActor, kind: FromQuery[str] = "cases") -> Response[str]:
    given = {name: value for name, value in request.query_params.items() if name != "kind"}
    return await _form(request, kind, given, actor)


@post("/exports", opt=_EXPORT)
async def request_export(request: AnyRequest, actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    data = _asked(form)
    try:
        await commands.exports.request(data=data, actor=actor)
    except NotFound:
        raise
    except AppError as error:
        return await _form(request, data.kind, {**data.filters}, actor, data=data, error=error)
    return redirect("/desk/exports")


@post("/exports/{export:str}/restart", opt=_EXPORT)
async def restart_export(request: AnyRequest, export: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.exports.restart(export=export, actor=actor)
    return redirect("/desk/exports")


@get("/exports/{export:str}/file", opt=_EXPORT)
async def download_export(export: FromPath[str], actor: CurrentActor) -> Stream:
    return streamed(await commands.exports.download(export=export, actor=actor))


@get("/exports/log", opt=may(AUDIT))
async def show_log(request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None) -> Response[str]:
    found = await queries.export_log(actor, limit=50, cursor=cursor)
    more = f"/desk/exports/log?cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request,
        "desk/casework/export_log.html",
        title="导出记录",
        tab="exports",
        exports=found.items,
        may_export=actor.can("export.make"),
        more_href=more,
    )


async def _centre(request: AnyRequest, actor: Actor, *, cursor: str | None) -> Response[str]:
    found = await queries.own_exports(actor, cursor=cursor)
    return page(
        request,
        "desk/casework/exports.html",
        title="导出中心",
        tab="exports",
        exports=found.items,
        kinds=[(name, kind.title) for name, kind in queries.kinds_for(actor)],
        may_audit=actor.can(AUDIT),
        # A later page of the list stays as it is.
        going=cursor is None and any(one.state in ("waiting", "running") for one in found.items),
        more_href=f"/desk/exports?cursor={found.next_cursor}" if found.next_cursor else "",
    )


async def _form(
    request: AnyRequest,
    kind: str,
    given: dict[str, Any],
    actor: Actor,
    *,
    data: ExportInput | None = None,
    error: AppError | None = None,
) -> Response[str]:
    form = await queries.export_form(kind, given, actor)
    errors = {one.field.removeprefix("filters."): one.message for one in error.errors} if error else {}
    return page(
        request,
        "desk/casework/export_form.html",
        title=f"导出{form.title}",
        tab="exports",
        status=error.status if error else 200,
        form=form,
        given=data or ExportInput(kind=kind),
        errors=errors,
        problem=errors.get("filters") or ("" if errors or error is None else error.detail),
    )


def form_address(actor: Actor, kind: str, filters: Mapping[str, str]) -> str:
    """Where a list is exported as it stands; empty for whoever may export nothing."""
    given = {"kind": kind, **{name: value for name, value in filters.items() if value}}
    return f"/desk/exports/new?{urlencode(given)}" if actor.can("export.make") else ""


def _asked(form: FormInput) -> ExportInput:
    """Filters come as `filter.<name>`."""
    return ExportInput(
        kind=form.one("kind"),
        reason=form.one("reason"),
        format=form.one("format"),
        reveal=form.one("reveal") == "1",
        filters={name.removeprefix("filter."): form.one(name) for name in form.values if name.startswith("filter.")},
    )


routes = [list_exports, show_form, request_export, restart_export, download_export, show_log]
