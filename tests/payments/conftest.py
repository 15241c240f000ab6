from collections.abc import Iterator

import pytest

from backend import bindings
from backend.casework import catalogue
from backend.casework.catalogue import open_catalogue
from backend.core.settings import CONFIG_DIR, Settings
from tests.casework.browser import application


@pytest.fixture
def services(kernel: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the frame of the desk counts cases by."""
    monkeypatch.setattr(catalogue, "_current", open_catalogue(CONFIG_DIR, bindings.BINDINGS))
    yield


@pytest.fixture(scope="session")
def app(settings: Settings, kernel: None) -> object:
    return application(settings)
