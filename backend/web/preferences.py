"""Theme and size of the pages: kept in cookies, so that they hold before anybody signs in."""

from typing import Any

from litestar import Request, post
from litestar.response import Redirect

from backend.core import reference
from backend.web.access import PUBLIC
from backend.web.forms import read_form
from backend.web.pages import SIZES, THEMES, redirect

A_YEAR = 31_536_000


def local_path(target: str, default: str = "/") -> str:
    """`target` when it is a path of ours, else `default`: no redirect leads to another site."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if safe and "\\" not in target else default


@post("/preferences", opt=PUBLIC, include_in_schema=False)
async def set_preferences(request: Request[Any, Any, Any]) -> Redirect:
    form = await read_form(request)
    answer = redirect(local_path(form.one("next", "/")))
    secure = reference.settings().is_production
    for name, allowed in (("theme", THEMES), ("size", SIZES)):
        value = form.one(name)
        if value in allowed:
            answer.set_cookie(name, value, max_age=A_YEAR, samesite="lax", secure=secure, path="/")
    return answer


routes = [set_preferences]
