"""Requests made up from the OpenAPI document: five hundred, and twenty thousand in `make soak`."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.application import wrong
from tests.factories.world import World
from tests.scale import sized
from tests.walkers.generated import Made, check, document, made_up, send
from tests.walkers.walker import Walker

# Twenty thousand take hours.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(sized(600, 14_400))]

# A request takes as long as it takes, and a made-up file may be large.
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
async def raw(walker: Walker) -> dict[str, Any]:
    return await document(walker.client)


async def test_the_document_describes_the_contract(raw: dict[str, Any]) -> None:
    """Every path that acceptance checks call, with its methods."""
    promised = {
        "/auth/sms-codes": {"post"},
        "/auth/sessions": {"post"},
        "/auth/staff/sessions": {"post"},
        "/auth/sessions/current": {"delete"},
        "/me": {"get"},
        "/me/card": {"get"},
        "/me/notifications": {"get"},
        "/me/notifications/{notification}/read": {"post"},
        "/unions": {"get"},
        "/invites/{code}": {"get"},
        "/desk/invites": {"post"},
        "/desk/members/import": {"post"},
        "/services": {"get"},
        "/services/{slug}": {"get"},
        "/services/{slug}/draft": {"get", "put", "delete"},
        "/services/{slug}/cases": {"post"},
        "/attachments": {"post"},
        "/cases": {"get"},
        "/cases/{number}": {"get"},
        "/cases/{number}/corrections": {"post"},
        "/cases/{number}/withdraw": {"post"},
        "/cases/{number}/urge": {"post"},
        "/cases/{number}/receipt": {"get"},
        "/desk/cases": {"get"},
        "/desk/cases/{number}": {"get"},
        "/desk/cases/{number}/decisions": {"post"},
    }
    described = {path.removeprefix("/api/v1"): set(methods) for path, methods in raw["paths"].items()}
    assert {path: methods - described.get(path, set()) for path, methods in promised.items()} == {
        path: set() for path in promised
    }


@pytest.fixture(scope="module")
def requests(raw: dict[str, Any], worlds: tuple[World, World]) -> st.SearchStrategy[Made]:
    return made_up(raw, worlds[0])


@settings(max_examples=sized(500, 20_000), deadline=None, database=None, suppress_health_check=SLOW, print_blob=True)
@given(data=st.data())
async def test_no_made_up_request_is_an_error_of_ours(
    walker: Walker, worlds: tuple[World, World], requests: st.SearchStrategy[Made], data: st.DataObject
) -> None:
    made = data.draw(requests)
    check(await send(walker.client, made, worlds[0]), made)


async def test_the_doctor_finds_nothing_afterwards(worlds: tuple[World, World]) -> None:
    assert await wrong() == []
