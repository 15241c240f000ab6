"""Messages that were given up: tried again because somebody has seen to what was wrong, or left at that."""

from datetime import datetime

import msgspec

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound
from backend.notifications import queries, rules, templates
from backend.notifications.enums import FAILED, DeliveryState
from backend.unions import queries as unions

MOST_AT_ONCE = 1_000

# Every try counts anew: it is sent, or given up again after as many.
_AGAIN = "UPDATE delivery SET state = %s, attempts = 0, next_at = %s, last_error = '' WHERE id = %s AND state = %s"


class _Failed(msgspec.Struct):
    id: int
    state: DeliveryState


@command
async def try_again(*, delivery: str, actor: Actor) -> int:
    """One message, whyever it was given up. Conflict when it was not, or is on its way already."""
    found = await _of_actor(actor, "d.id = %s", ids.parse(delivery) or 0)
    if not found:
        raise NotFound()
    if found[0].state not in FAILED or not await _again(found[0], _moment()):
        raise Conflict("delivery_not_given_up")
    await audit.record(actor, "delivery.again", object_kind="delivery", object_id=found[0].id)
    return 1


@command
async def give_up(*, delivery: str, actor: Actor) -> None:
    """Leave it at that: it stands on no list any more, and nobody tries it again. What was in the inbox stays there."""
    found = await _of_actor(actor, "d.id = %s", ids.parse(delivery) or 0)
    if not found:
        raise NotFound()
    if found[0].state not in FAILED or not await _leave(found[0]):
        raise Conflict("delivery_not_given_up")
    await audit.record(actor, "delivery.given_up", object_kind="delivery", object_id=found[0].id)


@command
async def try_all_again(*, actor: Actor) -> int:
    """Those that no provider took, the oldest first, up to `MOST_AT_ONCE`; not those whose number does not exist."""
    found = await _of_actor(actor, "d.state = %s", DeliveryState.TECHNICAL_FAILURE.value)
    if not found:
        raise Conflict("delivery_none_given_up")
    moment = _moment()
    changed = sum([await _again(one, moment) for one in found])
    detail = {"messages": changed}
    await audit.record(actor, "delivery.all_again", object_kind="delivery", object_id=found[0].id, detail=detail)
    return changed


async def _of_actor(actor: Actor, condition: str, value: object) -> list[_Failed]:
    where, values = unions.visible_to(actor, queries.MANAGE)
    return await database.views(
        _Failed,
        f"SELECT d.id, d.state FROM delivery d JOIN union_org u ON u.id = d.union_id WHERE {where}"  # noqa: S608
        f" AND {condition} ORDER BY d.id LIMIT %s",
        *values,
        value,
        MOST_AT_ONCE,
    )


async def _again(failed: _Failed, moment: datetime) -> int:
    return await database.execute(_AGAIN, DeliveryState.SENDING.value, moment, failed.id, failed.state.value)


async def _leave(failed: _Failed) -> int:
    return await database.execute(
        "UPDATE delivery SET state = %s WHERE id = %s AND state = %s",
        DeliveryState.GIVEN_UP.value,
        failed.id,
        failed.state.value,
    )


def _moment() -> datetime:
    """Now, or when the quiet hours end: nobody is woken by yesterday's news."""
    return rules.earliest(clock.now(), templates.quiet_hours())
