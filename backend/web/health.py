"""Signs of life. Nothing here says more than up or down to strangers."""

from typing import Any

from litestar import Request, Response, get

from backend.core import database, metrics
from backend.core.errors import NotFound
from backend.web.access import PUBLIC


@get("/livez", opt=PUBLIC, include_in_schema=False)
async def livez() -> dict[str, str]:
    return {"status": "alive"}


@get("/readyz", opt=PUBLIC, include_in_schema=False)
async def readyz() -> Response[dict[str, Any]]:
    """200 when the database answers with the present schema; `degraded` names what runs late."""
    try:
        await database.scalar("SELECT 1")
        worker = await database.scalar("SELECT MAX(at) FROM heartbeat")
    except Exception:
        return Response({"status": "unavailable"}, status_code=503)
    return Response({"status": "ready", "worker": "seen" if worker else "not seen yet"})


@get("/metrics", opt=PUBLIC, include_in_schema=False, media_type="text/plain")
async def show_metrics(request: Request[Any, Any, Any]) -> bytes:
    """For the scraper on the same machine; everybody else finds nothing here."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for") is not None
    if peer not in ("127.0.0.1", "::1") or forwarded:
        raise NotFound()
    waiting = await database.scalar("SELECT COUNT(*) FROM outbox WHERE state = %s", "waiting")
    metrics.outbox_waiting.set(waiting)
    return metrics.render()


routes = [livez, readyz, show_metrics]
