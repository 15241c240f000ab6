from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import open_catalogue
from backend.core.settings import CONFIG_DIR, Settings
from tests.casework.browser import application
from tests.payments.runs import Office, open_office
from tests.vouchers.world import build


@pytest.fixture
def services(kernel: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the frame of the desk counts cases by."""
    judging.configure(bindings.EXPLANATIONS)
    monkeypatch.setattr(catalogue, "_current", open_catalogue(CONFIG_DIR, bindings.BINDINGS))
    yield


@pytest.fixture
async def office(db: None, services: None, freeze: Callable[[str], datetime]) -> AsyncIterator[Office]:
    """Tuesday, 10 March 2026, 9:00."""
    freeze("2026-03-10T09:00:00+08:00")
    yield await open_office(await build())


@pytest.fixture(scope="session")
def app(settings: Settings, kernel: None) -> object:
    return application(settings)
