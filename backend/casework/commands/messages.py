"""Short messages between the applicant and the desk that has the case."""

import hashlib

from tortoise.exceptions import IntegrityError

from backend.casework import rules, timeline
from backend.casework.commands.access import desk_case, find, own_case
from backend.casework.enums import CaseStatus
from backend.casework.events import MessageWritten
from backend.casework.models import Case
from backend.casework.queries.messages import message_context
from backend.core import audit, clock, crypto, database, ids, outbox, scrub
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.web import limits


async def write(*, number: str, text: str, actor: Actor, nonce: str = "") -> None:
    """By the applicant. A refused message does not count; TooMany when there were many lately. The same `nonce` again
    is the same message.
    """
    text = _words(text)
    await own_case(number, actor)
    await limits.hit(limits.MESSAGES, str(actor.account_id))
    await _write_own(number=number, text=text, actor=actor, nonce=nonce)


@command
async def _write_own(*, number: str, text: str, actor: Actor, nonce: str) -> None:
    case = await own_case(number, actor)
    await _add(case, text, actor, label=timeline.APPLICANT, from_desk=False, nonce=nonce)


@command
async def write_from_desk(*, number: str, text: str, actor: Actor, nonce: str = "") -> None:
    """By whoever serves the desk that has the case, or had it last; to an applicant who has an account to read it."""
    text = _words(text)
    seen = await find(number)
    batch_id = seen.batch_id if seen else None
    case, post = await desk_case(number, actor, version=seen.version if seen else 0, batch_id=batch_id)
    if case.applicant_id is None:
        raise Conflict("message_nobody")
    label = timeline.actor_label(actor, post)
    await _add(case, text, actor, label=label, from_desk=True, nonce=nonce)


@command
async def read(*, number: str, upto: str, actor: Actor) -> None:
    """The applicant has seen the desk's messages up to this one. Doing it again changes nothing."""
    case = await own_case(number, actor)
    await _mark_read(case, ids.parse(upto) or 0, column="applicant_unread", from_desk=True)


@command
async def read_at_desk(*, number: str, upto: str, actor: Actor) -> None:
    """The desk has seen the applicant's messages up to this one, for everybody who serves it."""
    seen = await find(number)
    batch_id = seen.batch_id if seen else None
    case, _ = await desk_case(number, actor, version=seen.version if seen else 0, batch_id=batch_id)
    await _mark_read(case, ids.parse(upto) or 0, column="desk_unread", from_desk=False)


def _words(text: str) -> str:
    text = text.strip()
    if not text:
        raise invalid("text", "message_empty")
    if len(text) > rules.MAX_MESSAGE:
        raise invalid("text", "comment_too_long", limit=rules.MAX_MESSAGE)
    if scrub.holds_number(text):
        raise invalid("text", "message_numbers")
    return text


async def _add(case: Case, text: str, actor: Actor, *, label: str, from_desk: bool, nonce: str) -> None:
    """Changes nothing that anybody has open, so no new version of the case."""
    if not rules.may_talk(CaseStatus(case.status), case.decided_at, clock.now()):
        raise Conflict("message_over")
    message_id = ids.new_id()
    row = {
        "id": message_id,
        "case_id": case.id,
        "from_desk": from_desk,
        "author_id": actor.account_id,
        "author_label": label,
        "sealed": crypto.seal(text, context=message_context(message_id)),
        "at": clock.now(),
        "submission_key": _key(actor, nonce),
    }
    try:
        await database.insert("case_message", row)
    except IntegrityError:
        return  # the page sent it before
    column = "applicant_unread" if from_desk else "desk_unread"
    sql = f"UPDATE case_file SET {column} = {column} + 1 WHERE id = %s"  # noqa: S608 - one of two columns
    await database.execute(sql, case.id)
    await audit.record(actor, "case.message", object_kind="case", object_id=case.id, detail={"message": message_id})
    assert case.desk_union_id is not None and case.desk_role is not None
    written = MessageWritten(case.id, message_id, from_desk, case.desk_union_id, case.desk_role)
    await outbox.emit(written, key=str(message_id))


def _key(actor: Actor, nonce: str) -> str | None:
    if not nonce:
        return None
    return hashlib.sha256(f"{actor.account_id}:{nonce}".encode()).hexdigest()


async def _mark_read(case: Case, upto: int, *, column: str, from_desk: bool) -> None:
    """What came after the last message that was seen stays unread; nothing becomes unread again."""
    names = "(SELECT COUNT(*) FROM case_message m WHERE m.case_id = %s AND m.from_desk = %s AND m.id > %s)"
    values = (case.id, from_desk, upto)
    await database.execute(
        f"UPDATE case_file SET {column} = {names} WHERE id = %s AND {column} > {names}",  # noqa: S608 - see above
        *values,
        case.id,
        *values,
    )
