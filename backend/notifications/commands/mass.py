"""A notice written at a desk for many: the list frozen once, then part by part, with a button that stops it.

A part is one transaction: the cursor first, then the rows of inboxes and messages. Each of these rows has a key made of
the notice and the recipient, so however often it is started and wherever a process dies, everybody is told once.
Stopping holds the messages that have not left yet, too.
"""

import secrets
from datetime import datetime

from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, sentence
from backend.membership import queries as members
from backend.notifications import rules, templates
from backend.notifications.commands.many import notify_many
from backend.notifications.enums import Audience, Channel, DeliveryState, MassState, Notice
from backend.notifications.events import MassNoticeMoved
from backend.notifications.queries import mass as queries
from backend.notifications.queries.mass import SEND, MassRow
from backend.notifications.schemas import MassInput
from backend.unions import queries as unions

PART = 500
HELD_AT_ONCE = 2_000
# As in the distribution of vouchers: the tries of whoever runs it are counted until a slice is done.
SLICE_SECONDS = 1.0


@command
async def compose(*, data: MassInput, actor: Actor, nonce: str | None = None) -> str:
    """A notice that nobody has been sent yet; its public id. The same nonce is one notice."""
    union = await unions.place_in_scope(data.union_id, actor, SEND)
    title, text = " ".join(data.title.split()), data.text.strip()
    empty = [name for name, value in (("title", title), ("text", text)) if not value]
    if empty:
        raise Invalid([FieldError(name, sentence("field_missing")) for name in empty])
    missing = members.check_outer(members.parse_target(data.target_rule), data.outer)
    if missing is not None:
        raise missing
    now, once = clock.now(), f"{actor.account_id}:{nonce or secrets.token_urlsafe(16)}"[:70]
    row = {
        "id": ids.new_id(),
        "nonce": once,
        "union_id": union.id,
        "title": title,
        "text": text,
        "target_rule": data.target_rule.strip(),
        "outer": data.outer.value if data.outer else "",
        "by_sms": data.by_sms,
        "state": MassState.DRAFT.value,
        **dict.fromkeys(("total", "unknown", "parts", "next_part", "done", "inboxes", "moves"), 0),
        "made_by": actor.account_id,
        "made_at": now,
        "moved_at": now,
    }
    if not await database.insert_if_absent("mass_notice", row, key="nonce"):
        return ids.public(await database.scalar("SELECT id FROM mass_notice WHERE nonce = %s", once))
    await audit.record(actor, "mass_notice.composed", object_kind="mass_notice", object_id=row["id"])
    return ids.public(row["id"])


@command
async def start(*, notice: str, actor: Actor) -> None:
    """Begin, or go on where it was stopped. While it runs, or is done, starting it again changes nothing."""
    found = await queries.managed_notice(notice, actor)
    state = MassState.RUNNING if found.parts else MassState.WAITING
    if await _moved(found, state, MassState.DRAFT, MassState.STOPPED):
        await _announce(found, "started", actor)


@command
async def stop(*, notice: str, actor: Actor) -> None:
    """After the part that is being written. What has left stays; messages that have not are held."""
    found = await queries.managed_notice(notice, actor)
    going = (await queries.mass_notice(notice, actor)).going
    if not going or not await _moved(found, MassState.STOPPED, MassState.WAITING, MassState.RUNNING, MassState.DONE):
        raise Conflict("mass_notice_not_going")
    await _announce(found, "stopped", actor)


async def _moved(found: MassRow, state: MassState, *before: MassState) -> int:
    marks = ", ".join(["%s"] * len(before))
    return await database.execute(
        "UPDATE mass_notice SET state = %s, moves = moves + 1, moved_at = %s"  # noqa: S608 - placeholders
        f" WHERE id = %s AND moves = %s AND state IN ({marks})",
        state.value,
        clock.now(),
        found.id,
        found.moves,
        *(one.value for one in before),
    )


async def _announce(found: MassRow, what: str, actor: Actor) -> None:
    move = found.moves + 1
    await audit.record(
        actor, f"mass_notice.{what}", object_kind="mass_notice", object_id=found.id, detail={"move": move}
    )
    await outbox.emit(MassNoticeMoved(mass_id=found.id, move=move), key=f"{found.id}:{move}")


async def run_mass(mass_id: int) -> bool:
    """Do what its state asks for during a slice of time; whether nothing is left to do. The worker calls it again."""
    end = clock.monotonic() + SLICE_SECONDS
    while clock.monotonic() < end:
        found = await queries.mass_row(mass_id)
        if found is None or await _step(found):
            return True
    return False


async def _step(found: MassRow) -> bool:
    """Whether nothing is left to do."""
    match found.state:
        case MassState.STOPPED:
            return not await _hold(found)
        case MassState.WAITING:
            await _freeze(found)
        case MassState.RUNNING if found.moves > 1 and await _release(found):
            pass
        case MassState.RUNNING if found.next_part < found.parts:
            await _tell(found)
        case MassState.RUNNING:
            await _finish(found)
        case _:
            return True
    return False


@command
async def _freeze(found: MassRow) -> None:
    """Who is meant at this moment is on the list."""
    begun = await database.execute(
        "UPDATE mass_notice SET state = %s WHERE id = %s AND state = %s",
        MassState.RUNNING.value,
        found.id,
        MassState.WAITING.value,
    )
    if not begun:
        return  # stopped, or another process was quicker
    selection = queries.selection_of(found)
    after, part, total = 0, 0, 0
    while listed := await members.select_ids(selection, after=after, limit=PART):
        row = {"id": ids.new_id(), "mass_id": found.id, "part": part, "members": queries.pack(listed)}
        await database.insert("mass_part", row)
        after, part, total = listed[-1], part + 1, total + len(listed)
    unknown = (await members.count_selected(selection)).unknown
    await database.execute(
        "UPDATE mass_notice SET total = %s, unknown = %s, parts = %s, moved_at = %s WHERE id = %s",
        total,
        unknown,
        part,
        clock.now(),
        found.id,
    )
    detail = {"members": total, "unknown": unknown}
    await audit.record(SYSTEM, "mass_notice.frozen", object_kind="mass_notice", object_id=found.id, detail=detail)


@command
async def _tell(found: MassRow) -> None:
    part = found.next_part
    listed = await queries.members_of_piece(found.id, part)
    moved = await database.execute(
        "UPDATE mass_notice SET next_part = next_part + 1, done = done + %s, moved_at = %s"
        " WHERE id = %s AND next_part = %s AND state = %s",
        len(listed),
        clock.now(),
        found.id,
        part,
        MassState.RUNNING.value,
    )
    if not moved:
        return  # stopped, or another process was quicker
    told = await notify_many(
        Notice.UNION_NOTICE,
        Audience.MEMBER,
        members=listed,
        values=queries.words_of(union_name=found.union_name, title=found.title, text=found.text),
        key=str(found.id),
        channels=(Channel.INBOX, Channel.SMS) if found.by_sms else (Channel.INBOX,),
        mass_id=found.id,
    )
    await database.execute("UPDATE mass_notice SET inboxes = inboxes + %s WHERE id = %s", told.inbox, found.id)


@command
async def _finish(found: MassRow) -> None:
    now: datetime = clock.now()
    changed = await database.execute(
        "UPDATE mass_notice SET state = %s, finished_at = %s, moved_at = %s WHERE id = %s AND state = %s",
        MassState.DONE.value,
        now,
        now,
        found.id,
        MassState.RUNNING.value,
    )
    if changed:
        detail = {"members": found.done}
        await audit.record(SYSTEM, "mass_notice.done", object_kind="mass_notice", object_id=found.id, detail=detail)


@command
async def _hold(found: MassRow) -> int:
    """Messages that are not on their way right now wait until it goes on."""
    return await _turn(
        found,
        while_in=MassState.STOPPED,
        state=DeliveryState.HELD,
        next_at=None,
        condition="(state = %s OR (state = %s AND lease = ''))",
        values=(DeliveryState.WAITING.value, DeliveryState.SENDING.value),
    )


@command
async def _release(found: MassRow) -> int:
    return await _turn(
        found,
        while_in=MassState.RUNNING,
        state=DeliveryState.WAITING,
        next_at=rules.earliest(clock.now(), templates.quiet_hours()),
        condition="state = %s",
        values=(DeliveryState.HELD.value,),
    )


async def _turn(
    found: MassRow,
    *,
    while_in: MassState,
    state: DeliveryState,
    next_at: datetime | None,
    condition: str,
    values: tuple[str, ...],
) -> int:
    """Some of its messages, unless somebody moved the notice on meanwhile; how many."""
    rows = await database.rows(
        f"SELECT id FROM delivery WHERE mass_id = %s AND {condition} ORDER BY id LIMIT %s",  # noqa: S608 - from above
        found.id,
        *values,
        HELD_AT_ONCE,
    )
    if not rows:
        return 0
    marks = ", ".join(["%s"] * len(rows))
    return await database.execute(
        f"UPDATE delivery SET state = %s, next_at = %s WHERE id IN ({marks}) AND {condition}"  # noqa: S608
        " AND EXISTS (SELECT 1 FROM mass_notice n WHERE n.id = %s AND n.state = %s AND n.moves = %s)",
        state.value,
        next_at,
        *(row["id"] for row in rows),
        *values,
        found.id,
        while_in.value,
        found.moves,
    )
