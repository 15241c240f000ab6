"""Signs of life. Nothing here tells strangers more than what works and what does not."""

import asyncio
import hmac
from typing import Any

import msgspec
from litestar import Request, Response, get

from backend.core import database, doorbell, heartbeats, metrics, reference, schema
from backend.core.errors import NotFound
from backend.web.access import PUBLIC

_HERE = ("127.0.0.1", "::1")
# What a proxy adds. A request that has one of these was not made on this machine.
_FORWARDED = ("x-forwarded-for", "x-real-ip", "forwarded", "via")
# Longer than a busy database takes, shorter than the five seconds in which a prober wants to know.
_PATIENCE = 3.0


class Health(msgspec.Struct, kw_only=True):
    """`ready` and `degraded` serve; `unavailable` does not."""

    status: str
    database: str = "ok"  # ok or away
    schema: str = "ok"  # ok or behind
    redis: str = "ok"  # ok, away or none
    worker: str = "ok"  # ok, silent or "not seen yet"
    worker_silent_seconds: int | None = None


@get("/livez", opt=PUBLIC, include_in_schema=False)
async def livez() -> dict[str, str]:
    return {"status": "alive"}


@get("/readyz", opt=PUBLIC, include_in_schema=False)
async def readyz() -> Response[Health]:
    """200 when requests can be served, though a part of what follows them may run late."""
    health = await _health()
    return Response(health, status_code=503 if health.status == "unavailable" else 200)


async def _health() -> Health:
    try:
        async with asyncio.timeout(_PATIENCE):
            await database.scalar("SELECT 1")
            if not await schema.is_newest():
                return Health(status="unavailable", schema="behind", redis="unknown", worker="unknown")
            silent = await heartbeats.age(heartbeats.WORKER)
    except Exception:
        return Health(status="unavailable", database="away", schema="unknown", redis="unknown", worker="unknown")
    redis = {None: "none", True: "ok", False: "away"}[await doorbell.answers()]
    worker = "not seen yet" if silent is None else "silent" if silent > heartbeats.SILENT else "ok"
    return Health(
        status="ready" if (redis, worker) == ("ok", "ok") else "degraded",
        redis=redis,
        worker=worker,
        worker_silent_seconds=None if silent is None else int(silent.total_seconds()),
    )


@get("/metrics", opt=PUBLIC, include_in_schema=False, media_type="text/plain")
async def show_metrics(request: Request[Any, Any, Any]) -> bytes:
    """For a scraper on this machine, or one that knows the token; everybody else finds nothing here."""
    if not (_knows_token(request) or _is_here(request)):
        raise NotFound()
    now = {"union_outbox_waiting": await database.scalar("SELECT COUNT(*) FROM outbox WHERE state = 'waiting'")}
    silent = await heartbeats.age(heartbeats.WORKER)
    if silent is not None:
        now["union_worker_silent_seconds"] = silent.total_seconds()
    return await asyncio.to_thread(metrics.render, now)


def _knows_token(request: Request[Any, Any, Any]) -> bool:
    token = reference.settings().metrics_token
    given = request.headers.get("authorization", "").encode("latin-1")
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())


def _is_here(request: Request[Any, Any, Any]) -> bool:
    """The connection and the name that was asked for are this machine's, and no proxy stands between."""
    peer = request.client.host if request.client else ""
    name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    forwarded = any(header in request.headers for header in _FORWARDED)
    return peer in _HERE and name in ("127.0.0.1", "localhost", "[::1]") and not forwarded


routes = [livez, readyz, show_metrics]
