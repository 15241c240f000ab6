from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from tests.factories.application import app, browser
from tests.factories.world import World, build, province
from tests.walkers.doors import Door, doors
from tests.walkers.walker import Walker

__all__ = ["app"]


@pytest.fixture(scope="module")
async def worlds(app: Litestar) -> tuple[World, World]:
    """Two branches of one tree that have nothing to do with each other."""
    root = await province()
    return await build("A", 0, root), await build("B", 1, root)


@pytest.fixture(scope="module")
def every_door(app: Litestar) -> list[Door]:
    return doors(app)


@pytest.fixture(scope="module")
async def walker(app: Litestar) -> AsyncIterator[Walker]:
    async with browser(app) as client:
        yield Walker(client)
