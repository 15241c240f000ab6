"""Desk pages of hardship files: the list, those that are to be looked at again, and one file with its history."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from backend.aid import queries
from backend.aid.hardship_enums import GRADE_TEXT, Grade
from backend.web.access import CurrentActor, may
from backend.web.pages import page

AnyRequest = Request[Any, Any, Any]
_VIEW = may("aid.view")


@get("/aid/files", opt=_VIEW)
async def list_files(
    request: AnyRequest,
    actor: CurrentActor,
    q: FromQuery[str] = "",
    grade: FromQuery[Grade | None] = None,
    due: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    found = await queries.desk_files(actor, q=q, grade=grade, due=due, cursor=cursor)
    kept = {"q": q, "grade": grade.value if grade else "", "due": "true" if due else "false"}
    return page(
        request,
        "desk/aid/files.html",
        title="困难职工档案",
        tab="files",
        files=found.items,
        q=q,
        grade=kept["grade"],
        grades=[("", "全部"), *((one.value, text) for one, text in GRADE_TEXT.items())],
        due=due,
        more_href=f"/desk/aid/files?{urlencode(kept | {'cursor': found.next_cursor})}" if found.next_cursor else "",
    )


@get("/aid/files/{hardship:str}", opt=_VIEW)
async def show_file(request: AnyRequest, hardship: FromPath[str], actor: CurrentActor) -> Response[str]:
    shown = await queries.desk_file(hardship, actor)
    return page(request, "desk/aid/file.html", title=shown.file.number, tab="files", shown=shown, file=shown.file)


routes = [list_files, show_file]
