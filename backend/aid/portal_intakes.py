"""Public pages of yearly batches: window, text, what excludes, and who is proposed."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from backend.aid import queries
from backend.web.access import PUBLIC
from backend.web.pages import page

AnyRequest = Request[Any, Any, Any]


@get("/aid-batches", opt=PUBLIC)
async def list_intakes(request: AnyRequest) -> Response[str]:
    found = await queries.public_intakes()
    return page(request, "portal/aid/batches.html", title="金秋助学批次", intakes=found)


@get("/aid-batches/{intake:str}", opt=PUBLIC)
async def show_intake(request: AnyRequest, intake: FromPath[str]) -> Response[str]:
    shown = await queries.public_intake(intake)
    return page(request, "portal/aid/batch.html", title=shown.intake.title, shown=shown, intake=shown.intake)


routes = [list_intakes, show_intake]
