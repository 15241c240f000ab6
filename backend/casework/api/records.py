"""JSON doors of registers: one's own entries, and those of the desk's unions."""

from litestar import get
from litestar.params import FromQuery

from backend.casework import queries
from backend.casework.queries import RecordQuery
from backend.casework.schemas import RecordView
from backend.web.access import PERSON, CurrentActor, may
from backend.web.paging import Page, PageLimit


@get("/me/records", opt=PERSON)
async def list_own_records(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[RecordView]:
    """What my applications left behind: certificates, files, policies; the latest first."""
    return await queries.own_entries(actor, limit=limit, cursor=cursor)


@get("/desk/records", opt=may("case.view"))
async def list_records(
    actor: CurrentActor,
    kind: FromQuery[str] = "",
    status: FromQuery[str] = "",
    q: FromQuery[str] = "",
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[RecordView]:
    """Registers of my unions, the latest first; `q` is the beginning of a number or of a name."""
    wanted = RecordQuery(kind=kind, q=q, state=status)
    return await queries.entries(actor, wanted, limit=limit, cursor=cursor)


routes = [list_own_records, list_records]
