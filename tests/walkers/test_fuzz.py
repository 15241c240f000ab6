"""Nonsense in addresses: every path and query parameter of every door, by somebody who gets through it."""

import base64
from http.cookies import SimpleCookie
from urllib.parse import quote

import msgspec
import pytest

from tests.factories.world import World
from tests.walkers.doors import Door
from tests.walkers.headers import wrong_headers
from tests.walkers.walker import Walker

pytestmark = pytest.mark.slow


def cursor(*values: object) -> str:
    """In the form of a cursor of ours, with other contents."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


LONE_SURROGATE = base64.urlsafe_b64encode(b'["\\ud800"]').decode().rstrip("=")
BAD_CURSORS = [
    "x",
    "!!!",
    "AAAA",
    "%00",
    "é",
    cursor(),
    cursor(None),
    cursor({"a": 1}),
    cursor([1]),
    cursor(1, 2, 3, 4),
    LONE_SURROGATE,
    "A" * 20_000,
]
# Well formed, and yet none that we handed out.
MADE_UP_CURSORS = [
    cursor(1),
    cursor(-1),
    cursor(2**62),
    cursor(2**63),
    cursor(2**70),
    cursor(""),
    cursor("\x00"),
    cursor("zzzzzzzzzzzzz"),
    cursor("0000000000000"),
    cursor("𠮷" * 500),
    cursor("9999-99-99", "zzzzzzzzzzzzz"),
    cursor("' OR 1=1", "0000000000001"),
    cursor("2026-03-10", "' OR 1=1"),
    cursor("9999-12-31", "0000000000001"),
]
BAD_LIMITS = ["0", "-1", "101", "x", "", "1.5", "9" * 30, "%00", "null", " ", "0x10", "true"]
TEXTS = [
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%ff%fe",
    "%F0%A0%AE%B7",
    "%",
    "%zz",
    "%25%00",
    "' OR '1'='1",
    '"><script>alert(1)</script>',
    "{{7*7}}{%25 x %25}",
    "\\%_!!",
    "..%2f..%2f",
    "../../etc/passwd",
    "%0d%0aset-cookie:%20x=1",
    "9" * 30,
    "-1",
    "1_0",
    "١",
    "zzzzzzzzzzzzz",
    "ooooooooooooo",
    "4.30121E%2B17",
    "𠮷" * 200,
    "a" * 8_000,
    " ",
]


def somebody_for(door: Door) -> str:
    """Who gets through this door."""
    if door.access in ("public", "signed_in", "person"):
        return "person"
    if door.access in ("merchant.redeem", "merchant.manage"):
        return "cashier" if door.access == "merchant.redeem" else "manager"
    return "officer" if door.access in ("case.decide", "case.view") else "admin"


def _own_path(door: Door, world: World) -> str:
    """With what belongs to this world: of something that is not there a bad query would not be looked at."""
    return door.path.format_map({name: found[0] for name, found in world.ids.items()})


def _raw(text: str) -> str:
    """Percent signs as written, everything else as a browser sends it."""
    return quote(text, safe="%!'()*~-._")


async def test_bad_cursors_are_the_callers_fault(
    worlds: tuple[World, World], walker: Walker, every_door: list[Door]
) -> None:
    world, lists = worlds[0], [door for door in every_door if "cursor" in door.query or door.path == "/desk/cases"]
    assert len(lists) >= 14
    for door in lists:
        token, path = world.tokens[somebody_for(door)], _own_path(door, world)
        for text in BAD_CURSORS:
            answer = await walker.go("GET", f"{path}?cursor={_raw(text)}", token)
            assert answer.status_code in (400, 422), (door.name, text, answer.status_code)
            assert wrong_headers(answer) == []
        for text in MADE_UP_CURSORS:
            answer = await walker.go("GET", f"{path}?cursor={text}", token)
            assert answer.status_code in (200, 400), (door.name, text, answer.status_code, answer.text[:300])


async def test_bad_limits_are_the_callers_fault(
    worlds: tuple[World, World], walker: Walker, every_door: list[Door]
) -> None:
    world, lists = worlds[0], [door for door in every_door if "limit" in door.query]
    assert len(lists) >= 7
    for door in lists:
        token, path = world.tokens[somebody_for(door)], _own_path(door, world)
        for text in BAD_LIMITS:
            answer = await walker.go("GET", f"{path}?limit={_raw(text)}", token)
            assert answer.status_code in (400, 422), (door.name, text, answer.status_code)
        answer = await walker.go("GET", f"{path}?limit=1&limit=2", token)
        assert answer.status_code in (200, 400, 422)


async def test_no_query_is_an_error_of_ours(
    worlds: tuple[World, World], walker: Walker, every_door: list[Door]
) -> None:
    world = worlds[0]
    # The queue and the receipts read their parameters by themselves.
    unseen = {"/desk/cases": ("service", "status", "overdue", "due", "done", "q"), "receipt": ("format",)}
    for door in every_door:
        if door.method != "GET":
            continue
        names = {*door.query, *next((more for end, more in unseen.items() if door.path.endswith(end)), ())}
        path = door.at(next(door.addresses(world.ids)))
        for name in sorted(names):
            for text in TEXTS:
                answer = await walker.go("GET", f"{path}?{name}={_raw(text)}", world.tokens[somebody_for(door)])
                assert answer.status_code < 500, (door.name, name, text, answer.text[:300])
                assert door.is_api or "<script>alert" not in answer.text, (door.name, name)
                assert all(value.isprintable() for value in answer.headers.values()), (door.name, name, text)
                assert set(SimpleCookie(answer.headers.get("set-cookie"))) <= {"given", "session"}
                assert wrong_headers(answer) == [], (door.name, name, text)


async def test_no_path_is_an_error_of_ours(worlds: tuple[World, World], walker: Walker, every_door: list[Door]) -> None:
    """Also of doors that change something: nothing is found under a name like that."""
    world = worlds[0]
    for door in every_door:
        values = next(door.addresses(world.ids)) if door.parameters else {}
        for name in door.parameters:
            for text in TEXTS:
                path = door.path.format_map({**values, name: _raw(text)})
                answer = await walker.go(door.method, path, world.tokens[somebody_for(door)])
                assert 300 <= answer.status_code < 500 or _says_no(answer.text), (door.name, text, answer.text[:300])
                assert "<script>alert" not in answer.text, door.name


def _says_no(text: str) -> bool:
    """A card that does not hold is shown as one, with a page of its own."""
    return "这不是本会的会员二维码" in text


async def test_no_redirect_leaves_the_site(worlds: tuple[World, World], walker: Walker) -> None:
    token, staff = worlds[0].tokens["person"], worlds[0].tokens["officer"]
    for target in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "%09//e",
        "/%0d%0ax:1",
    ):
        for path, who in ((f"/sign-in?next={target}", token), (f"/desk/sign-in?next={target}", staff)):
            answer = await walker.go("GET", path, who)
            assert answer.status_code == 303
            assert answer.headers["location"] in ("/", "/desk"), (path, answer.headers["location"])
        answer = await walker.go("POST", "/preferences", token, data={"theme": "dark", "next": target})
        assert answer.headers["location"].startswith("/"), answer.headers["location"]
        assert not answer.headers["location"].startswith(("//", "/\\"))
