"""One database a session: SQLite in memory's place on disk, or a private MariaDB (UNION_TEST_ENGINE)."""

import os
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
import structlog
from tortoise import Tortoise

from backend.aid import condolence_files, hardship_lines, plan_files
from backend.core import clock, crypto, database, errors, reference, schema, sequences
from backend.core.command import drain
from backend.core.settings import CONFIG_DIR, Settings, load_keyring
from backend.grading import scheme_files
from backend.payments import layout_files, programmes
from tests.servers import private_mariadb

# How long a machine takes says nothing about what is tested.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

ENGINE = os.environ.get("UNION_TEST_ENGINE", "sqlite")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def database_url(data_dir: Path) -> Iterator[str]:
    if ENGINE == "sqlite":
        # A test database survives no power cut anyway.
        yield f"sqlite:///{data_dir / 'test.sqlite3'}?synchronous=OFF"
        return
    with private_mariadb() as server:
        yield server.url


@pytest.fixture(scope="session")
def settings(data_dir: Path, database_url: str) -> Settings:
    return Settings(
        environment="test",
        data_dir=data_dir,
        database_url=database_url,
        county_division="990121",
        allow_synthetic_ids=True,
        sms_receipt_secret="receipts-of-the-tests-0001",
        address_limit_per_hour=2_000,
    )


@pytest.fixture(scope="session", autouse=True)
def kernel(settings: Settings) -> None:
    """What every process loads at start: sentences, keys, working days, divisions."""
    errors.load_messages(CONFIG_DIR)
    crypto.configure(load_keyring(settings))
    reference.load(settings)
    condolence_files.load(CONFIG_DIR)
    hardship_lines.load(CONFIG_DIR)
    scheme_files.load(CONFIG_DIR)
    plan_files.load(CONFIG_DIR)
    programmes.load(CONFIG_DIR)
    layout_files.load(CONFIG_DIR)
    plain_log()


def plain_log() -> None:
    """structlog as it comes, but for its painted tracebacks, each of which takes half a second."""
    structlog.reset_defaults()
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session")
async def _schema(settings: Settings) -> AsyncIterator[None]:
    await schema.migrate(settings.database)
    await database.connect(settings.database)
    yield
    await database.disconnect()


async def empty_tables() -> None:
    """Delete what the test wrote; faster than dropping, and works for code that commits.

    A command outlives whoever called it, so the last ones of the test before end first.
    """
    await drain()
    tables = [model._meta.db_table for model in Tortoise.apps["union"].values()]
    asked = " UNION ALL ".join(f"SELECT '{table}' AS name WHERE EXISTS (SELECT 1 FROM `{table}`)" for table in tables)
    for row in await database.rows(asked):
        await database.execute(f"DELETE FROM `{row['name']}`")
    reference.settings().audit_anchor.unlink(missing_ok=True)  # it would miss the end of the log
    sequences.forget()


@pytest.fixture
async def db(_schema: None) -> AsyncIterator[None]:
    """A database with every table empty."""
    await empty_tables()
    yield


@pytest.fixture
def freeze() -> Iterator[object]:
    """`freeze("2026-03-10T09:00:00+08:00")` stops the clock until the test ends."""

    def stop_at(moment: str) -> datetime:
        clock.freeze(datetime.fromisoformat(moment))
        return clock.now()

    yield stop_at
    clock.unfreeze()
