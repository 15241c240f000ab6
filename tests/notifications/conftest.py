from collections.abc import Iterator

import pytest

from backend.core.settings import CONFIG_DIR
from backend.notifications import templates


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    templates.load(CONFIG_DIR)
    yield
    templates.load(CONFIG_DIR)
