"""Lists of whom to visit: nobody stands on two of one season unless that was confirmed. Whoever was visited says how it
was.
"""

import secrets
from collections.abc import Sequence
from datetime import date

from backend.aid import visit_rules as rules
from backend.aid.own_unions import own_post
from backend.aid.queries import visits as queries
from backend.aid.queries.visits import Target
from backend.aid.visit_enums import Season
from backend.aid.visit_schemas import FeedbackInput, VisitInput
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid, invalid


@command
async def make_visit_list(actor: Actor, *, data: VisitInput, nonce: str | None = None) -> str:
    """A list of the members that were chosen; its public id. The same nonce is one list."""
    post = own_post(actor, queries.MANAGE, data.union_id)
    key = f"{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:100]
    known = await database.scalar("SELECT id FROM visit_list WHERE `key` = %s", key)
    if known is not None:
        return ids.public(known)
    name, year = " ".join(data.name.split()), data.visit_on.year
    found = await queries.chosen_targets(post, data.members[: rules.MOST_PEOPLE + 1], data.season, year)
    wrong = list(rules.list_problems(name, data.visit_on, len(found), data.cash_fen, today=clock.today()))
    if wrong:
        raise Invalid(wrong)
    before = [one for one in found if one.chosen_in is not None]
    if before and not data.again:
        raise _twice(len(before))
    list_id = ids.new_id()
    row = {
        "id": list_id,
        "key": key,
        "union_id": post.union_id,
        "name": name,
        "season": data.season.value,
        "year": year,
        "visit_on": data.visit_on,
        "people": len(found),
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    if not await database.insert_if_absent("visit_list", row, key="`key`"):
        return ids.public(await database.scalar("SELECT id FROM visit_list WHERE `key` = %s", key))
    await _put_in(list_id, found, data)
    detail = {"union": post.union_id, "people": len(found), "again": len(before)}
    await audit.record(actor, "visit.listed", object_kind="visit_list", object_id=list_id, detail=detail)
    return ids.public(list_id)


async def _put_in(list_id: int, found: Sequence[Target], data: VisitInput) -> None:
    """In the order of their ids; whoever came onto another list since the look before is not visited twice."""
    taken = 0
    for one in found:
        again = one.chosen_in is not None
        row = {
            "id": ids.new_id(),
            "list_id": list_id,
            "season_key": None if again else f"{one.id}:{data.visit_on.year}:{data.season.value}",
            "member_id": one.id,
            "member_no": one.member_no,
            "name": one.name,
            "category": one.category,
            "cash_fen": data.cash_fen,
            "again": again,
            "words": "",
        }
        taken += not await database.insert_if_absent("visit_person", row, key="season_key")
    if taken:
        raise _twice(taken)


def _twice(count: int) -> Invalid:
    return invalid("again", "visit_twice", count=count)


@command
async def note_visit(actor: Actor, *, union_id: int, season: Season, year: int, name: str, day: date) -> None:
    """Somebody of a list was visited; where two of the name wait, or none does, the lists stay as they are."""
    found = await database.rows(
        "SELECT v.id FROM visit_person v JOIN visit_list l ON l.id = v.list_id WHERE l.union_id = %s AND l.season = %s"
        " AND l.year = %s AND v.name = %s AND v.visited_on IS NULL LIMIT 2",
        union_id,
        season.value,
        year,
        name,
    )
    if len(found) != 1:
        return
    person_id = found[0]["id"]
    await database.execute("UPDATE visit_person SET visited_on = %s WHERE id = %s", day, person_id)
    await audit.record(actor, "visit.visited", object_kind="visit_person", object_id=person_id)


@command
async def answer_visit(actor: Actor, *, visit: str, data: FeedbackInput) -> None:
    """Whoever was visited says so once."""
    own, words = await queries.own_visit(visit, actor), " ".join(data.words.split())
    wrong = list(rules.feedback_problems(data.rating, words))
    if wrong:
        raise Invalid(wrong)
    person_id = ids.parse(own.id) or 0
    changed = await database.execute(
        "UPDATE visit_person SET confirmed_on = %s, received = %s, rating = %s, words = %s"
        " WHERE id = %s AND confirmed_on IS NULL",
        clock.today(),
        data.received,
        data.rating,
        words,
        person_id,
    )
    if not changed:
        raise Conflict("visit_answered")
    detail = {"received": data.received, "rating": data.rating}
    await audit.record(actor, "visit.answered", object_kind="visit_person", object_id=person_id, detail=detail)
