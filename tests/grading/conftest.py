from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import pytest

from backend.core.settings import CONFIG_DIR
from backend.grading import scheme_files
from backend.grading.schemes import Schemes
from backend.notifications import templates
from tests.grading import register as workers
from tests.grading.register import Register
from tests.grading.samples import SCHEMES
from tests.grading.world import County, build
from tests.vouchers.conftest import app, services, shipped

__all__ = ["app", "services", "shipped"]


@pytest.fixture
def schemes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Schemes], None]]:
    """The schemes as shipped, and a way to put others in their place."""
    monkeypatch.setattr(scheme_files, "_current", SCHEMES)
    assert CONFIG_DIR.is_dir()
    yield lambda other: monkeypatch.setattr(scheme_files, "_current", other)


@pytest.fixture
async def county(
    db: None, services: None, schemes: Callable[[Schemes], None], freeze: Callable[[str], datetime]
) -> AsyncIterator[County]:
    """Tuesday, 1 December 2026, 9:00: the year is nearly over."""
    freeze("2026-12-01T09:00:00+08:00")
    yield await build()


@pytest.fixture
async def register(db: None, services: None, freeze: Callable[[str], datetime]) -> AsyncIterator[Register]:
    """Tuesday, 10 March 2026, 9:00."""
    freeze("2026-03-10T09:00:00+08:00")
    templates.load(CONFIG_DIR)
    yield await workers.build()
