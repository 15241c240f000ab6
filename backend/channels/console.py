"""The provider that sends nothing: it keeps what it was given, for people who try the product out."""

from datetime import timedelta

from backend.channels.contract import Outgoing
from backend.core import clock, crypto, database, ids
from backend.core.command import command

LONGEST_TEXT = 500
KEEP = timedelta(days=7)


class ConsoleProvider:
    async def send(self, message: Outgoing) -> str:
        message_id = ids.parse(message.key) if message.key else None
        return await _keep(
            message_id=ids.new_id() if message_id is None else message_id,
            recipient=message.recipient,
            template=message.template,
            text=message.text,
        )


@command
async def _keep(*, message_id: int, recipient: str, template: str, text: str) -> str:
    await database.insert_if_absent(
        "console_message",
        {
            "id": message_id,
            "recipient_index": crypto.blind_index("phone", recipient),
            "channel": "sms",
            "template": template,
            "text": text[:LONGEST_TEXT],
            "sent_at": clock.now(),
        },
        key="id",
    )
    return ids.public(message_id)


@command
async def forget_old() -> int:
    """Delete what was kept for trying the product out; the number of messages."""
    return await database.execute("DELETE FROM console_message WHERE sent_at < %s", clock.now() - KEEP)
