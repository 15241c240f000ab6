"""`GET /me/payments`: what was granted to me."""

from litestar import get
from litestar.params import FromQuery

from backend.payments import queries
from backend.payments.schemas import DueView
from backend.web.access import PERSON, CurrentActor
from backend.web.paging import Page, PageLimit


@get("/me/payments", opt=PERSON)
async def list_own_dues(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[DueView]:
    """Amounts that decisions have granted me, the latest first; `waiting` means granted and not paid yet."""
    return await queries.own_dues(actor, limit=limit, cursor=cursor)


routes = [list_own_dues]
