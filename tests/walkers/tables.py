"""What stands in every table, to see that nothing changed."""

import hashlib

from tortoise import Tortoise

from backend.core import database

# A look-up of a session notes that it is in use.
_MOVING = {"session_row": ("seen_at", "idle_until")}
Content = dict[str, tuple[int, str]]


async def content() -> Content:
    """Rows and a checksum of every table."""
    found: Content = {}
    for model in Tortoise.apps["union"].values():
        table = model._meta.db_table
        rows = await database.rows(f"SELECT * FROM `{table}`")
        for row in rows:
            for column in _MOVING.get(table, ()):
                row[column] = None
        lines = sorted(repr(sorted(row.items(), key=lambda item: item[0])) for row in rows)
        found[table] = (len(rows), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


def changed(before: Content, after: Content) -> dict[str, tuple[int, int]]:
    """Tables that differ, with their rows before and after."""
    return {table: (before[table][0], after[table][0]) for table in before if before[table] != after[table]}
