"""A person's own entries in registers, and what was granted to them."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery

from backend.casework import queries
from backend.payments import queries as payments
from backend.web.access import PERSON, CurrentActor
from backend.web.pages import page


@get("/me/records", opt=PERSON)
async def list_own_records(
    request: Request[Any, Any, Any], actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.own_entries(actor, cursor=cursor)
    return page(
        request,
        "portal/casework/records.html",
        title="登记和待拨付",
        tab="me",
        rows=found.items,
        dues=(await payments.own_dues(actor, limit=50)).items if cursor is None else [],
        more_href=f"/me/records?cursor={found.next_cursor}" if found.next_cursor else "",
    )


routes = [list_own_records]
