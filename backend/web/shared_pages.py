"""Finished pages for everybody who is not signed in, kept in the memory of a process for as long as they are true.

A door says by `shared(ask)` what its page depends on. That is asked before the page is made, and again before it is
given out, at most every quarter of a second in a process: a page is kept until the answer is another one, and no
longer. So nothing has to be told to the processes when something changes, and losing what is kept costs only time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from http.cookies import SimpleCookie
from typing import Any, NamedTuple

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from backend.core import clock
from backend.core.actor import GUEST

# What a page depends on, as a value that is another one when the page would be.
Ask = Callable[[], Awaitable[Hashable]]

ASKED_EVERY = 0.25  # seconds
MOST_PAGES = 500
LARGEST = 256 * 1024
LONGEST_QUERY = 100

_FRAGMENT = (b"hx-request", b"hx-history-restore-request")
_SEEN_IN_PAGES = ("theme", "size")
_PLAIN = ("", "")


def shared(ask: Ask) -> dict[str, Any]:
    """For the `opt` of a public page that shows the same to all who are not signed in."""
    return {"shared": ask}


async def flow_files() -> Hashable:
    """For pages made of what was loaded at the start. Dates are said without the year while it lasts."""
    return clock.today()


async def note_shared(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard that refuses nobody: it asks before the page is made, so that no page passes for newer than it is."""
    ask: Ask | None = handler.opt.get("shared")
    state = connection.scope["state"]
    if ask is not None and "shared_pages" in state:
        state["shared"] = ask, await state["shared_pages"].now(ask)


class _Kept(NamedTuple):
    headers: list[tuple[bytes, bytes]]
    body: bytes
    route: str
    ask: Ask
    answer: Hashable


class SharedPages:
    """ASGI middleware inside Surface, which says who asks and adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._pages: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._answers: dict[Ask, tuple[float, Hashable]] = {}
        self._making: dict[Hashable, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        while (kept := self._pages.get(key)) is not None:
            if await self.now(kept.ask) == kept.answer:
                self._pages.move_to_end(key, last=True)
                await _send(scope, kept, send)
                return
            making = self._making.get(key)
            if making is None:
                break
            await making.wait()
        await self._make(scope, receive, send, key, alone=kept is not None)

    async def now(self, ask: Ask) -> Hashable:
        """The answer, at most a quarter of a second old. While it is asked, the others get the one before."""
        asked_at, answer = self._answers.get(ask, (float("-inf"), None))
        if clock.monotonic() - asked_at < ASKED_EVERY:
            return answer
        if ask in self._answers:
            self._answers[ask] = clock.monotonic(), answer
        answer = await ask()
        self._answers[ask] = clock.monotonic(), answer
        return answer

    async def _make(self, scope: Scope, receive: Receive, send: Send, key: Hashable, *, alone: bool) -> None:
        """Let the application answer, and keep it when it may be. `alone`: whoever asks for the same page waits."""
        scope["state"]["shared_pages"] = self
        answer = _Answer(send)
        if alone:
            self._making[key] = asyncio.Event()
        try:
            await self.app(scope, receive, answer.send)
            self._keep(scope, key, answer)
        finally:
            if alone:
                self._making.pop(key).set()

    def _keep(self, scope: Scope, key: Hashable, answer: "_Answer") -> None:
        self._pages.pop(key, None)
        noted = scope["state"].get("shared")
        if noted is None or not answer.may_be_kept():
            return
        route = scope.get("path_template") or ""
        self._pages[key] = _Kept(answer.headers, bytes(answer.body), route, *noted)
        if len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)


class _Answer:
    """Passes an answer on and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], [(name, value) for name, value in message["headers"]]
        elif message["type"] == "http.response.body" and len(self.body) <= LARGEST:
            self.body += message["body"]
        await self._send(message)

    def may_be_kept(self) -> bool:
        is_whole = 0 < len(self.body) <= LARGEST
        return self.status == 200 and is_whole and all(name.lower() != b"set-cookie" for name, _ in self.headers)


async def _send(scope: Scope, kept: _Kept, send: Send) -> None:
    scope["path_template"] = kept.route  # for the log line and the counters
    await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
    await send({"type": "http.response.body", "body": kept.body, "more_body": False})


def _key(scope: Scope) -> Hashable | None:
    """Everything by which the same page looks another way; None for what is nobody's but the asker's."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    state, query = scope["state"], scope["query_string"]
    if state["actor"] is not GUEST or "failure" in state or len(query) > LONGEST_QUERY:
        return None
    host = cookies = fragment = b""
    for name, value in scope["headers"]:
        if name == b"host":
            host = value
        elif name == b"cookie":
            cookies = value
        elif name in _FRAGMENT:
            fragment += name + value
    return scope["path"], query, host, _looks(cookies) if cookies else _PLAIN, fragment


def _looks(cookies: bytes) -> tuple[str, ...]:
    found = SimpleCookie(cookies.decode("latin-1"))
    return tuple(found[name].value if name in found else "" for name in _SEEN_IN_PAGES)
