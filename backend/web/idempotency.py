"""`Idempotency-Key`: the same creating POST answered twice with the first answer, kept 72 hours.

The stored answer is a courtesy to the caller; that nothing happens twice is the business of the keys
inside the commands. So a run that died between commit and answer is simply run again.
"""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import clock, database
from backend.core.actor import GUEST
from backend.core.errors import AppError, BadRequest, Conflict, Invalid, TooLarge
from backend.web.problems import problem_bytes

KEEP = timedelta(hours=72)
ABANDONED = timedelta(seconds=30)
WAIT_SECONDS = 5.0
MAX_BODY = 2 * 1024 * 1024
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
            body = await _read_body(receive)
            await self._once(scope, key, body, send)
        except AppError as error:
            await _send_problem(send, error)

    async def _once(self, scope: Scope, key: str, body: bytes, send: Send) -> None:
        if len(key) > MAX_KEY or not key.isprintable():
            raise BadRequest("bad_idempotency_key")
        actor = scope["state"].get("actor", GUEST)
        row_id = hashlib.sha256(f"{actor.account_id}\x00{scope['path']}\x00{key}".encode()).hexdigest()
        request_hash = hashlib.sha256(body).hexdigest()
        kept = await self._claim(row_id, request_hash)
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

    async def _run(self, scope: Scope, body: bytes, row_id: str, send: Send) -> None:
        answer = bytearray()
        status = 500

        async def receive_again() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep_and_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                answer.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._settle(row_id, status, bytes(answer))
            await send(message)

        await self.app(scope, receive_again, keep_and_send)

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


def _key(scope: Scope) -> str | None:
    if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or not scope["path"].startswith("/api/"):
        return None
    if scope["path"].startswith(_NEVER_KEPT):
        return None
    headers = dict(scope["headers"])
    if b"multipart" in headers.get(b"content-type", b""):
        return None
    raw = headers.get(b"idempotency-key")
    return raw.decode("latin-1") if raw else None


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BadRequest("undecodable")
        body.extend(message.get("body", b""))
        if len(body) > MAX_BODY:
            raise TooLarge("too_large")
        if not message.get("more_body"):
            return bytes(body)


async def _send_problem(send: Send, error: AppError) -> None:
    extra = [] if error.retry_after is None else [(b"retry-after", str(error.retry_after).encode())]
    await _send(send, error.status, problem_bytes(error), b"application/problem+json", extra)


async def _send(
    send: Send, status: int, body: bytes, media: bytes, extra: list[tuple[bytes, bytes]] | None = None
) -> None:
    headers = [(b"content-type", media), (b"content-length", str(len(body)).encode()), *(extra or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
