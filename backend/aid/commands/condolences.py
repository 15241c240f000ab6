"""A unit sets its standards of condolences; what an approved case gives is kept as it was."""

from backend.aid import condolence_files
from backend.aid import condolence_rules as rules
from backend.aid.condolence_schemas import CondolenceGrant, StandardInput
from backend.aid.own_unions import own_post
from backend.aid.queries import condolences
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, Invalid


@command
async def set_standard(actor: Actor, *, data: StandardInput) -> str:
    """What the unit gives from a day on; its public id. One that is still to come may be changed, none that holds."""
    post = own_post(actor, condolences.MANAGE, data.union_id)
    paper, today = " ".join(data.paper.split()), clock.today()
    limits = condolence_files.on(max(data.since, today))
    wrong = list(rules.standard_problems(data.event, data.amount_fen, data.since, paper, limits=limits, today=today))
    if wrong:
        raise Invalid(wrong)
    row = {
        "id": ids.new_id(),
        "key": f"{post.union_id}:{data.event.value}:{data.since}",
        "union_id": post.union_id,
        "event": data.event.value,
        "since": data.since,
        "amount_fen": data.amount_fen,
        "paper": paper,
        "set_by": actor.account_id,
        "at": clock.now(),
    }
    if not await database.insert_if_absent("condolence_standard", row, key="`key`"):
        row["id"] = await _change_coming(row["key"], data, paper, actor)
    detail = {
        "union": post.union_id,
        "event": data.event.value,
        "amount_fen": data.amount_fen,
        "since": str(data.since),
    }
    await audit.record(
        actor, "condolence.standard", object_kind="condolence_standard", object_id=row["id"], detail=detail
    )
    return ids.public(row["id"])


async def _change_coming(key: str, data: StandardInput, paper: str, actor: Actor) -> int:
    changed = await database.execute(
        "UPDATE condolence_standard SET amount_fen = %s, paper = %s, set_by = %s, at = %s"
        " WHERE `key` = %s AND since > %s",
        data.amount_fen,
        paper,
        actor.account_id,
        clock.now(),
        key,
        clock.today(),
    )
    if not changed:
        raise Conflict("standard_holds")
    return int(await database.scalar("SELECT id FROM condolence_standard WHERE `key` = %s", key))


@command
async def grant_condolence(actor: Actor, *, grant: CondolenceGrant) -> int:
    """What the case gives, in fen; a second call gives what the first one kept."""
    row = {
        "id": ids.new_id(),
        "case_id": grant.case_id,
        "case_number": grant.case_number,
        "person_index": grant.person_index,
        "union_id": grant.union_id,
        "event": grant.event.value,
        "event_date": grant.event_date,
        "amount_fen": grant.amount_fen,
        "goods": grant.goods[:60],
        "granted_on": clock.today(),
    }
    if not await database.insert_if_absent("condolence_grant", row, key="case_id"):
        sql = "SELECT amount_fen FROM condolence_grant WHERE case_id = %s"
        return int(await database.scalar(sql, grant.case_id))
    detail = {"case": grant.case_id, "event": grant.event.value, "amount_fen": grant.amount_fen}
    await audit.record(actor, "condolence.granted", object_kind="case", object_id=grant.case_id, detail=detail)
    return grant.amount_fen
