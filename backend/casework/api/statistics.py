"""JSON doors of figures and of the rows behind them."""

from litestar import get
from litestar.params import FromPath, FromQuery

from backend.casework import queries
from backend.casework.schemas import DryRun, QueueRow, StatisticsView, StraightList
from backend.web.access import CurrentActor, may
from backend.web.paging import Page, PageLimit

_STATS = may("stats.view")


@get("/desk/statistics", opt=_STATS)
async def show_statistics(
    actor: CurrentActor, service: FromQuery[str] = "", division: FromQuery[str] = "", month: FromQuery[str] = ""
) -> StatisticsView:
    """In, out, open, overdue, median and p90 days and the share returned, by service, township and month."""
    wanted = queries.StatisticsQuery(flow=service, town=division, month=month)
    return await queries.statistics(actor, wanted)


@get("/desk/statistics/cases", opt=_STATS)
async def list_cases_behind(
    actor: CurrentActor,
    kind: FromQuery[str] = "in",
    service: FromQuery[str] = "",
    division: FromQuery[str] = "",
    month: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[QueueRow]:
    """The cases that one figure counts: `kind` is in, out, open, overdue or returned."""
    wanted = queries.RowsQuery(kind=kind, flow=service, town=division, month=month)
    return await queries.figure_rows(actor, wanted, limit=limit, cursor=cursor)


@get("/desk/straight-through", opt=_STATS)
async def list_straight_through(actor: CurrentActor) -> StraightList:
    """Services whose clean cases may pass without a person, and what became of new cases in the last thirty days."""
    return await queries.straight_list(actor)


@get("/desk/straight-through/{slug:str}", opt=_STATS)
async def show_dry_run(slug: FromPath[str], actor: CurrentActor, days: FromQuery[int] = 90) -> DryRun:
    """What the rules say of cases that people decided in the last `days`; nothing is changed by it."""
    return await queries.dry_run(slug, actor, days=days)


routes = [show_statistics, list_cases_behind, list_straight_through, show_dry_run]
