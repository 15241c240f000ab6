"""The desk's page of registers."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromQuery

from backend.casework import catalogue, queries
from backend.casework.enums import RECORD_STATE_TEXT
from backend.casework.queries import RecordQuery
from backend.web.access import CurrentActor, may
from backend.web.pages import page


@get("/records", opt=may("case.view"))
async def list_records(
    request: Request[Any, Any, Any],
    actor: CurrentActor,
    kind: FromQuery[str] = "",
    status: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    wanted = RecordQuery(kind=kind, q=q, state=status)
    found = await queries.entries(actor, wanted, cursor=cursor)
    following = urlencode({"kind": kind, "status": status, "q": q, "cursor": found.next_cursor or ""})
    return page(
        request,
        "desk/casework/records.html",
        title="登记簿",
        tab="records",
        rows=found.items,
        wanted=wanted,
        registers=catalogue.current().registers(),
        states=RECORD_STATE_TEXT,
        may_export=actor.can("export.make"),
        more_href=f"/desk/records?{following}" if found.next_cursor else "",
    )


routes = [list_records]
