"""Messages that were given up, and are tried again because somebody has seen to what was wrong."""

from datetime import datetime

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound
from backend.notifications import rules, templates
from backend.notifications.enums import FAILED, DeliveryState

MOST_AT_ONCE = 5_000

# Every try counts anew: it is sent, or given up again after as many.
_AGAIN = "UPDATE delivery SET state = %s, attempts = 0, next_at = %s, last_error = '' WHERE "


@command
async def try_again(*, delivery: str, actor: Actor) -> int:
    """One message, whyever it was given up. Conflict when it was not, or is on its way already."""
    delivery_id = ids.parse(delivery) or 0
    changed = await database.execute(
        f"{_AGAIN} id = %s AND state IN (%s, %s)",
        DeliveryState.SENDING.value,
        _moment(),
        delivery_id,
        *(state.value for state in FAILED),
    )
    if not changed:
        known = await database.scalar("SELECT id FROM delivery WHERE id = %s", delivery_id)
        raise NotFound() if known is None else Conflict("delivery_not_given_up")
    await audit.record(actor, "delivery.again", object_kind="delivery", object_id=delivery_id)
    return changed


@command
async def try_all_again(*, actor: Actor) -> int:
    """Those that no provider took, the oldest first, up to `MOST_AT_ONCE`; not those whose number does not exist."""
    found = await database.rows(
        "SELECT id FROM delivery WHERE state = %s ORDER BY id LIMIT %s",
        DeliveryState.TECHNICAL_FAILURE.value,
        MOST_AT_ONCE,
    )
    if not found:
        raise Conflict("delivery_none_given_up")
    first, last = found[0]["id"], found[-1]["id"]
    changed = await database.execute(
        f"{_AGAIN} id BETWEEN %s AND %s AND state = %s",
        DeliveryState.SENDING.value,
        _moment(),
        first,
        last,
        DeliveryState.TECHNICAL_FAILURE.value,
    )
    detail = {"messages": changed}
    await audit.record(actor, "delivery.all_again", object_kind="delivery", object_id=first, detail=detail)
    return changed


def _moment() -> datetime:
    """Now, or when the quiet hours end: nobody is woken by yesterday's news."""
    return rules.earliest(clock.now(), templates.quiet_hours())
