"""Which list of the queue a page belongs to. Its address says so, on every page that one reaches from the list."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request

from backend.casework.queries import QueueQuery


def wanted_of(request: Request[Any, Any, Any]) -> QueueQuery:
    given = request.query_params
    return QueueQuery(
        service=given.get("service", ""),
        status=given.get("status", ""),
        overdue=given.get("overdue", "") in ("1", "true"),
        due=given.get("due", ""),
        done=given.get("done", ""),
        q=given.get("q", "")[:200],
        cover=given.get("cover", "")[:20],
    )


def query_of(request: Request[Any, Any, Any]) -> str:
    """Kept on every link, so that the list stays the same while one works through it."""
    given = {name: value for name, value in request.query_params.items() if name != "cursor"}
    return f"?{urlencode(given)}" if given else ""
