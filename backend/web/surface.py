"""Around every request: who asks, the headers of every answer, one log line and the timings."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import ids, metrics, reference
from backend.core.actor import GUEST, Actor

log = structlog.get_logger("backend.request")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; worker-src 'self'"
)

_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
    "cache-control": "no-store",
}
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
_HSTS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_SKIP = ("/assets/", "/livez", "/readyz", "/metrics")


class Frame(msgspec.Struct, frozen=True):
    """What every page shows of its viewer: unread messages, and at the desk the navigation."""

    unread: int
    shell: object


LoadActor = Callable[[str], Awaitable[Actor | None]]
LoadFrame = Callable[[Actor, str], Awaitable[Frame]]


def cookie_name() -> str:
    # Browsers drop __Host- cookies over plain HTTP on a LAN address, where the demo is tried out.
    return "__Host-session" if reference.settings().is_production else "session"


class Surface:
    """Wraps the whole application, so that unmatched paths get their headers too. `load_actor` turns a
    session token into an actor, `load_frame` reads what pages show of them; both come from create_app."""

    def __init__(self, app: ASGIApp, *, load_actor: LoadActor, load_frame: LoadFrame) -> None:
        self.app = app
        self.load_actor = load_actor
        self.load_frame = load_frame

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        request_id = ids.public(ids.new_id())

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete_headers(message, request_id)
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._identify(scope)
            await self.app(scope, receive, send_with_headers)
        finally:
            _account_for(scope, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")

    async def _identify(self, scope: Scope) -> None:
        state, path = scope["state"], scope["path"]
        state["actor"], state["frame"] = GUEST, Frame(unread=0, shell=None)
        if path.startswith(_SKIP):
            return
        token = _token(scope)
        if token is None:
            return
        try:
            await self._load(state, token, path)
        except Exception as exc:
            # Raised again by the access check, inside the application, where errors become answers.
            state["failure"] = exc

    async def _load(self, state: Any, token: str, path: str) -> None:
        actor = await self.load_actor(token)
        if actor is None:
            return
        state["actor"] = actor
        if not path.startswith("/api/"):
            state["frame"] = await self.load_frame(actor, path)


def _token(scope: Scope) -> str | None:
    cookies = ""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, credential = value.decode("latin-1").partition(" ")
            return credential.strip() if scheme.lower() == "bearer" else None
        if name == b"cookie":
            cookies = value.decode("latin-1")
    wanted = cookie_name() + "="
    for part in cookies.split(";"):
        part = part.strip()
        if part.startswith(wanted):
            return part[len(wanted) :]
    return None


def _complete_headers(message: Any, request_id: str) -> None:
    headers: list[tuple[bytes, bytes]] = list(message["headers"])
    present = {name.lower() for name, _ in headers}
    headers += [header for header in _RAW_HEADERS if header[0] not in present]
    headers.append((b"x-request-id", request_id.encode()))
    if reference.settings().is_production:
        headers.append(_HSTS)
    message["headers"] = headers


def _account_for(scope: Scope, status: int, seconds: float) -> None:
    route = scope.get("path_template") or "unmatched"
    method = scope.get("method", "")
    metrics.requests.labels(method, route, str(status)).inc()
    metrics.request_seconds.labels(route).observe(seconds)
    if not scope["path"].startswith(_SKIP):
        # The template of the route, never the path: paths may carry case numbers and codes.
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
