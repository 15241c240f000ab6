"""Re-encrypting with the active key while the system runs.

Each row is changed only if it still holds the value that was read, so a concurrent write wins and the
next pass finds the rest. When a pass changes nothing the old key can be removed from the secrets file.
"""

import msgspec

from backend.core import crypto, database, files
from backend.core.command import command

CHUNK = 500


class SealedColumn(msgspec.Struct, frozen=True):
    """`context` is the additional data of a value, with `{id}` for the row."""

    table: str
    column: str
    context: str


@command
async def rotate_chunk(column: SealedColumn, after: int) -> tuple[int, int] | None:
    """Rotate up to CHUNK rows beyond id `after`; (last id seen, rows changed), None at the end."""
    found = await database.rows(
        f"SELECT id, {column.column} AS sealed FROM {column.table} WHERE id > %s ORDER BY id LIMIT %s",  # noqa: S608
        after,
        CHUNK,
    )
    if not found:
        return None
    changed = 0
    for row in found:
        old = row["sealed"]
        if old and crypto.needs_rotation(old):
            context = column.context.format(id=row["id"])
            new = crypto.seal(crypto.open_sealed(old, context=context), context=context)
            changed += await database.execute(
                f"UPDATE {column.table} SET {column.column} = %s WHERE id = %s AND {column.column} = %s",  # noqa: S608
                new,
                row["id"],
                old,
            )
    return found[-1]["id"], changed


async def rotate(columns: list[SealedColumn]) -> dict[str, int]:
    """Rotate every sealed column and every file; what was changed, by `table.column` and under `files`."""
    totals: dict[str, int] = {}
    for column in columns:
        after, total = 0, 0
        while (step := await rotate_chunk(column, after)) is not None:
            after = step[0]
            total += step[1]
        totals[f"{column.table}.{column.column}"] = total
    totals["files"] = await files.rotate()
    return totals
