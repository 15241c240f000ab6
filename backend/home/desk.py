"""The desk's front door."""

from litestar import get
from litestar.response import Redirect

from backend.home import desk_account
from backend.web.access import STAFF
from backend.web.pages import redirect


@get("/", opt=STAFF)
async def front_door() -> Redirect:
    return redirect("/desk/cases")


routes = [front_door, *desk_account.routes]
