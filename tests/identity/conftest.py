import msgspec
import pytest
from argon2 import PasswordHasher

from backend.channels import sms
from backend.core import reference
from backend.core.settings import Settings
from backend.identity import passwords
from backend.web import limits


@pytest.fixture(autouse=True)
async def fresh_counters(db: None, settings: Settings) -> None:
    """Every test begins with nothing counted, and messages go to the console table."""
    limits.configure(settings)
    sms.configure(settings)


@pytest.fixture(autouse=True)
def cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """Hashes that cost nothing, except for the tests that look at the real ones (marked slow)."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._stand_in.cache_clear()
    yield
    passwords._stand_in.cache_clear()


@pytest.fixture
def production(settings: Settings):
    """The rules of a production set-up, on the test database."""
    strict = msgspec.structs.replace(settings, environment="production", public_url="https://union.example")
    reference.load(strict)
    yield strict
    reference.load(settings)
