"""JSON doors of hardship files."""

from litestar import get
from litestar.params import FromPath, FromQuery

from backend.aid import queries
from backend.aid.hardship_enums import Grade
from backend.aid.hardship_schemas import FilePage, FileView
from backend.web.access import PERSON, CurrentActor, may
from backend.web.paging import Page, PageLimit

_VIEW = may("aid.view")


@get("/me/aid/files", opt=PERSON)
async def list_own_files(actor: CurrentActor) -> list[FileView]:
    """The hardship files of my household, the latest first."""
    return await queries.own_files(actor)


@get("/desk/aid/files", opt=_VIEW)
async def list_files(
    actor: CurrentActor,
    q: FromQuery[str] = "",
    grade: FromQuery[Grade | None] = None,
    due: FromQuery[bool] = False,
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[FileView]:
    """Files of unions of mine, the latest first; with `due` those that are to be looked at again."""
    return await queries.desk_files(actor, q=q, grade=grade, due=due, limit=limit, cursor=cursor)


@get("/desk/aid/files/{hardship:str}", opt=_VIEW)
async def show_file(hardship: FromPath[str], actor: CurrentActor) -> FilePage:
    """One file with its people, masked, and its history."""
    return await queries.desk_file(hardship, actor)


routes = [list_own_files, list_files, show_file]
