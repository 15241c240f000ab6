"""Guards switched off, so that a race test can show what it proves.

Always the product's own code: it loses a condition of one statement, the keys of one table, and on SQLite the
lock by which one command writes at a time, because behind that lock nothing can go wrong.
"""

import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from backend.core import command, database


@contextlib.contextmanager
def without_lock() -> Iterator[None]:
    """Commands of SQLite meet between their statements, as those of MariaDB do."""
    with pytest.MonkeyPatch.context() as patch:
        if database.is_sqlite():
            patch.setattr(command, "in_transaction", contextlib.nullcontext)
        yield


@contextlib.contextmanager
def without_words(words: str, instead: str = "") -> Iterator[None]:
    """No statement has these words any more. As many `%s` must be in `instead`."""
    assert words.count("%s") == instead.count("%s")
    adapt, seen = database._adapt, []

    def weakened(client: Any, sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
        seen.append(words in sql)
        return adapt(client, sql.replace(words, instead), params)

    with without_lock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_adapt", weakened)
        yield
    assert any(seen), f"no statement had {words!r}"


@contextlib.asynccontextmanager
async def without_keys(table: str) -> AsyncIterator[None]:
    """The table takes the same key twice; afterwards it is as before and empty."""
    with without_lock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "insert_if_absent", _insert_always)
        if database.is_sqlite():
            async with _plain_copy(table):
                yield
        else:
            async with _indexes_dropped(table):
                yield


async def _insert_always(table: str, row: dict[str, Any], *, key: str) -> bool:
    if await database.scalar(f"SELECT COUNT(*) FROM {table} WHERE {key} = %s", row[key]):
        return False
    await database.insert(table, row)
    return True


@contextlib.asynccontextmanager
async def _plain_copy(table: str) -> AsyncIterator[None]:
    """A table of this name and these rows without any constraint; SQLite cannot drop those of its own."""
    for setting in ("foreign_keys = OFF", "legacy_alter_table = ON"):
        await database.execute(f"PRAGMA {setting}")
    await database.execute(f"ALTER TABLE {table} RENAME TO guarded")
    await database.execute(f"CREATE TABLE {table} AS SELECT * FROM guarded")
    try:
        yield
    finally:
        await database.execute(f"DROP TABLE {table}")
        await database.execute(f"ALTER TABLE guarded RENAME TO {table}")
        await database.execute(f"DELETE FROM {table}")
        for setting in ("legacy_alter_table = OFF", "foreign_keys = ON"):
            await database.execute(f"PRAGMA {setting}")


@contextlib.asynccontextmanager
async def _indexes_dropped(table: str) -> AsyncIterator[None]:
    [made] = await database.rows(f"SHOW CREATE TABLE {table}")
    keys = re.findall(r"UNIQUE KEY (`\w+`) (\([^)]+\))", made["Create Table"])
    assert keys, table
    dropped = [f"DROP INDEX {name}, ADD INDEX {name[:-1]}_plain` {columns}" for name, columns in keys]
    await database.execute(f"ALTER TABLE {table} {', '.join(dropped)}")
    try:
        yield
    finally:
        await database.execute("SET foreign_key_checks = 0")
        await database.execute(f"DELETE FROM {table}")
        await database.execute("SET foreign_key_checks = 1")
        back = [f"DROP INDEX {name[:-1]}_plain`, ADD UNIQUE INDEX {name} {columns}" for name, columns in keys]
        await database.execute(f"ALTER TABLE {table} {', '.join(back)}")
