"""A case on the desk of somebody who acts on it."""

from collections.abc import Collection
from typing import Any

import msgspec

from backend.casework import clocks, rules
from backend.casework.commands import transitions
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.flows import Flow
from backend.casework.models import Case
from backend.casework.schemas import DecisionInput
from backend.core import clock, reference
from backend.core.actor import Actor, Post
from backend.core.errors import invalid


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """`post` is the one by which the actor serves this desk."""

    case: Case
    flow: Flow
    actor: Actor
    post: Post
    data: DecisionInput

    async def move(self, while_in: Collection[CaseStatus], **changes: Any) -> None:
        await transitions.move(self.case, version=self.data.version, while_in=while_in, changes=changes)

    async def note(self, action: CaseAction, comment: str, place: transitions.Place | None = None) -> int:
        return await transitions.note(self.case, action, self.actor, place=place, comment=comment, post=self.post)

    def passed_here(self) -> str:
        """The column that says which union approved which step, with this one."""
        passed = msgspec.json.decode(self.case.passed) | {str(self.case.step_index): self.post.union_name}
        return msgspec.json.encode(passed).decode()


def stopped_clock(case: Case) -> dict[str, Any]:
    """Columns of a clock that stands still from today. A second clock in calendar days goes on."""
    if case.due_on is None:
        return {"days_left": case.days_left}
    left = clocks.stop(reference.calendar(), clock.today(), case.due_on)
    return {"due_on": None, "days_left": left, "next_due_on": case.calendar_due_on, "reminded": ""}


def ended_clock(case: Case) -> dict[str, Any]:
    """Columns of the clocks of a case that is closed."""
    return {**stopped_clock(case), "next_due_on": None}


def running_clock(case: Case) -> dict[str, Any]:
    """Columns of a clock that goes on from today with what was left."""
    due = clocks.resume(reference.calendar(), clock.today(), case.days_left or 0)
    return {
        "due_on": due,
        "days_left": None,
        "next_due_on": clocks.earlier(due, case.calendar_due_on),
        "held_until": None,
        "hold_message": "",
        "reminded": "",
    }


def require_comment(data: DecisionInput, *, required: bool) -> str:
    comment = data.comment.strip()
    if required and not comment:
        raise invalid("comment", "reason_missing")
    if len(comment) > rules.MAX_COMMENT:
        raise invalid("comment", "comment_too_long", limit=rules.MAX_COMMENT)
    return comment
