"""Every service of the catalogue as it ships, lived through by synthetic people: no flow file is taken on trust.

What a flow needs is found in its file (`tests/casework/flows/`): a form is filled in by kind, rule and condition,
every step is decided by whoever holds the post, every action is done by everybody whose it is.
"""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.casework.enums import FieldKind
from backend.casework.flows import Flow
from backend.casework.forms import masks
from backend.core import clock, reference
from backend.core.settings import CONFIG_DIR, Settings
from tests.casework.browser import application
from tests.casework.flows.cases import (
    CHINESE,
    Prepared,
    complaints,
    named,
    required,
    send_page,
    with_files,
)  # fmt: skip
from tests.casework.flows.county import County
from tests.casework.flows.lives import live
from tests.casework.flows.performing import Coverage
from tests.casework.flows.starting import prepare
from tests.casework.world import AID, SAMPLE_BINDINGS, SETUP
from tests.conftest import empty_tables
from tests.factories.application import MORNING

SAMPLES = {"sample-aid": AID, "sample-setup": SETUP}
SLUGS = [*sorted(path.stem for path in (CONFIG_DIR / "catalogue").glob("[a-z]*.yaml")), *SAMPLES]

# The sample names what no outcome answers: the check of papers sees it.
LEFT_OPEN = {"sample-setup": "reply-found: nothing stands for outcome.remark"}

every_service = pytest.mark.parametrize("slug", SLUGS)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def flows(tmp_path_factory: pytest.TempPathFactory, kernel: None) -> Iterator[Catalogue]:
    """The catalogue as it ships, and the samples, which have every turn that a flow file can take."""
    config = tmp_path_factory.mktemp("flows") / "config"
    shutil.copytree(CONFIG_DIR, config)
    for slug, text in SAMPLES.items():
        (config / "catalogue" / f"{slug}.yaml").write_text(text, "utf-8")
    before = catalogue._current
    catalogue._current = open_catalogue(config, SAMPLE_BINDINGS)
    judging.configure(bindings.EXPLANATIONS)
    yield catalogue._current
    catalogue._current = before


@pytest.fixture(scope="module")
async def county(_schema: None, settings: Settings, flows: Catalogue) -> AsyncIterator[County]:
    """One for all services. Other modules empty the tables when their turn comes."""
    await empty_tables()
    clock.freeze(datetime.fromisoformat(MORNING))
    transport = httpx.ASGITransport(application(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://test.invalid") as client:
        yield await County(client).build()
    clock.unfreeze()


@pytest.fixture(autouse=True)
def morning(county: County) -> None:
    clock.freeze(datetime.fromisoformat(MORNING))


_lives: dict[str, Coverage | AssertionError] = {}


async def life_of(flow: Flow, county: County) -> Coverage:
    """Each service is lived through once; several tests look at what came of it."""
    if flow.slug not in _lives:
        try:
            _lives[flow.slug] = await live(flow, county)
        except AssertionError as failure:
            _lives[flow.slug] = failure
            raise
    seen = _lives[flow.slug]
    if isinstance(seen, AssertionError):
        pytest.fail(f"its life ended early: {seen}", pytrace=False)
    return seen


@every_service
async def test_every_service_can_be_applied_for(slug: str, county: County, flows: Catalogue) -> None:
    flow = flows.flow(slug)
    found = await prepare(flow, county)
    caller = found.who.caller
    service = await caller.read(f"/api/v1/services/{slug}")
    assert {field["name"] for field in service["form"]["fields"]} >= required(flow) - {
        slot.name for slot in flow.attachments
    }
    problem = await caller.send(f"/api/v1/services/{slug}/cases", {"form": {}}, status=422)
    assert set(named(problem)) == required(flow)
    assert all(CHINESE.search(sentence) for sentence in named(problem).values())
    body = await with_files(flow, found, caller)
    made = await caller.send(f"/api/v1/services/{slug}/cases", body, status=201)
    await is_as_sent(flow, found, made)
    assert await caller.read(f"/api/v1/cases/{made['number']}") == made
    await applies_by_page(flow, county)


async def is_as_sent(flow: Flow, found: Prepared, made: dict[str, Any]) -> None:
    """A number, what was filled in with sensitive values masked, a desk and a last day."""
    assert re.fullmatch(rf"{flow.number_prefix}2026-\d{{6}}", made["number"])
    assert (made["status"], made["service"]["name"]) == ("submitted", flow.name)
    for spec in flow.fields:
        value = found.values.get(spec.name)
        if value is not None and spec.kind != FieldKind.FILE:
            assert made["form"][spec.name] == masks.mask(spec, value), spec.name
        if value is not None and spec.is_sensitive and isinstance(value, str):
            assert made["form"][spec.name] != value, spec.name
    step = flow.steps[made["step"]["index"]]
    assert (made["step"]["name"], made["step"]["role"]) == (step.name, step.role)
    due = reference.calendar().due_on(clock.today(), flow.limit_working_days)
    assert (made["due_on"], made["days_left"]) == (due.isoformat(), flow.limit_working_days)


async def applies_by_page(flow: Flow, county: County) -> None:
    """Screen by screen without JavaScript; an empty first screen is refused where it asks for anything."""
    found = await prepare(flow, county)
    caller, path = found.who.caller, f"/services/{flow.slug}/apply"
    assert flow.name in await caller.page(f"/services/{flow.slug}")
    answer: Any = None
    for number, screen in enumerate(flow.screens, start=1):
        page = await caller.page(f"{path}?screen={number}")
        names = {spec.name for spec in screen.fields if spec.filled_by == "person"}
        values = {name: value for name, value in found.values.items() if name in names}
        slots = [slot.name for slot in screen.attachments if slot.name in found.filler.slots(found.values)]
        last = number == len(flow.screens)
        if required(flow) & names and not last:
            refused = await send_page(caller, f"{path}?screen={number}", flow, page, {}, (), go="next")
            assert refused.status_code == 422
            assert "要改，其余内容都已保留" in refused.text
        go = "submit" if last else "next"
        answer = await send_page(caller, f"{path}?screen={number}", flow, page, values, slots, go=go)
        assert answer.status_code == 303, complaints(answer.text)
        assert last or answer.headers["location"] == f"{path}?screen={number + 1}"
    submitted = answer.headers["location"]
    assert re.fullmatch(rf"/cases/{flow.number_prefix}2026-\d{{6}}/submitted", submitted)
    assert submitted.split("/")[2] in await caller.page(submitted)
    assert flow.name in await caller.page(submitted.removesuffix("/submitted"))


@every_service
async def test_every_service_is_decided(slug: str, county: County, flows: Catalogue) -> None:
    flow = flows.flow(slug)
    seen = await life_of(flow, county)
    assert seen.steps == set(range(len(flow.steps)))
    assert seen.endings == {"approved", "rejected", "withdrawn"}
    assert seen.returned >= required(flow)


@every_service
async def test_every_action_can_be_done(slug: str, county: County, flows: Catalogue) -> None:
    flow = flows.flow(slug)
    seen = await life_of(flow, county)
    assert seen.undone == []
    assert seen.wrong == []


@every_service
async def test_every_paper_can_be_read(slug: str, county: County, flows: Catalogue) -> None:
    flow = flows.flow(slug)
    seen = await life_of(flow, county)
    assert seen.papers == {paper.key for paper in flow.documents}
    assert [fault for fault in seen.bad_papers if not fault.startswith(LEFT_OPEN.get(slug, "-"))] == []
    assert bool(seen.bad_papers) == (slug in LEFT_OPEN)


@pytest.mark.slow
@every_service
async def test_a_paper_of_every_service_can_be_printed(slug: str, county: County, flows: Catalogue) -> None:
    caller, path = (await life_of(flows.flow(slug), county)).printable[0]
    answer = await caller.go("GET", path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")


@every_service
async def test_every_service_can_be_filed_at_the_window(slug: str, county: County, flows: Catalogue) -> None:
    flow = flows.flow(slug)
    clerk = county.holders["desk", county.unions["county"].name]
    body = await with_files(flow, await prepare(flow, county, clerk=clerk), clerk)
    made = await clerk.send(f"/api/v1/desk/services/{slug}/cases", body, status=201)
    assert made["status"] == "submitted"
    found = await prepare(flow, county, clerk=clerk)
    page = await clerk.page(f"/desk/filing/{slug}")
    slots = found.filler.slots(found.values)
    answer = await send_page(clerk, f"/desk/filing/{slug}", flow, page, found.values, slots)
    assert answer.status_code == 303, complaints(answer.text)
    number = answer.headers["location"].rsplit("/", 1)[1]
    assert number in await clerk.page(answer.headers["location"])
    assert "受理回执" in await clerk.page(f"/desk/cases/{number}/receipt")
    assert f"/desk/filing/{slug}" in await clerk.page(f"/desk/filing?q={flow.name}")
