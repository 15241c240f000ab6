"""Notices to many, which go on part by part."""

from backend.notifications import commands as notifications
from backend.notifications import events as notification_events


async def go_on_telling(event: notification_events.MassNoticeMoved, key: str) -> bool:
    return await notifications.run_mass(event.mass_id)
