from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from backend import bindings
from backend.core.settings import CONFIG_DIR, Settings
from backend.notifications import templates
from tests.casework.browser import application
from tests.casework.world import World, build


@pytest.fixture
async def world(db: None, settings: Settings, freeze: Callable[[str], datetime]) -> World:
    """Tuesday, 10 March 2026, 9:00, under the catalogue that ships."""
    freeze("2026-03-10T09:00:00+08:00")
    bindings.load(settings)
    templates.load(CONFIG_DIR)
    return await build()


@pytest.fixture(scope="session")
def app(settings: Settings, kernel: None) -> Any:
    return application(settings)
