from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import Catalogue, open_catalogue
from backend.core.settings import CONFIG_DIR, Settings
from tests.casework.browser import application
from tests.vouchers.world import County, build


@pytest.fixture(scope="session")
def shipped(kernel: None) -> Catalogue:
    return open_catalogue(CONFIG_DIR, bindings.BINDINGS)


@pytest.fixture
def services(shipped: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(catalogue, "_current", shipped)
    judging.configure(bindings.EXPLANATIONS)
    yield


@pytest.fixture
async def county(db: None, services: None, freeze: Callable[[str], datetime]) -> AsyncIterator[County]:
    """Tuesday, 10 March 2026, 9:00, as the first campaign begins."""
    freeze("2026-03-10T09:00:00+08:00")
    yield await build()


@pytest.fixture(scope="session")
def app(settings: Settings, kernel: None) -> object:
    return application(settings)
