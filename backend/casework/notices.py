"""From the words of a flow file to notices: which text speaks of an event, and over which channel."""

from collections.abc import Sequence

from backend.casework.enums import NoticeEvent
from backend.casework.flows import NoticeSpec
from backend.notifications.enums import Channel, Notice

# As flow files write them.
CHANNELS = {"app": Channel.INBOX, "sms": Channel.SMS}


def notice_of(event: NoticeEvent) -> Notice:
    return Notice(f"case.{event}")


def merged(standard: Sequence[NoticeSpec], own: Sequence[NoticeSpec]) -> tuple[NoticeSpec, ...]:
    """The standard set, with every event that a flow speaks of as that flow says it."""
    changed = {notice.event for notice in own}
    return (*(notice for notice in standard if notice.event not in changed), *own)
