from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar

from tests.factories.application import app, browser
from tests.factories.world import World, build, province

__all__ = ["app"]


@pytest.fixture(scope="module")
async def world(app: Litestar) -> World:
    return await build("A", 0, await province())


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as made:
        yield made
