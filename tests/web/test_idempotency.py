"""The middleware of `Idempotency-Key` while its table cannot be reached; what it is for is in tests/journeys."""

import pytest
from litestar import Litestar

from backend.app import create_app
from backend.core import database
from backend.core.settings import Settings
from tests.conftest import ENGINE
from tests.factories.application import browser
from tests.servers import private_mariadb


@pytest.fixture
def app(db: None, settings: Settings) -> Litestar:
    return create_app(settings)


@pytest.mark.slow
@pytest.mark.skipif(ENGINE != "mariadb", reason="SQLite is a file: it does not go away")
async def test_whoever_sends_a_key_is_told_to_come_again(app: Litestar, settings: Settings) -> None:
    with private_mariadb() as server:
        await database.disconnect()
        await database.connect(server.url)
        server.kill9()
        try:
            async with browser(app) as client:
                path = "/api/v1/voucher-campaigns/0000000000001/claims"
                answer = await client.post(path, headers={"idempotency-key": "once"})
        finally:
            await database.disconnect()
            await database.connect(settings.database)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert (answer.json()["code"], answer.headers["retry-after"]) == ("unavailable", "5")
