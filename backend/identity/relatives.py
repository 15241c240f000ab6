"""Whom a member of staff declared close: in their affairs that account decides nothing."""

import msgspec

from backend.core import clock, database, ids, national
from backend.core.actor import Actor
from backend.core.reveal import Purpose, reveal_to_system
from backend.identity.enums import RELATION_TEXT, Relation
from backend.identity.schemas import RelativeLine

MOST = 30


class Named(msgspec.Struct, frozen=True):
    """What is sealed of a relative."""

    name: str
    id_no: str
    phone: str


def context_of(relative_id: int) -> str:
    return f"relative/sealed/{relative_id}"


async def own_relatives(actor: Actor) -> list[RelativeLine]:
    """Those that the actor declares now, in the order in which they were named."""
    found = await database.rows(
        "SELECT id, relation, sealed, declared_at FROM relative"
        " WHERE account_id = %s AND standing IS NOT NULL ORDER BY id LIMIT %s",
        actor.account_id,
        MOST,
    )
    return [_line(row["id"], Relation(row["relation"]), row["sealed"], row["declared_at"]) for row in found]


def _line(relative_id: int, relation: Relation, sealed: str, declared_at: object) -> RelativeLine:
    opened = reveal_to_system(sealed, context=context_of(relative_id), purpose=Purpose.OWN)
    named = msgspec.json.decode(opened, type=Named)
    return RelativeLine(
        id=ids.public(relative_id),
        relation=relation,
        relation_text=RELATION_TEXT[relation],
        name=national.mask_name(named.name),
        id_no=national.mask_id_no(named.id_no),
        phone=national.mask_phone(named.phone) if named.phone else "",
        declared_at=clock.iso(database.aware(declared_at)) or "",
    )
