"""`Idempotency-Key`: the same creating POST answered twice with the first answer, kept 72 hours.

The stored answer is a courtesy to the caller; that nothing happens twice is the business of the keys
inside the commands. So a run that died between commit and answer is simply run again.
"""

import asyncio
import hashlib
from collections import deque
from datetime import timedelta
from typing import Any

import msgspec
import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import clock, database
from backend.core.actor import GUEST
from backend.core.errors import (
    AppError,
    BadRequest,
    Conflict,
    Invalid,
    TooLarge,
    Unavailable,
    is_connection_loss,
    is_retryable,
)
from backend.web.body_digests import digest_for
from backend.web.problems import problem_bytes

log = structlog.get_logger(__name__)

KEEP = timedelta(hours=72)
ABANDONED = timedelta(seconds=30)
WAIT_SECONDS = 5.0
MAX_BODY = 2 * 1024 * 1024
MAX_FORM = 12 * 1024 * 1024  # as much as the application takes
MAX_KEY = 255
# Answers with tokens in them are not stored.
_NEVER_KEPT = "/api/v1/auth/"


class _Kept(msgspec.Struct):
    request_hash: str
    state: str
    status: int
    body: str


class StillRunning(Conflict):
    def __init__(self) -> None:
        super().__init__("still_running")
        self.retry_after = 2


class Idempotency:
    """ASGI middleware around the JSON API; runs inside Surface, so the actor is known."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        try:
            await self._once(scope, key, await _read_body(scope, receive), send)
        except AppError as error:
            await _send_problem(send, error)

    async def _once(self, scope: Scope, key: str, body: "_Body", send: Send) -> None:
        if len(key) > MAX_KEY or not key.isprintable():
            raise BadRequest("bad_idempotency_key")
        actor = scope["state"].get("actor", GUEST)
        row_id = hashlib.sha256(f"{actor.account_id}\x00{scope['path']}\x00{key}".encode()).hexdigest()
        try:
            kept = await self._claim(row_id, body.digest)
        except Exception as exc:
            # Outside the application, where nobody else makes an answer of it.
            if is_connection_loss(exc) or is_retryable(exc):
                raise Unavailable() from exc
            raise
        if kept is not None:
            await _send(send, kept.status, kept.body.encode(), b"application/json")
            return
        await self._run(scope, body, row_id, send)

    async def _claim(self, row_id: str, request_hash: str) -> _Kept | None:
        """None when this call shall run; the first answer when there is one."""
        deadline = clock.monotonic() + WAIT_SECONDS
        while True:
            now = clock.now()
            row = {"id": row_id, "request_hash": request_hash, "state": "running", "created_at": now}
            if await database.insert_if_absent("idempotent_answer", row | {"status": 0, "body": ""}, key="id"):
                return None
            kept = await database.view(
                _Kept, "SELECT request_hash, state, status, body FROM idempotent_answer WHERE id = %s", row_id
            )
            if kept is None:
                continue
            if kept.request_hash != request_hash:
                raise Invalid([], code="idempotency_key_reused")
            if kept.state == "done":
                return kept
            if await self._take_over(row_id):
                return None
            if clock.monotonic() > deadline:
                raise StillRunning()
            await asyncio.sleep(0.05)

    async def _take_over(self, row_id: str) -> bool:
        """A run that never answered was cut off; its key is free again after a while."""
        now = clock.now()
        return bool(
            await database.execute(
                "UPDATE idempotent_answer SET created_at = %s WHERE id = %s AND state = 'running' AND created_at < %s",
                now,
                row_id,
                now - ABANDONED,
            )
        )

    async def _run(self, scope: Scope, body: "_Body", row_id: str, send: Send) -> None:
        answer = bytearray()
        status = 500

        async def keep_and_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                answer.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._try_to_settle(row_id, status, bytes(answer))
            await send(message)

        await self.app(scope, body.receive, keep_and_send)

    async def _try_to_settle(self, row_id: str, status: int, body: bytes) -> None:
        """What was done is done and its answer is under way: it goes out even when it cannot be kept."""
        try:
            await self._settle(row_id, status, body)
        except Exception as exc:
            if not is_connection_loss(exc) and not is_retryable(exc):
                raise
            log.warning("idempotency.not_kept", error=type(exc).__name__)

    async def _settle(self, row_id: str, status: int, body: bytes) -> None:
        if 200 <= status < 300:
            await database.execute(
                "UPDATE idempotent_answer SET state = 'done', status = %s, body = %s WHERE id = %s",
                status,
                body.decode(),
                row_id,
            )
        else:
            # A refusal had no effect: the corrected request may come with the same key.
            await database.execute("DELETE FROM idempotent_answer WHERE id = %s", row_id)


def is_kept(method: str, path: str) -> bool:
    """Whether answers of this address are kept for those who send a key."""
    return method == "POST" and path.startswith("/api/") and not path.startswith(_NEVER_KEPT)


def _key(scope: Scope) -> str | None:
    if scope["type"] != ScopeType.HTTP or not is_kept(scope["method"], scope["path"]):
        return None
    headers = dict(scope["headers"])
    if _is_form(headers) and not scope["state"].get("actor", GUEST).signed_in:
        # Whoever may not send files is refused before any of it is read.
        return None
    raw = headers.get(b"idempotency-key")
    return raw.decode("latin-1") if raw else None


def _is_form(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-type", b"").lower().startswith(b"multipart/")


class _Body:
    """A body that was read and is handed on in the pieces in which it came, each let go of as it is taken."""

    def __init__(self, chunks: deque[bytes], digest: str) -> None:
        self._chunks = chunks
        self.digest = digest

    async def receive(self) -> Any:
        chunk = self._chunks.popleft() if self._chunks else b""
        return {"type": "http.request", "body": chunk, "more_body": bool(self._chunks)}


async def _read_body(scope: Scope, receive: Receive) -> _Body:
    headers = dict(scope["headers"])
    limit = MAX_FORM if _is_form(headers) else MAX_BODY
    digest = digest_for(headers.get(b"content-type", b"").decode("latin-1"))
    chunks: deque[bytes] = deque()
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest("undecodable")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge("too_large")
        digest.update(chunk)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return _Body(chunks, digest.hexdigest())


async def _send_problem(send: Send, error: AppError) -> None:
    extra = [] if error.retry_after is None else [(b"retry-after", str(error.retry_after).encode())]
    await _send(send, error.status, problem_bytes(error), b"application/problem+json", extra)


async def _send(
    send: Send, status: int, body: bytes, media: bytes, extra: list[tuple[bytes, bytes]] | None = None
) -> None:
    headers = [(b"content-type", media), (b"content-length", str(len(body)).encode()), *(extra or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
