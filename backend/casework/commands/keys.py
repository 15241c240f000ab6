"""Writing down by what a case can be recognised."""

from collections.abc import Mapping
from typing import Any

from backend.casework.flows import Flow
from backend.casework.keys import keys_of
from backend.core import database, ids


async def write(case_id: int, flow: Flow, values: Mapping[str, Any]) -> None:
    """Of a new case."""
    await database.execute_many(
        "INSERT INTO case_key (id, case_id, kind, key_index) VALUES (%s, %s, %s, %s)",
        [(ids.new_id(), case_id, kind.value, index) for index, kind in keys_of(flow, values).items()],
    )


async def replace(case_id: int, flow: Flow, values: Mapping[str, Any]) -> None:
    """After corrections."""
    await database.execute("DELETE FROM case_key WHERE case_id = %s", case_id)
    await write(case_id, flow, values)
