"""Leave cover: a colleague serves somebody's posts for some days. It begins and ends by itself."""

from datetime import date

import msgspec

from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import FieldError, Forbidden, Invalid, NotFound, invalid, sentence
from backend.unions import queries
from backend.unions.events import CoverNamed
from backend.unions.queries.covers import administers
from backend.unions.schemas import CoverInput

LONGEST_DAYS = 90


@command
async def name_cover(*, data: CoverInput, actor: Actor) -> str:
    """For oneself a colleague of the same desk; whoever administers the absent may name anybody they administer.

    The public id of the cover. Nobody is covered twice, and nobody covers who is away themselves.
    """
    absent_id = ids.parse(data.absent) if data.absent else actor.account_id
    if absent_id is None or (absent_id != actor.account_id and not await administers(actor, absent_id)):
        raise Forbidden("cover_not_yours")
    cover_id = await _colleague(data, absent_id, actor)
    await _forget_past(absent_id)
    row = {
        "id": ids.new_id(),
        "absent_id": absent_id,
        "cover_id": cover_id,
        "from_on": data.from_on,
        "until_on": data.until_on,
        "standing": str(absent_id),
        "made_by": actor.account_id,
        "made_at": clock.now(),
    }
    if not await database.insert_if_absent("cover", row, key="standing"):
        raise invalid("cover", "cover_standing")
    detail = {"absent": absent_id, "cover": cover_id}
    await audit.record(actor, "cover.named", object_kind="cover", object_id=row["id"], detail=detail)
    await outbox.emit(CoverNamed(row["id"]), key=str(row["id"]))
    return ids.public(row["id"])


async def _colleague(data: CoverInput, absent_id: int, actor: Actor) -> int:
    """The account of whoever covers; every wrong field is named at once."""
    errors = []
    cover_id = ids.parse(data.cover) or 0
    if cover_id == absent_id:
        errors.append(FieldError("cover", sentence("cover_self")))
    elif data.cover not in {one.id for one in await queries.cover_choices(actor, absent_id)}:
        errors.append(FieldError("cover", sentence("cover_unknown")))
    elif await _is_away(cover_id, data.from_on, data.until_on):
        errors.append(FieldError("cover", sentence("cover_away")))
    if not clock.today() <= data.from_on <= data.until_on or (data.until_on - data.from_on).days >= LONGEST_DAYS:
        errors.append(FieldError("until_on", sentence("cover_dates", limit=LONGEST_DAYS)))
    if errors:
        raise Invalid(errors)
    return cover_id


async def _is_away(account_id: int, from_on: date, until_on: date) -> bool:
    found = await database.scalar(
        "SELECT id FROM cover WHERE absent_id = %s AND ended_at IS NULL AND from_on <= %s AND until_on >= %s LIMIT 1",
        account_id,
        until_on,
        from_on,
    )
    return found is not None


async def _forget_past(absent_id: int) -> None:
    """One that is over makes room for the next."""
    await database.execute(
        "UPDATE cover SET standing = NULL WHERE absent_id = %s AND until_on < %s", absent_id, clock.today()
    )


class _Cover(msgspec.Struct):
    id: int
    absent_id: int
    cover_id: int


@command
async def end_cover(*, cover: str, actor: Actor) -> None:
    """At once, by either of the two or by whoever administers the absent; to anybody else it is not there."""
    found = await database.view(
        _Cover,
        "SELECT id, absent_id, cover_id FROM cover WHERE id = %s AND ended_at IS NULL AND until_on >= %s",
        ids.parse(cover) or 0,
        clock.today(),
    )
    if found is None:
        raise NotFound("cover_gone")
    mine = actor.account_id in (found.absent_id, found.cover_id)
    if not mine and not await administers(actor, found.absent_id):
        raise NotFound("cover_gone")
    ended = await database.execute(
        "UPDATE cover SET ended_at = %s, standing = NULL WHERE id = %s AND ended_at IS NULL", clock.now(), found.id
    )
    if not ended:
        raise NotFound("cover_gone")
    await audit.record(actor, "cover.ended", object_kind="cover", object_id=found.id)
