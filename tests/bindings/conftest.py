from collections.abc import Callable
from datetime import datetime

import pytest

from backend import bindings
from backend.casework import catalogue, judging
from backend.casework.catalogue import Catalogue
from backend.channels import sms
from backend.core.settings import CONFIG_DIR, Settings
from backend.notifications import templates
from tests.bindings.flows import effect_catalogue
from tests.casework.world import World, build


@pytest.fixture(scope="session")
def effects(tmp_path_factory: pytest.TempPathFactory, kernel: None) -> Catalogue:
    return effect_catalogue(tmp_path_factory.mktemp("config"))


@pytest.fixture
def services(effects: Catalogue, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One small service for each outcome; the words of the notices; the console for messages."""
    monkeypatch.setattr(catalogue, "_current", effects)
    judging.configure(bindings.EXPLANATIONS)
    templates.load(CONFIG_DIR)
    sms.configure(settings)


@pytest.fixture
async def world(db: None, services: None, freeze: Callable[[str], datetime]) -> World:
    """Tuesday, 10 March 2026, 9:00: a working week in a month without holidays."""
    freeze("2026-03-10T09:00:00+08:00")
    return await build()
