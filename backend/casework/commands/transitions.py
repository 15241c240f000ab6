"""How a case moves: one guarded UPDATE, one line of history. The loser of a race learns who won."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NoReturn

import msgspec
from tortoise.exceptions import IntegrityError

from backend.casework import timeline
from backend.casework.enums import CLOSED, CaseAction, CaseStatus, QuestionState
from backend.casework.events import CaseAssigned
from backend.casework.models import Case
from backend.core import clock, database, ids, outbox
from backend.core.actor import Actor, Post
from backend.core.errors import Conflict

# What changes a case in a way that makes an older view of it wrong.
_SETTLING = (
    CaseAction.SIGN,
    CaseAction.APPROVE,
    CaseAction.RETURN,
    CaseAction.REJECT,
    CaseAction.TRANSFER,
    CaseAction.HOLD,
    CaseAction.RELEASE,
    CaseAction.CORRECT,
    CaseAction.WITHDRAW,
    CaseAction.REOPEN,
    CaseAction.MERGE,
)


async def move(case: Case, *, version: int, while_in: Collection[CaseStatus], changes: dict[str, Any]) -> None:
    """Change `case` if it still has `version` and one of the states; otherwise say who was quicker."""
    closing = changes.get("status") in CLOSED
    changes = {"batch_id": None, **changes, "version": version + 1} | ({"open_questions": 0} if closing else {})
    assignments = ", ".join(f"`{column}` = %s" for column in changes)
    guard, values = _guard(version, while_in)
    sql = f"UPDATE case_file SET {assignments} WHERE id = %s{guard}"  # noqa: S608 - columns from code only
    moved = await database.execute(sql, *changes.values(), case.id, *values)
    if not moved:
        await lost(case.id)
    for column, value in changes.items():
        setattr(case, column, value)
    if closing:
        await _lapse_questions(case.id)


async def _lapse_questions(case_id: int) -> None:
    """After the move: whoever asks at the same moment has to change the case's row too, and finds it closed."""
    await database.execute(
        "UPDATE case_question SET state = %s, open_key = NULL WHERE case_id = %s AND state = %s",
        QuestionState.LAPSED.value,
        case_id,
        QuestionState.OPEN.value,
    )


def _guard(version: int, while_in: Collection[CaseStatus]) -> tuple[str, list[Any]]:
    """What makes the change conditional; the race tests show what happens without it."""
    marks = ", ".join(["%s"] * len(while_in))
    return f" AND version = %s AND status IN ({marks})", [version, *(status.value for status in while_in)]


class _Settled(msgspec.Struct):
    action: str
    actor_kind: str
    actor_label: str
    at: datetime


async def lost(case_id: int) -> NoReturn:
    """Tell the loser of a race who did what, and when."""
    marks = ", ".join(["%s"] * len(_SETTLING))
    last = await database.view(
        _Settled,
        f"SELECT action, actor_kind, actor_label, at FROM case_event WHERE case_id = %s AND action IN ({marks})"  # noqa: S608
        " ORDER BY id DESC LIMIT 1",
        case_id,
        *(str(action) for action in _SETTLING),
    )
    if last is None:
        raise Conflict("case_changed")
    who = timeline.who(last.actor_kind, last.actor_label, own=False)
    raise Conflict(
        "already_decided",
        extra={"by": who, "at": clock.iso(last.at), "action": last.action},
        by=who,
        at=clock.local(last.at).strftime("%H:%M"),
        act=timeline.act(last.action),
    )


class Place(msgspec.Struct, frozen=True):
    """Where in its life a case was when something was done to it. Taken before the move, written after it."""

    case_id: int
    step_index: int
    round: int
    desk_union_id: int | None
    desk_role: str | None


def place_of(case: Case) -> Place:
    return Place(case.id, case.step_index, case.round, case.desk_union_id, case.desk_role)


async def note(
    case: Case,
    action: CaseAction,
    actor: Actor,
    *,
    place: Place | None = None,
    comment: str = "",
    private: bool = False,
    post: Post | None = None,
) -> int:
    """Add a line to the history; its id. After the move: a loser must find the winner's line there, not its own.

    The days are those after the move; `place` is where the case was before it, where it went elsewhere. A notice
    that is written late still reads here what was said at that moment.
    """
    place = place or place_of(case)
    return await _line(case, place, action.value, actor, comment=comment, private=private, post=post)


async def note_act(case: Case, key: str, actor: Actor, *, post: Post | None = None) -> int:
    """A line for one of the flow's own actions; its id."""
    action = f"{timeline.OWN_ACTION}{key}"
    return await _line(case, place_of(case), action, actor, post=post)


async def _line(
    case: Case, place: Place, action: str, actor: Actor, *, post: Post | None, comment: str = "", private: bool = False
) -> int:
    event_id = ids.new_id()
    await database.insert(
        "case_event",
        {
            "id": event_id,
            "case_id": place.case_id,
            "at": clock.now(),
            "action": action,
            "actor_kind": actor.kind,
            "actor_id": actor.account_id,
            "actor_label": timeline.actor_label(actor, post),
            "comment": comment[:500],
            "private": private,
            "step_index": place.step_index,
            "round": place.round,
            "desk_union_id": place.desk_union_id,
            "desk_role": place.desk_role,
            "due_on": case.due_on,
            "held_until": case.held_until,
        },
    )
    return event_id


async def assigned(case: Case, event_id: int) -> None:
    """The case came to the desk that it now names."""
    assert case.desk_union_id is not None and case.desk_role is not None
    event = CaseAssigned(case.id, event_id, case.desk_union_id, case.desk_role)
    await outbox.emit(event, key=str(event_id))


async def decided_once(place: Place, action: CaseAction, actor: Actor) -> None:
    """The last line against two decisions of one step in one round."""
    row = {
        "id": ids.new_id(),
        "case_id": place.case_id,
        "step_index": place.step_index,
        "round": place.round,
        "action": action.value,
        "actor_id": actor.account_id,
        "at": clock.now(),
    }
    try:
        await database.insert("step_decision", row)
    except IntegrityError:
        await lost(place.case_id)
