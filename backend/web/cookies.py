"""The session cookie, set and taken back."""

from litestar.datastructures import Cookie

from backend.core import reference
from backend.web.surface import cookie_name

# What this browser kept of the person who signs out. Cookies stay: theme and large print belong to the
# device, and the session cookie is taken back by name.
CLEAR_SITE_DATA = {"clear-site-data": '"cache", "storage"'}


def session_cookie(token: str, *, max_age: int) -> Cookie:
    return _cookie(token, max_age)


def ended_session_cookie() -> Cookie:
    return _cookie("", 0)


def _cookie(value: str, max_age: int) -> Cookie:
    return Cookie(
        key=cookie_name(),
        value=value,
        max_age=max_age,
        path="/",
        secure=reference.settings().is_production,
        httponly=True,
        samesite="lax",
    )
