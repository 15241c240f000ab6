"""One's own inbox."""

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound
from backend.notifications import queries
from backend.notifications.schemas import NotificationView


@command
async def mark_read(notification: str, actor: Actor) -> NotificationView:
    """Read it, or find that it was read before. Reading one's own mail leaves no audit row."""
    notification_id = ids.parse(notification)
    if notification_id is None:
        raise NotFound()
    await database.execute(
        "UPDATE notification SET read_at = %s WHERE id = %s AND account_id = %s AND read_at IS NULL",
        clock.now(),
        notification_id,
        actor.account_id,
    )
    return await queries.notification(notification_id, actor)


@command
async def mark_all_read(actor: Actor) -> int:
    """The number of notices that were unread."""
    return await database.execute(
        "UPDATE notification SET read_at = %s WHERE account_id = %s AND read_at IS NULL", clock.now(), actor.account_id
    )
