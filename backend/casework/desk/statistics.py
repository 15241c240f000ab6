"""Pages of figures: the manager's view, and the rows behind each number."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from backend.casework import catalogue, queries
from backend.casework.desk.exports import form_address
from backend.core import reference
from backend.web.access import CurrentActor, may
from backend.web.pages import page

AnyRequest = Request[Any, Any, Any]
_STATS = may("stats.view")
_KINDS = {"in": "收件", "out": "办结", "open": "在办", "overdue": "逾期", "returned": "退回过"}


@get("/statistics", opt=_STATS)
async def show_statistics(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    given = _given(request)
    wanted = queries.StatisticsQuery(flow=given["service"], town=given["division"], month=given["month"])
    figures = await queries.statistics(actor, wanted)
    return page(
        request,
        "desk/casework/statistics.html",
        title="统计",
        tab="statistics",
        figures=figures,
        given=given,
        narrowed=_narrowed(given),
        export_href=form_address(actor, "statistics", given),
        link=lambda **more: "?" + urlencode({key: value for key, value in {**given, **more}.items() if value}),
    )


@get("/statistics/cases", opt=_STATS)
async def list_cases_behind(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    given, params = _given(request), request.query_params
    kind = params.get("kind", "in")
    wanted = queries.RowsQuery(kind=kind, flow=given["service"], town=given["division"], month=given["month"])
    found = await queries.figure_rows(actor, wanted, limit=50, cursor=params.get("cursor"))
    query = urlencode({name: value for name, value in {**given, "kind": kind}.items() if value})
    return page(
        request,
        "desk/casework/figure_rows.html",
        title=_KINDS[kind],
        tab="statistics",
        rows=found.items,
        narrowed=_narrowed(given),
        export_href=form_address(actor, "cases", given | {"figure": kind}),
        more_href=f"/desk/statistics/cases?{query}&cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/straight-through", opt=_STATS)
async def list_straight_through(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    found = await queries.straight_list(actor)
    return page(request, "desk/casework/straight_list.html", title="自动办理", tab="statistics", found=found)


@get("/straight-through/{slug:str}", opt=_STATS)
async def show_dry_run(
    request: AnyRequest, slug: FromPath[str], actor: CurrentActor, days: FromQuery[int] = 90
) -> Response[str]:
    found = await queries.dry_run(slug, actor, days=days)
    return page(request, "desk/casework/straight_run.html", title="试算", tab="statistics", run=found)


def _given(request: AnyRequest) -> dict[str, str]:
    return {name: request.query_params.get(name, "")[:40] for name in ("service", "division", "month")}


def _narrowed(given: dict[str, str]) -> list[str]:
    """What the figures are narrowed to, in words."""
    item = catalogue.current().item(given["service"]) if given["service"] else None
    town = reference.divisions().name(given["division"]) if given["division"] else ""
    return [part for part in (item.name if item else "", town, given["month"]) if part]


routes = [show_statistics, list_cases_behind, list_straight_through, show_dry_run]
