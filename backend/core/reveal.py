"""The one way a person opens a sensitive value: with a purpose, leaving a trace its owner can read."""

from datetime import timedelta
from enum import StrEnum

from backend.core import audit, clock, crypto, database, ids
from backend.core.actor import Actor
from backend.core.errors import Forbidden, TooMany

STAFF_REVEALS_PER_HOUR = 200


class Purpose(StrEnum):
    REVIEW = "review"  # deciding a case
    COUNTER_SERVICE = "counter_service"  # helping the person at the window
    OWN = "own"  # the person's own data
    DELIVERY = "delivery"  # sending a message to this person


PURPOSE_LABELS = {
    Purpose.REVIEW: "审核办件",
    Purpose.COUNTER_SERVICE: "窗口服务",
    Purpose.OWN: "本人查看",
    Purpose.DELIVERY: "发送通知",
}


async def reveal(
    sealed: str,
    *,
    context: str,
    field: str,
    purpose: Purpose,
    actor: Actor,
    subject_kind: str,
    subject_id: int,
    case_id: int | None = None,
) -> str:
    """Decrypt `sealed`. Staff leave a trace for the subject, a line in the audit log, and are limited to a
    number an hour."""
    if not actor.signed_in:
        raise Forbidden()
    if actor.is_staff:
        await _trace(field=field, purpose=purpose, actor=actor, subject_kind=subject_kind, subject_id=subject_id)
        detail = {"field": field, "purpose": purpose.value} | ({"case_id": case_id} if case_id else {})
        await audit.record(actor, "value.revealed", object_kind=subject_kind, object_id=subject_id, detail=detail)
    return crypto.open_sealed(sealed, context=context)


def reveal_to_system(sealed: str, *, context: str, purpose: Purpose) -> str:
    """For delivery and computations that show the value to nobody but its owner."""
    if purpose not in (Purpose.DELIVERY, Purpose.OWN):
        raise Forbidden()
    return crypto.open_sealed(sealed, context=context)


async def _trace(*, field: str, purpose: Purpose, actor: Actor, subject_kind: str, subject_id: int) -> None:
    since = clock.now() - timedelta(hours=1)
    opened = await database.scalar(
        "SELECT COUNT(*) FROM access_trace WHERE actor_id = %s AND at > %s", actor.account_id, since
    )
    if opened >= STAFF_REVEALS_PER_HOUR:
        raise TooMany("too_many_reveals", retry_after=3600)
    union = actor.posts[0].union_name if actor.posts else ""
    await database.insert(
        "access_trace",
        {
            "id": ids.new_id(),
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "field": field,
            "purpose": purpose.value,
            "actor_id": actor.account_id,
            "actor_label": f"{union} {actor.display}".strip()[:80],
            "at": clock.now(),
        },
    )
