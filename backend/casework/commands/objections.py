"""Objections against public notices: anybody signed in may bring one forward, the case's desk looks into it."""

from tortoise.exceptions import IntegrityError

from backend.casework import rules
from backend.casework.commands.access import require_say, standing_for, standing_of
from backend.casework.models import Case, Objection, PublicNotice
from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid

MAX_TEXT = 500


@command
async def object_to(*, notice: str, text: str, actor: Actor) -> None:
    """One objection a person and notice, on a day on which it hangs."""
    found = await PublicNotice.get_or_none(id=ids.parse(notice) or 0)
    if found is None:
        raise NotFound("no_such_notice")
    text = text.strip()
    if not text:
        raise invalid("text", "objection_empty")
    if len(text) > MAX_TEXT:
        raise invalid("text", "comment_too_long", limit=MAX_TEXT)
    if clock.today() > found.closes_on:
        raise Conflict("notice_closed")
    objection_id = ids.new_id()
    row = {"id": objection_id, "notice_id": found.id, "account_id": actor.account_id, "text": text, "at": clock.now()}
    try:
        await database.insert("objection", row | {"finding": ""})
    except IntegrityError as exc:
        raise Conflict("objected_already") from exc
    await database.execute("UPDATE public_notice SET open_objections = open_objections + 1 WHERE id = %s", found.id)
    await audit.record(actor, "notice.objection", object_kind="objection", object_id=objection_id)


@command
async def settle(*, objection: str, upheld: bool, finding: str, actor: Actor) -> str:
    """What the desk found; the number of the case it belongs to. A settled objection is not settled again."""
    found = await Objection.get_or_none(id=ids.parse(objection) or 0)
    notice = await PublicNotice.get_or_none(id=found.notice_id) if found else None
    case = await Case.get_or_none(id=notice.case_id) if notice else None
    if found is None or notice is None or case is None or rules.serving_post(actor, standing_of(case)) is None:
        raise NotFound("no_such_notice")
    require_say(actor, await standing_for(case, actor))
    finding = finding.strip()
    if not finding or len(finding) > MAX_TEXT:
        raise invalid("finding", "finding_missing", limit=MAX_TEXT)
    settled = await database.execute(
        "UPDATE objection SET upheld = %s, finding = %s, settled_at = %s, settled_by = %s"
        " WHERE id = %s AND settled_at IS NULL",
        upheld,
        finding,
        clock.now(),
        actor.account_id,
        found.id,
    )
    if not settled:
        raise Conflict("objection_settled")
    await database.execute("UPDATE public_notice SET open_objections = open_objections - 1 WHERE id = %s", notice.id)
    detail = {"upheld": upheld}
    await audit.record(actor, "notice.settled", object_kind="objection", object_id=found.id, detail=detail)
    return case.number
