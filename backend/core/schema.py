"""Bringing the database to the newest schema."""

from tortoise.migrations.api import migrate as apply_migrations

from backend.core.database import connect, connection, disconnect, tortoise_config


async def migrate(database_url: str) -> None:
    """Apply what is missing of the one linear history in backend/migrations."""
    if database_url.startswith("sqlite:"):
        # SQLite rebuilds a table to alter it; with foreign keys on, dropping the old one deletes its children.
        database_url += ("&" if "?" in database_url else "?") + "foreign_keys=OFF"
    else:
        await _compare_by_code_point(database_url)
    try:
        await apply_migrations(config=tortoise_config(database_url))
    finally:
        await disconnect()


async def _compare_by_code_point(database_url: str) -> None:
    """Tables made from now on tell every character from every other: the default collations do not."""
    await connect(database_url)
    try:
        await connection().execute_script("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    finally:
        await disconnect()
