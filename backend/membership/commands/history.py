"""The history of a membership: one row for each change of status or union."""

from collections.abc import Sequence

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.membership.enums import MemberStatus


def change_row(
    *,
    member_id: int,
    before: tuple[str, int] | None,
    after: tuple[MemberStatus, int],
    reason: str,
    reference: str,
    actor_id: int,
) -> dict[str, object]:
    """`before` and `after` are status and union; nothing before the first joining."""
    return {
        "id": ids.new_id(),
        "member_id": member_id,
        "from_status": before[0] if before else "",
        "to_status": after[0].value,
        "from_union_id": before[1] if before else None,
        "to_union_id": after[1],
        "reason": reason[:100],
        "reference": reference[:40],
        "actor_id": actor_id,
        "at": clock.now(),
    }


async def changed_by(reference: str, member_id: int) -> str | None:
    """The status before what this decision did to a membership; None when it did nothing yet."""
    sql = "SELECT from_status FROM membership_change WHERE member_id = %s AND reference = %s ORDER BY id LIMIT 1"
    return await database.scalar(sql, member_id, reference) if reference else None


async def note_change(
    actor: Actor,
    *,
    member_id: int,
    before: tuple[str, int] | None,
    after: tuple[MemberStatus, int],
    reason: str,
    reference: str,
) -> None:
    row = change_row(
        member_id=member_id,
        before=before,
        after=after,
        reason=reason,
        reference=reference,
        actor_id=actor.account_id,
    )
    await database.insert("membership_change", row)


async def insert_changes(rows: Sequence[dict[str, object]]) -> None:
    columns = ", ".join(rows[0])
    marks = ", ".join(["%s"] * len(rows[0]))
    await database.execute_many(
        f"INSERT INTO membership_change ({columns}) VALUES ({marks})",  # noqa: S608 - our own column names
        [list(row.values()) for row in rows],
    )
