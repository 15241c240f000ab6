"""What providers report of messages that they took. States only move forward, in whatever order reports come."""

from collections.abc import Sequence

from backend.channels.receipts import Receipt
from backend.core import database, ids, metrics
from backend.core.command import command
from backend.notifications.enums import UNSENT, Channel, DeliveryState

_ROW = "UPDATE delivery SET state = %s, last_error = %s, next_at = NULL, begun_at = NULL, lease = '' WHERE"


@command
async def record_receipts(receipts: Sequence[Receipt]) -> int:
    """How many messages moved. Reports of messages that are not ours, or of codes for signing in, move none."""
    moved = 0
    for receipt in receipts:
        changed = await (_delivered(receipt) if receipt.delivered else _undelivered(receipt))
        if changed:
            word = "delivered" if receipt.delivered else "undelivered"
            metrics.deliveries.labels(Channel.SMS.value, word).inc()
            moved += changed
    return moved


async def _delivered(receipt: Receipt) -> int:
    """Also before we have written down that the provider took it: then the try that is under way is over."""
    if receipt.key:
        return await database.execute(
            f"{_ROW} id = %s AND state IN (%s, %s, %s)",
            DeliveryState.DELIVERED,
            "",
            ids.parse(receipt.key) or 0,
            *UNSENT,
            DeliveryState.SENT,
        )
    return await database.execute(
        f"{_ROW} provider_id = %s AND state = %s",
        DeliveryState.DELIVERED,
        "",
        receipt.provider_id[:64],
        DeliveryState.SENT,
    )


async def _undelivered(receipt: Receipt) -> int:
    """Of the try that was reported and of no other: a report may come again after the message was sent anew."""
    return await database.execute(
        f"{_ROW} provider_id = %s AND state = %s",
        DeliveryState.UNDELIVERED,
        receipt.code,
        receipt.provider_id[:64],
        DeliveryState.SENT,
    )
