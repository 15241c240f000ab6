"""Declaring relatives, and taking it back."""

from collections.abc import Callable

import msgspec

from backend.core import audit, clock, crypto, database, ids, national, reference
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import FieldError, Invalid, NotFound, invalid, sentence
from backend.core.national import InvalidValue
from backend.identity.enums import Relation
from backend.identity.relatives import MOST, Named, context_of
from backend.identity.schemas import RelativeInput


@command
async def declare_relative(*, data: RelativeInput, actor: Actor) -> None:
    """From here on the actor decides nothing in which this person is named."""
    named = _read(data)
    declared = await database.scalar(
        "SELECT COUNT(*) FROM relative WHERE account_id = %s AND standing IS NOT NULL", actor.account_id
    )
    if declared >= MOST:
        raise invalid("name", "relatives_too_many", limit=MOST)
    relative_id, index = ids.new_id(), crypto.blind_index("id_no", named.id_no)
    row = {
        "id": relative_id,
        "account_id": actor.account_id,
        "relation": data.relation,
        "sealed": crypto.seal(msgspec.json.encode(named).decode(), context=context_of(relative_id)),
        "id_no_index": index,
        "phone_index": crypto.blind_index("phone", named.phone) if named.phone else None,
        "standing": f"{actor.account_id}:{index}",
        "declared_at": clock.now(),
    }
    if not await database.insert_if_absent("relative", row, key="standing"):
        raise invalid("id_no", "relative_declared")
    detail = {"relation": data.relation}
    await audit.record(actor, "relative.declared", object_kind="relative", object_id=relative_id, detail=detail)


def _read(data: RelativeInput) -> Named:
    """Every wrong field is named at once."""
    errors: list[FieldError] = []

    def read(field: str, parse: Callable[[str], str]) -> str:
        try:
            return parse(getattr(data, field))
        except InvalidValue as exc:
            errors.append(FieldError(field, exc.message))
            return ""

    if data.relation not in set(Relation):
        errors.append(FieldError("relation", sentence("relation_unknown")))
    named = Named(
        name=read("name", national.parse_name),
        id_no=read("id_no", _id_no),
        phone=read("phone", national.parse_phone) if data.phone.strip() else "",
    )
    if errors:
        raise Invalid(errors)
    return named


def _id_no(text: str) -> str:
    allowed = reference.settings().allow_synthetic_ids
    return national.parse_id_no(text, allow_synthetic=allowed, today=clock.today()).number


@command
async def take_back_relative(*, relative: str, actor: Actor) -> None:
    """What was asked until now is still not the actor's to decide."""
    relative_id = ids.parse(relative) or 0
    ended = await database.execute(
        "UPDATE relative SET standing = NULL, ended_at = %s WHERE id = %s AND account_id = %s AND standing IS NOT NULL",
        clock.now(),
        relative_id,
        actor.account_id,
    )
    if not ended:
        raise NotFound("relative_unknown")
    await audit.record(actor, "relative.taken_back", object_kind="relative", object_id=relative_id)
