"""Everything that can be read, by everybody, in their own world: it renders, changes nothing and tells nobody."""

import io
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx
import msgspec
import pytest
import structlog
from litestar import Litestar

from backend.core import logs
from backend.documents import codes
from tests.conftest import plain_log
from tests.factories.world import World
from tests.walkers import tables
from tests.walkers.doors import Door
from tests.walkers.headers import wrong_headers
from tests.walkers.walker import Walker, different_roles, headers_of, is_refused, personal

pytestmark = pytest.mark.slow

# A photo opened by staff leaves a line that its owner reads.
# A fetched export is a line in the log.
MAY_CHANGE = {
    "GET /files/{file}": {"access_trace", "audit"},
    "GET /desk/exports/{export}/file": {"audit"},
    "GET /api/v1/desk/exports/{export}/file": {"audit"},
}
IDS_A_PARAMETER = 12


class Visit(msgspec.Struct, frozen=True):
    door: str
    role: str
    values: dict[str, str]
    status: int
    refused: bool
    leaks: list[str]
    headers: list[str]
    text: str


class Walk(msgspec.Struct):
    """`links` and `forms` are the addresses found on pages, with the first role and page that showed each."""

    visits: list[Visit]
    links: dict[str, tuple[str, str]]
    forms: dict[tuple[str, str], str]
    changes: dict[str, dict[str, tuple[int, int]]]
    log: str


@contextmanager
def kept_log() -> Iterator[io.BytesIO]:
    """The log as it is in production, at its most talkative."""
    root = logging.getLogger()
    before, level, hook, out = list(root.handlers), root.level, sys.excepthook, io.BytesIO()
    logs.configure("DEBUG", out)
    # A logger that was cached once would go on writing here after the test.
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield out
    finally:
        root.handlers, sys.excepthook = before, hook
        root.setLevel(level)
        plain_log()
        logging.captureWarnings(False)


@pytest.fixture(scope="module")
async def walk(worlds: tuple[World, World], app: Litestar, walker: Walker, every_door: list[Door]) -> Walk:
    """Every readable door by every kind of caller with every identifier of the own world."""
    world, leaks = worlds[0], personal(*worlds)
    visits, changes = [], {}
    found = Walk(visits, {}, {}, changes, "")
    with kept_log() as log:
        before = await tables.content()
        for door in every_door:
            if not door.is_safe:
                continue
            for role in different_roles(world):
                for values in _addresses(door, world):
                    answer = await walker.through(door, world, role, values)
                    shown = headers_of(answer)
                    _note_addresses(found, door, role, answer)
                    visits.append(
                        Visit(
                            door=door.name,
                            role=role,
                            values=values,
                            status=answer.status_code,
                            refused=is_refused(answer),
                            leaks=leaks.found_in(answer.text, shown),
                            headers=wrong_headers(answer),
                            text=answer.text[:1500] if answer.status_code >= 500 else "",
                        )
                    )
            after = await tables.content()
            if differs := tables.changed(before, after):
                changes[door.name] = differs
            before = after
        found.log = log.getvalue().decode()
    return found


def _note_addresses(found: Walk, door: Door, role: str, answer: httpx.Response) -> None:
    if answer.status_code != 200 or "text/html" not in answer.headers.get("content-type", ""):
        return
    page = Page()
    page.feed(answer.text)
    for link in page.links:
        found.links.setdefault(link, (role, door.path))
    for form in page.forms:
        found.forms.setdefault(form, door.path)


class Page(HTMLParser):
    """The addresses of our own that a page leads to, by reading and by sending."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src", "hx-get", "data-next"):
            if given.get(name, "").startswith("/"):
                self.links.add(given[name].partition("#")[0])
        if tag == "form":
            method = given.get("method", "get").upper()
            self.forms.add((method, given.get("action", "").partition("?")[0]))
        for name in ("formaction", "hx-post", "hx-put", "hx-delete"):
            if given.get(name, "").startswith("/"):
                method = "POST" if name == "formaction" else name.removeprefix("hx-").upper()
                self.forms.add((method, given[name].partition("?")[0]))


def _addresses(door: Door, world: World) -> Iterable[dict[str, str]]:
    if door.path.startswith("/verify/"):
        return [{"number": one, "code": codes.code_for(kind="case", number=one)} for one in world.cases.values()]
    fitting: list[dict[str, str]] = []
    if "action" in door.parameters:  # each is open in a case of its own
        for state, action in (("relief", "visit-record"), ("guided", "link-feedback")):
            fitting.append({"number": world.cases[state], "action": action})
    return [*fitting, *door.addresses(world.ids, most=IDS_A_PARAMETER)]


async def test_every_page_renders_for_everybody(walk: Walk) -> None:
    failed = [(one.door, one.role, one.values, one.status, one.text) for one in walk.visits if one.status >= 500]
    assert failed == []
    assert len(walk.visits) > 2_000


async def test_every_door_opens_for_somebody(walk: Walk) -> None:
    """Or nothing would have been seen behind it. The counters are for a scraper: tests/web/test_health.py. What can be
    paid is asked for with a union, a budget and a year: tests/payments/test_pay_runs.py."""
    opened = {one.door for one in walk.visits if one.status in (200, 303) and not one.refused}
    never = {one.door for one in walk.visits} - opened
    assert never == {"GET /favicon.ico", "GET /api/v1/demo/outbox", "GET /metrics", "GET /api/v1/desk/pay-dues"}


async def test_every_link_leads_somewhere(walk: Walk, worlds: tuple[World, World], walker: Walker) -> None:
    """Asked by whoever was shown it."""
    dead = []
    for link, (role, page) in walk.links.items():
        answer = await walker.go("GET", link, worlds[0].tokens[role])
        if answer.status_code >= 400:
            dead.append((link, page, role, answer.status_code))
    assert dead == []
    assert len(walk.links) > 100


async def test_every_form_has_its_door(walk: Walk, every_door: list[Door]) -> None:
    patterns = [(door.method, re.compile(re.sub(r"{\w+}", "[^/]+", door.path) + r"\Z")) for door in every_door]
    lost = {
        (method, action, page)
        for (method, action), page in walk.forms.items()
        if action and not any(method == wanted and pattern.match(action) for wanted, pattern in patterns)
    }
    assert lost == set()
    assert len(walk.forms) > 40


async def test_reading_changes_nothing(walk: Walk) -> None:
    unexpected = {door: set(changed) - MAY_CHANGE.get(door, set()) for door, changed in walk.changes.items()}
    assert {door: changed for door, changed in unexpected.items() if changed} == {}


async def test_every_answer_carries_the_headers(walk: Walk) -> None:
    wrong = {(one.door, one.status, *one.headers) for one in walk.visits if one.headers}
    assert wrong == set()


async def test_no_answer_shows_a_personal_number(walk: Walk) -> None:
    shown = [(one.door, one.role, one.values, one.leaks) for one in walk.visits if one.leaks]
    assert shown == []


async def test_the_log_says_what_was_asked_and_nothing_personal(walk: Walk, worlds: tuple[World, World]) -> None:
    leaks = personal(*worlds)
    assert walk.log.count('"event":"request"') > 2_000
    assert leaks.found_in(walk.log) == []
    for world in worlds:
        assert world.tokens["person"] not in walk.log
        assert world.cases["submitted"] not in walk.log


@pytest.fixture
async def talkative(app: Litestar) -> AsyncIterator[io.BytesIO]:
    with kept_log() as log:
        yield log


async def test_what_people_type_into_wrong_places_is_not_logged(
    talkative: io.BytesIO, worlds: tuple[World, World], walker: Walker
) -> None:
    world, who = worlds[0], worlds[0].person
    leaks = personal(world)
    token = world.tokens["person"]
    for value in (who.id_no, who.phone, who.bank_card):
        for path in (f"/desk/members?q={value}", f"/api/v1/cases/{value}", f"/i/{value}", f"/verify/{value}/{value}"):
            await walker.go("GET", path, world.tokens["desk"] if "desk" in path else token)
        await walker.go("POST", "/sign-in", data={"phone": value, "code": value})
        await walker.go("POST", "/desk/sign-in", data={"username": value, "password": value})
        sent = {"form": {"employer": value, value: value, "id_no": value}}
        await walker.go("POST", "/api/v1/services/member-join/cases", token, json=sent)
        await walker.go("GET", "/", headers={"user-agent": value, "referer": f"/{value}", "x-forwarded-for": value})
    assert talkative.getvalue().count(b'"event":"request"') >= 24
    assert leaks.found_in(talkative.getvalue().decode()) == []
