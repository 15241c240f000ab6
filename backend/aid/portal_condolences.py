"""The page on which a member sees the condolences and festival goods of a year."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from backend.aid import queries
from backend.core import clock
from backend.web.access import PERSON, CurrentActor
from backend.web.pages import page


@get("/me/condolences", opt=PERSON)
async def show_usage(
    request: Request[Any, Any, Any], actor: CurrentActor, year: FromQuery[int | None] = None
) -> Response[str]:
    found = await queries.condolence_usage(actor, year=year)
    this = clock.today().year
    return page(request, "portal/aid/condolences.html", title="慰问记录", usage=found, years=[this, this - 1, this - 2])


routes = [show_usage]
