"""Bringing the database to the newest schema."""

import functools
import warnings
from pathlib import Path

import pymysql
from tortoise.exceptions import OperationalError
from tortoise.migrations.api import migrate as apply_migrations

from backend import migrations
from backend.core.database import connect, connection, disconnect, rows, tortoise_config


async def migrate(database_url: str) -> None:
    """Apply what is missing of the one linear history in backend/migrations."""
    if database_url.startswith("sqlite:"):
        # SQLite rebuilds a table to alter it; with foreign keys on, dropping the old one deletes its children.
        database_url += ("&" if "?" in database_url else "?") + "foreign_keys=OFF"
    else:
        await _compare_by_code_point(database_url)
    try:
        with warnings.catch_warnings():
            # Every run but the first: "Table 'tortoise_migrations' already exists".
            warnings.simplefilter("ignore", pymysql.Warning)
            await apply_migrations(config=tortoise_config(database_url))
    finally:
        await disconnect()


async def is_newest() -> bool:
    """Whether the connected database has every migration that this code knows."""
    try:
        applied = await rows("SELECT name FROM tortoise_migrations WHERE app = %s", "union")
    except OperationalError:
        return False  # an empty database has not even the table
    return _known() <= {row["name"] for row in applied}


@functools.cache
def _known() -> frozenset[str]:
    folder = Path(next(iter(migrations.__path__)))
    return frozenset(path.stem for path in folder.glob("[0-9]*.py"))


async def _compare_by_code_point(database_url: str) -> None:
    """Tables made from now on tell every character from every other: the default collations do not."""
    await connect(database_url)
    try:
        await connection().execute_script("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    finally:
        await disconnect()
