"""Pages of other sites: none of them makes anybody do anything, and odd requests get proper answers."""

from collections.abc import Iterator
from http.cookies import SimpleCookie

import msgspec
import pytest
from litestar import Litestar

from backend.app import create_app
from backend.core import reference
from backend.core.settings import Settings
from tests.factories.application import browser
from tests.factories.world import PASSWORD, World
from tests.walkers import tables
from tests.walkers.acts import Act, acts
from tests.walkers.doors import Door, doors
from tests.walkers.headers import wrong_headers
from tests.walkers.walker import Walker

pytestmark = pytest.mark.slow

FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    {"origin": "https://evil.example"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "https://testserver:8443"},
    {"origin": "null"},
    {"referer": "https://evil.example/http://testserver"},
    {"origin": "\u00ff"},
]


@pytest.fixture(scope="module")
async def own_acts(worlds: tuple[World, World]) -> dict[str, Act]:
    return {act.door: act async for act in acts(worlds[0])}


@pytest.mark.parametrize("headers", FOREIGN, ids=[" ".join(map(repr, one.values())) for one in FOREIGN])
async def test_no_other_site_makes_anybody_do_anything(
    worlds: tuple[World, World],
    own_acts: dict[str, Act],
    walker: Walker,
    every_door: list[Door],
    headers: dict[str, str],
) -> None:
    world, before = worlds[0], await tables.content()
    unsafe = [door for door in every_door if not door.is_safe]
    assert len(unsafe) > 50
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    for door in unsafe:
        act = own_acts[door.name]
        for token in (act.token or world.tokens[act.role], ""):
            values = act.sent | {"headers": sent}
            answer = await walker.go(door.method, door.at(act.values) + act.query, token, **values)
            assert answer.status_code == 403, (door.name, answer.status_code)
            if door.is_api:
                assert answer.json()["code"] == "foreign_origin"
    assert tables.changed(before, await tables.content()) == {}


ODD = [
    ("GET", "/api/v1/nowhere", 404),
    ("GET", "/api/v1/nowhere/at/all", 404),
    ("GET", "/api/nowhere", 404),
    ("GET", "/nowhere", 404),
    ("GET", "/desk/nowhere", 404),
    ("GET", "/%00", 404),
    ("GET", "/%ff%fe", 404),
    ("GET", "/cases/%00", 303),
    ("GET", "/.env", 404),
    ("GET", "/.git/config", 404),
    ("GET", "/assets/nowhere.css", 404),
    ("GET", "/assets/..%2f..%2f..%2fpyproject.toml", 404),
    ("GET", "/assets/%2e%2e/%2e%2e/package.json", 404),
    ("GET", "/assets/", 404),
    ("DELETE", "/api/v1/services", 405),
    ("PATCH", "/api/v1/me", 405),
    ("PUT", "/services", 405),
    ("TRACE", "/", 405),
    ("BREW", "/", 405),
    ("GET", "/api/v1/services?group=", 200),
    ("GET", "/api/v1/me", 401),
    ("GET", "/me", 303),
]


@pytest.mark.parametrize(("method", "path", "status"), ODD)
async def test_odd_addresses_get_proper_answers(walker: Walker, method: str, path: str, status: int) -> None:
    answer = await walker.go(method, path)
    assert (answer.status_code, wrong_headers(answer)) == (status, [])
    assert "Traceback" not in answer.text


async def test_options_and_head_never_fail(worlds: tuple[World, World], walker: Walker, every_door: list[Door]) -> None:
    """OPTIONS tells the methods of an address; neither it nor HEAD is an error of ours."""
    world = worlds[0]
    ids = world.ids
    for door in every_door:
        values = next(door.addresses(ids))
        for method in ("OPTIONS", "HEAD"):
            answer = await walker.go(method, door.at(values), world.tokens["admin"])
            assert answer.status_code < 500, (method, door.path)
            assert wrong_headers(answer) == []


BODIES = {
    "no body": b"",
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe\x00",
    "nested": b"[" * 5_000 + b"]" * 5_000,
    "nested object": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "surrogate": b'{"phone": "\\ud800", "form": {"real_name": "\\udfff"}}',
    "NUL": b'{"phone": "\\u0000", "form": {"employer": "\\u0000"}, "action": "\\u0000", "version": 1}',
    "large number": b'{"version": 1' + b"0" * 400 + b', "max_uses": 99999999999999999999999}',
    "NaN": b'{"version": NaN}',
    "list": b"[1, 2, 3]",
    "null": b"null",
    "duplicate keys": b'{"form": {}, "form": 1}',
    "deep form": b'{"form": {"employer": ' + b"[" * 500 + b"]" * 500 + b"}}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_no_body_is_an_error_of_ours(
    worlds: tuple[World, World],
    own_acts: dict[str, Act],
    walker: Walker,
    every_door: list[Door],
    body: bytes,
    kind: str,
) -> None:
    world = worlds[0]
    for door in every_door:
        act = own_acts.get(door.name)
        if act is None or "sign-out" in door.path or "sessions" in door.path:
            continue
        token = act.token or world.tokens[act.role]
        headers = {"content-type": kind}
        answer = await walker.go(door.method, door.at(act.values), token, content=body, headers=headers)
        assert answer.status_code < 500, (door.name, answer.text[:500])


async def test_a_cookie_of_nonsense_is_nobody(walker: Walker) -> None:
    for value in (b"session=\xff\xfe", b"session=" + b"a" * 10_000, b"session=;session=x", b"theme=<script>; size=%00"):
        answer = await walker.go("GET", "/", headers={b"cookie": value})
        assert (answer.status_code, wrong_headers(answer)) == (200, [])
        assert "<script>;" not in answer.text
        api = await walker.go("GET", "/api/v1/me", headers={b"cookie": value})
        assert api.status_code == 401
    for credential in (b"Bearer", b"Bearer \xff", b"Basic eDp5", b"Bearer " + b"a" * 10_000):
        assert (await walker.go("GET", "/api/v1/me", headers={b"authorization": credential})).status_code == 401


async def test_the_cookie_of_a_session(worlds: tuple[World, World], walker: Walker) -> None:
    answer = await walker.go("POST", "/desk/sign-in", data={"username": "a-officer", "password": PASSWORD})
    cookie = SimpleCookie(answer.headers["set-cookie"])["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "lax", "/", "")
    token = cookie.value
    assert (await walker.go("GET", "/desk/cases", token)).status_code == 200
    ended = await walker.go("POST", "/desk/sign-out", token)
    assert SimpleCookie(ended.headers["set-cookie"])["session"]["max-age"] == "0"
    assert "storage" in ended.headers["clear-site-data"]
    assert (await walker.go("GET", "/desk/cases", token)).status_code == 303


@pytest.fixture
def production(app: Litestar, settings: Settings) -> Iterator[Litestar]:
    strict = msgspec.structs.replace(
        settings,
        environment="production",
        public_url="https://union.example",
        allowed_hosts=("union.example",),
    )
    made = create_app(strict)
    yield made
    reference.load(settings)


async def test_production_speaks_https_only_and_has_no_demo(production: Litestar, worlds: tuple[World, World]) -> None:
    assert not any("/demo/" in door.path for door in doors(production))
    async with browser(production, base_url="https://union.example") as client:
        for path in ("/", "/api/v1/services", "/nowhere", "/api/v1/me", "/me", "/api/v1/demo/outbox?to=15400000001"):
            answer = await client.get(path)
            assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
            assert wrong_headers(answer) == []
        assert (await client.get("/api/v1/demo/outbox?to=15400000001")).status_code == 404
        sent = {"username": "b-officer", "password": PASSWORD}
        answer = await client.post("/desk/sign-in", data=sent, headers={"origin": "https://union.example"})
        cookie = SimpleCookie(answer.headers["set-cookie"])["__Host-session"]
        assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        # A second factor is asked of everybody before anything else opens.
        assert answer.headers["location"] == "/desk/totp"
        foreign = await client.post("/desk/sign-in", data=sent, headers={"origin": "http://union.example"})
        assert foreign.status_code == 403
        stranger = await client.get("/", headers={"host": "evil.example"})
        assert stranger.status_code == 400
        assert wrong_headers(stranger) == []
