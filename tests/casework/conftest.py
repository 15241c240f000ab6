from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import Catalogue
from backend.core.settings import Settings
from tests.casework.browser import application
from tests.casework.world import World, build, sample_catalogue


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, kernel: None) -> Catalogue:
    """The joining service as it ships and a sample one, with every name bound."""
    return sample_catalogue(tmp_path_factory.mktemp("config"))


@pytest.fixture
def services(samples: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Other tests of this process open catalogues of their own, so it is put back each time."""
    monkeypatch.setattr(catalogue, "_current", samples)
    judging.configure(bindings.EXPLANATIONS)
    yield


@pytest.fixture
async def world(db: None, services: None, freeze: Callable[[str], datetime]) -> World:
    """Tuesday, 10 March 2026, 9:00: a working week in a month without holidays."""
    freeze("2026-03-10T09:00:00+08:00")
    return await build()


@pytest.fixture(scope="session")
def app(settings: Settings, kernel: None) -> object:
    return application(settings)
