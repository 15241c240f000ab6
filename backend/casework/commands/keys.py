"""Writing down by what a case can be recognised."""

from backend.casework import attachments
from backend.casework.contents import Content
from backend.casework.flows import Flow
from backend.casework.keys import keys_of
from backend.core import database, ids


async def write(case_id: int, flow: Flow, content: Content) -> None:
    """Of a new case."""
    found = keys_of(flow, content.values, await attachments.unique_digests(flow, content.attachments))
    await database.execute_many(
        "INSERT INTO case_key (id, case_id, kind, key_index) VALUES (%s, %s, %s, %s)",
        [(ids.new_id(), case_id, kind.value, index) for index, kind in found.items()],
    )


async def replace(case_id: int, flow: Flow, content: Content) -> None:
    """After corrections."""
    await database.execute("DELETE FROM case_key WHERE case_id = %s", case_id)
    await write(case_id, flow, content)
