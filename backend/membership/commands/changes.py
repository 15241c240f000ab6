"""What happens to a membership after it began."""

from backend.core import audit, clock, database, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid
from backend.membership import rules
from backend.membership.commands.history import change_row, changed_by, insert_changes, note_change
from backend.membership.commands.joining import open_union
from backend.membership.enums import ACT_TEXT, EFFECTIVE, STATUS_TEXT, MemberAct, MemberStatus
from backend.membership.events import MemberStatusChanged
from backend.membership.models import Member

_PARENT_CHUNK = 500


@command
async def change_status(
    actor: Actor, *, member_id: int, act: MemberAct, reason: str, reference: str = "", to_union_id: int | None = None
) -> None:
    """Apply an act to a membership. Called by decisions that were authorised where they were made.

    Conflict when the act does not fit the present status, or somebody else changed the record meanwhile.
    A transfer in names the new union; every other act leaves the union as it is.
    """
    member = await Member.get_or_none(id=member_id)
    if member is None:
        raise NotFound()
    before = MemberStatus(member.status)
    after = rules.status_after(act, before)
    if after is None:
        raise Conflict("status_change_impossible", status=STATUS_TEXT[before], act=ACT_TEXT[act])
    if (act is MemberAct.TRANSFER_IN) != (to_union_id is not None):
        raise invalid("to_union", "transfer_needs_union")
    union_id = to_union_id or member.union_id
    changed = await database.execute(
        "UPDATE member SET status = %s, status_since = %s, union_id = %s, version = version + 1"
        " WHERE id = %s AND version = %s",
        after.value,
        clock.today(),
        union_id,
        member_id,
        member.version,
    )
    if not changed:
        raise Conflict("member_changed")
    await note_change(
        actor,
        member_id=member_id,
        before=(before, member.union_id),
        after=(after, union_id),
        reason=reason,
        reference=reference,
    )
    await audit.record(actor, f"member.{act.value}", object_kind="member", object_id=member_id)
    event = MemberStatusChanged(member_id, before.value, after.value)
    await outbox.emit(event, key=f"{member_id}:{member.version + 1}")


@command
async def transfer(actor: Actor, *, member_id: int, to_union_id: int, reason: str, reference: str) -> None:
    """Out of the old union and into the new one by one decision; two lines of history, or one where the member
    was on the way already. Done twice for one decision is done once.
    """
    if await changed_by(reference, member_id) is not None:
        return
    member = await Member.get_or_none(id=member_id)
    if member is None:
        raise NotFound()
    if member.union_id == to_union_id and member.status == MemberStatus.ACTIVE:
        raise Conflict("transfer_same_union")
    await open_union(to_union_id)
    if member.status == MemberStatus.ACTIVE:
        out = MemberAct.TRANSFER_OUT
        await change_status(actor, member_id=member_id, act=out, reason=reason, reference=reference)
    await change_status(
        actor,
        member_id=member_id,
        act=MemberAct.TRANSFER_IN,
        reason=reason,
        reference=reference,
        to_union_id=to_union_id,
    )


@command
async def change_by_decision(actor: Actor, *, member_id: int, act: MemberAct, reason: str, reference: str) -> None:
    """Like `change_status`; done twice for one decision is done once."""
    if await changed_by(reference, member_id) is None:
        await change_status(actor, member_id=member_id, act=act, reason=reason, reference=reference)


@command
async def keep_at_parent(
    actor: Actor, *, union_id: int, parent_id: int, merged: bool = False, reference: str = ""
) -> bool:
    """Members of a dissolved union are kept by the one above, five hundred a call; True when none is left.

    Where their union was merged into another they move there and stay what they are.
    """
    effective = tuple(status.value for status in EFFECTIVE)
    found = await database.rows(
        "SELECT id, status FROM member WHERE union_id = %s AND status IN (%s, %s, %s) ORDER BY id LIMIT %s",
        union_id,
        *effective,
        _PARENT_CHUNK,
    )
    if not found:
        return True
    marks = ", ".join(["%s"] * len(found))
    status = None if merged else MemberStatus.KEPT.value
    await database.execute(
        "UPDATE member SET union_id = %s, status = COALESCE(%s, status), version = version + 1,"  # noqa: S608
        f" status_since = COALESCE(%s, status_since) WHERE union_id = %s AND id IN ({marks})",
        parent_id,
        status,
        None if merged else clock.today(),
        union_id,
        *(row["id"] for row in found),
    )
    await insert_changes(
        [
            change_row(
                member_id=row["id"],
                before=(row["status"], union_id),
                after=(MemberStatus(row["status"]) if merged else MemberStatus.KEPT, parent_id),
                reason="原工会合并，会籍随之转入" if merged else "原工会撤销，由上级工会保留会籍",
                reference=reference,
                actor_id=actor.account_id,
            )
            for row in found
        ]
    )
    await audit.record(
        actor,
        "members.merged" if merged else "members.kept_at_parent",
        object_kind="union",
        object_id=union_id,
        detail={"members": len(found), "to": parent_id},
    )
    return len(found) < _PARENT_CHUNK
