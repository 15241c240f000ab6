"""Guards switched off, so that a race test can show what it proves.

Always the product's own code: it loses a condition of one statement, or the keys of one table, and on SQLite
the lock by which one command writes at a time, because behind that lock little can go wrong.
"""

import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from backend.core import command, database, sequences


@contextlib.contextmanager
def without_lock() -> Iterator[None]:
    """Commands of SQLite meet between their statements, as those of MariaDB do.

    The counters of numbers live by the same lock, so meanwhile numbers come from elsewhere.
    """
    blocks = itertools.count(1_000, sequences.BLOCK)

    async def take_block(name: str) -> int:
        return next(blocks)

    with pytest.MonkeyPatch.context() as patch:
        if database.is_sqlite():
            patch.setattr(command, "in_transaction", contextlib.nullcontext)
            patch.setattr(sequences, "_take_block", take_block)
        yield


@contextlib.contextmanager
def without_words(words: str, instead: str = "") -> Iterator[None]:
    """No statement has these words any more. As many `%s` must be in `instead`."""
    assert words.count("%s") == instead.count("%s")
    adapt, seen = database._adapt, []

    def weakened(client: Any, sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
        seen.append(words in sql)
        return adapt(client, sql.replace(words, instead), params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_adapt", weakened)
        yield
    assert any(seen), f"no statement had {words!r}"


@contextlib.asynccontextmanager
async def without_keys(table: str) -> AsyncIterator[None]:
    """The table takes the same key twice, for as long as this lasts; what was written meanwhile is dropped."""
    insert_if_absent = database.insert_if_absent

    async def insert_anyway(name: str, row: dict[str, Any], *, key: str) -> bool:
        """Without the key there is nothing that could tell it of a row."""
        if name != table:
            return await insert_if_absent(name, row, key=key)
        await database.insert(name, row)
        return True

    await database.execute(f"ALTER TABLE {table} RENAME TO {table}_guarded")
    await database.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_guarded")
    try:
        with without_lock(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(database, "insert_if_absent", insert_anyway)
            yield
    finally:
        await command.drain()
        await database.execute(f"DROP TABLE {table}")
        await database.execute(f"ALTER TABLE {table}_guarded RENAME TO {table}")
