from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from backend.channels import sms
from backend.core.settings import Settings
from backend.identity import passwords
from backend.web import limits


@pytest.fixture(autouse=True)
async def fresh_counters(db: None, settings: Settings) -> None:
    limits.configure(settings)
    sms.configure(settings)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._stand_in.cache_clear()
    yield
    passwords._stand_in.cache_clear()
