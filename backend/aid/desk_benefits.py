"""The desk's page of the plans in force."""

from typing import Any

from litestar import Request, Response, get

from backend.aid import queries
from backend.web.access import may
from backend.web.pages import page


@get("/aid/plans", opt=may("aid.view"))
async def show_plans(request: Request[Any, Any, Any]) -> Response[str]:
    found = await queries.plan_list()
    return page(request, "desk/aid/plans.html", title="互助计划", tab="plans", plans=found.items)


routes = [show_plans]
