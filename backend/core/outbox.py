"""Events as rows in the transaction that caused them. The queue is only a doorbell and may lose everything."""

from datetime import datetime

import msgspec

from backend.core import clock, database, ids, queue
from backend.core.command import after_commit


def topic_of(event: type[msgspec.Struct]) -> str:
    """`casework.CaseSubmitted` for backend.casework.events.CaseSubmitted."""
    return f"{event.__module__.split('.')[1]}.{event.__name__}"


async def emit(event: msgspec.Struct, *, key: str, due_at: datetime | None = None) -> None:
    """Record that `event` happened, or will have by `due_at`. `key` is made of ids; the same key twice is one event."""
    now = clock.now()
    topic = topic_of(type(event))
    await database.insert_if_absent(
        "outbox",
        {
            "id": ids.new_id(),
            "key": f"{topic}:{key}",
            "topic": topic,
            "payload": msgspec.json.encode(event).decode(),
            "state": "waiting",
            "attempts": 0,
            "created_at": now,
            "next_at": due_at or now,
            "lease": "",
            "last_error": "",
        },
        key="`key`",
    )
    after_commit(queue.ring)
