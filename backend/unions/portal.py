"""Where an invite leads."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from backend.unions import queries
from backend.web.access import PUBLIC
from backend.web.pages import page


@get("/i/{code:str}", opt=PUBLIC)
async def show_invite(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[str]:
    invite = await queries.invite_view(code)
    return page(request, "portal/unions/invite.html", title="加入工会", invite=invite, code=queries.normal_code(code))


routes = [show_invite]
