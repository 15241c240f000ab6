"""Twenty thousand requests made up from the OpenAPI document."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.application import wrong
from tests.factories.world import World
from tests.walkers.generated import Made, check, document, made_up, send
from tests.walkers.walker import Walker

REQUESTS = 20_000
# A request takes as long as it takes, and a made-up file may be large.
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
async def requests(walker: Walker, worlds: tuple[World, World]) -> st.SearchStrategy[Made]:
    raw: dict[str, Any] = await document(walker.client)
    return made_up(raw, worlds[0])


@settings(max_examples=REQUESTS, deadline=None, database=None, suppress_health_check=SLOW, print_blob=True)
@given(data=st.data())
async def test_no_made_up_request_is_an_error_of_ours(
    walker: Walker, worlds: tuple[World, World], requests: st.SearchStrategy[Made], data: st.DataObject
) -> None:
    made = data.draw(requests)
    check(await send(walker.client, made, worlds[0]), made)


async def test_the_doctor_finds_nothing_afterwards(worlds: tuple[World, World]) -> None:
    assert await wrong() == []
