"""Which media type a door takes. A body of another one is refused before it is read."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from backend.core.errors import UnsupportedMedia
from backend.web.same_origin import SAFE_METHODS

JSON, FORM_DATA = "application/json", "multipart/form-data"

# Added to the `opt` of a door of the API that reads a file from its body.
MULTIPART = {"takes": FORM_DATA}


async def check_media(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard. A body without any media type is taken for what the door expects."""
    if connection.scope.get("method") in SAFE_METHODS:
        return
    wanted = handler.opt.get("takes") or (JSON if _takes_struct(handler) else None)
    said = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if wanted is None or not said or said == wanted or (wanted == JSON and said.endswith("+json")):
        return
    raise UnsupportedMedia("unsupported_media")


def _takes_struct(handler: BaseRouteHandler) -> bool:
    return isinstance(handler, HTTPRouteHandler) and handler.parsed_data_field is not None
