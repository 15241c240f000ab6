"""The one way a person opens a sensitive value: with a purpose, leaving a trace its owner can read."""

from collections.abc import Collection
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
    EXPORT = "export"  # a table or an archive that staff took out


PURPOSE_LABELS = {
    Purpose.REVIEW: "审核办件",
    Purpose.COUNTER_SERVICE: "窗口服务",
    Purpose.OWN: "本人查看",
    Purpose.DELIVERY: "发送通知",
    Purpose.EXPORT: "导出台账",
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


async def trace_export(actor: Actor, subjects: Collection[tuple[str, int]], *, field: str) -> None:
    """One line for everybody whose values an export opens, however many of its rows are theirs. `field` names the
    export. Inside the command that keeps these rows: no line, no rows."""
    new = set(subjects) - await _traced(actor, subjects, field)
    label, now = _label(actor), clock.now()
    await database.execute_many(
        "INSERT INTO access_trace (id, subject_kind, subject_id, field, purpose, actor_id, actor_label, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            (ids.new_id(), kind, subject_id, field, Purpose.EXPORT.value, actor.account_id, label, now)
            for kind, subject_id in sorted(new)
        ],
    )


async def _traced(actor: Actor, subjects: Collection[tuple[str, int]], field: str) -> set[tuple[str, int]]:
    known: set[tuple[str, int]] = set()
    for kind in {kind for kind, _ in subjects}:
        wanted = [subject_id for one, subject_id in subjects if one == kind]
        marks = ", ".join(["%s"] * len(wanted))
        found = await database.rows(
            f"SELECT subject_id FROM access_trace WHERE subject_kind = %s AND subject_id IN ({marks})"  # noqa: S608
            " AND actor_id = %s AND field = %s",
            kind,
            *wanted,
            actor.account_id,
            field,
        )
        known |= {(kind, row["subject_id"]) for row in found}
    return known


def reveal_to_system(sealed: str, *, context: str, purpose: Purpose) -> str:
    """For delivery and computations that show the value to nobody but its owner."""
    if purpose not in (Purpose.DELIVERY, Purpose.OWN):
        raise Forbidden()
    return crypto.open_sealed(sealed, context=context)


async def _trace(*, field: str, purpose: Purpose, actor: Actor, subject_kind: str, subject_id: int) -> None:
    since = clock.now() - timedelta(hours=1)
    # An export opens many at once, by a right of its own, and is not looking at one after another.
    opened = await database.scalar(
        "SELECT COUNT(*) FROM access_trace WHERE actor_id = %s AND at > %s AND purpose <> %s",
        actor.account_id,
        since,
        Purpose.EXPORT.value,
    )
    if opened >= STAFF_REVEALS_PER_HOUR:
        raise TooMany("too_many_reveals", retry_after=3600)
    await database.insert(
        "access_trace",
        {
            "id": ids.new_id(),
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "field": field,
            "purpose": purpose.value,
            "actor_id": actor.account_id,
            "actor_label": _label(actor),
            "at": clock.now(),
        },
    )


def _label(actor: Actor) -> str:
    """As whoever is concerned reads it."""
    union = actor.posts[0].union_name if actor.posts else ""
    return f"{union} {actor.display}".strip()[:80]
