"""Pages kept for everybody who is not signed in, on a small application of their own."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, get

from backend.core import clock, reference
from backend.core.actor import Actor
from backend.core.settings import Settings
from backend.web import shared_pages
from backend.web.access import PUBLIC, check_access
from backend.web.pages import is_htmx
from backend.web.shared_pages import SharedPages, note_shared, shared
from backend.web.surface import Frame, Surface

world = SimpleNamespace()


async def places_left() -> int:
    world.asked += 1
    return world.left


@get("/board", opt=PUBLIC | shared(places_left))
async def board(request: Request[Any, Any, Any]) -> Response[str]:
    world.made += 1
    left = world.left
    world.begun.set()
    for _ in range(world.wait):
        await asyncio.sleep(0)
    looks = request.cookies.get("theme", "auto"), "fragment" if is_htmx(request) else "page"
    return Response(f"{left} left, {looks[0]} {looks[1]}, {request.url.netloc}", media_type="text/html")


@get("/own", opt=PUBLIC)
async def own() -> str:
    world.made += 1
    return "never kept"


@get("/cookie", opt=PUBLIC | shared(places_left))
async def with_cookie() -> Response[str]:
    world.made += 1
    answer = Response("a cookie")
    answer.set_cookie("seen", "1")
    return answer


@get("/broken", opt=PUBLIC | shared(places_left))
async def broken() -> Response[str]:
    world.made += 1
    return Response("no", status_code=503)


async def load_actor(token: str) -> Actor | None:
    return Actor(kind="person", account_id=1, display="王小测") if token == "person" else None


async def load_frame(_: Actor, __: str) -> Frame:
    return Frame(unread=0, shell=None)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The clock that says how long ago something was asked."""
    stands = SimpleNamespace(at=100.0)
    monkeypatch.setattr(clock, "monotonic", lambda: stands.at)
    yield stands


@pytest.fixture
def client(settings: Settings, now: SimpleNamespace) -> httpx.AsyncClient:
    reference.load(settings)
    vars(world).update(left=3, asked=0, made=0, wait=0, begun=asyncio.Event())
    app = Litestar(
        [board, own, with_cookie, broken], guards=[check_access, note_shared], openapi_config=None, logging_config=None
    )
    app.asgi_handler = Surface(SharedPages(app.asgi_handler), load_actor=load_actor, load_frame=load_frame)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] - Litestar types its scope more narrowly
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


async def test_a_page_is_made_once_for_all_guests(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/board"), await client.get("/board")
    assert first.text == second.text == "3 left, auto page, testserver"
    assert (world.made, world.asked) == (1, 1)
    kept = [name for name in first.headers if name != "x-request-id"]
    assert {name: second.headers[name] for name in kept} == {name: first.headers[name] for name in kept}
    assert second.headers["x-request-id"] != first.headers["x-request-id"]


async def test_it_is_made_again_when_what_it_shows_has_changed(client: httpx.AsyncClient, now: SimpleNamespace) -> None:
    await client.get("/board")
    world.left = 2
    now.at += shared_pages.ASKED_EVERY - 0.01
    assert (await client.get("/board")).text.startswith("3 left")
    now.at += 0.02
    assert (await client.get("/board")).text.startswith("2 left")
    now.at += 10
    assert (await client.get("/board")).text.startswith("2 left")
    assert (world.made, world.asked) == (2, 3)


async def test_a_page_never_passes_for_newer_than_it_is(client: httpx.AsyncClient, now: SimpleNamespace) -> None:
    """What changes while a page is made is not in it: the next guest sees it."""
    world.wait = 3
    first = asyncio.create_task(client.get("/board"))
    await world.begun.wait()
    world.left = 2
    assert (await first).text.startswith("3 left")
    now.at += 1
    assert (await client.get("/board")).text.startswith("2 left")


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"cookie": "theme=dark"}, "3 left, dark page, testserver"),
        ({"hx-request": "true"}, "3 left, auto fragment, testserver"),
        ({"host": "union.example"}, "3 left, auto page, union.example"),
    ],
    ids=["theme", "fragment", "host"],
)
async def test_everybody_gets_the_page_that_looks_as_they_asked(
    client: httpx.AsyncClient, headers: dict[str, str], text: str
) -> None:
    plain = (await client.get("/board")).text
    assert (await client.get("/board", headers=headers)).text == text
    assert (await client.get("/board")).text == plain
    assert world.made == 2


async def test_whoever_is_signed_in_gets_no_kept_page(client: httpx.AsyncClient) -> None:
    await client.get("/board")
    signed_in = {"cookie": "session=person"}
    assert (await client.get("/board", headers=signed_in)).status_code == 200
    assert world.made == 2
    assert (await client.get("/board", headers={"cookie": "session=ended"})).status_code == 200
    assert world.made == 2


@pytest.mark.parametrize("path", ["/own", "/cookie", "/broken", "/nowhere"])
async def test_what_may_not_be_kept_is_not(client: httpx.AsyncClient, path: str) -> None:
    answers = [await client.get(path) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code
    assert world.made == (0 if path == "/nowhere" else 2)


async def test_a_hundred_guests_wait_for_one_new_page(client: httpx.AsyncClient, now: SimpleNamespace) -> None:
    await client.get("/board")
    world.left, world.wait = 2, 5
    now.at += 1
    answers = await asyncio.gather(*(client.get("/board") for _ in range(100)))
    assert {answer.text for answer in answers} == {"2 left, auto page, testserver"}
    assert world.made == 2


async def test_no_more_pages_are_kept_than_fit(client: httpx.AsyncClient) -> None:
    for number in range(shared_pages.MOST_PAGES + 1):
        await client.get(f"/board?n={number}")
    await client.get(f"/board?n={shared_pages.MOST_PAGES}")
    assert world.made == shared_pages.MOST_PAGES + 1
    await client.get("/board?n=0")
    assert world.made == shared_pages.MOST_PAGES + 2
