"""Forged requests: every unsafe method that comes from a browser must come from our own pages.

Browsers send Sec-Fetch-Site over HTTPS and on localhost, and Origin (old ones at least Referer) with every
unsafe request. One that carries our cookie and none of the three is refused: whatever sent it does not say
where it comes from. Bearer tokens are not sent by browsers on their own, so they need no such check.
"""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.core import reference
from backend.core.errors import Forbidden
from backend.web.surface import cookie_name

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def check_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if connection.scope.get("method") in SAFE_METHODS or _is_bearer(connection):
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Forbidden("foreign_origin")
        return
    source = connection.headers.get("origin") or connection.headers.get("referer")
    if source is None:
        if cookie_name() in connection.cookies:
            raise Forbidden("foreign_origin")
    elif not _is_ours(source, connection):
        raise Forbidden("foreign_origin")


def _is_bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    return connection.headers.get("authorization", "").lower().startswith("bearer ")


def _is_ours(source: str, connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    parts = urlsplit(source)
    public = reference.settings().public_url
    if public:
        ours = urlsplit(public)
        return (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc)
    return bool(parts.netloc) and parts.netloc == connection.headers.get("host")
