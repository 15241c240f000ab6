"""The first of two approvals, where a step needs two people."""

from backend.casework import rules
from backend.casework.commands import colleagues, transitions
from backend.casework.commands.deskwork import Desk, require_comment
from backend.casework.enums import CaseAction, CaseStatus
from backend.core.errors import Conflict


async def is_first(desk: Desk) -> bool:
    """Whether this approval would only sign; whoever signed does not approve too."""
    case = desk.case
    if case.signed_by == desk.actor.account_id:
        if case.version != desk.data.version:
            await transitions.lost(case.id)
        raise Conflict("four_eyes_same")
    return case.signed_by is None


async def sign(desk: Desk) -> None:
    """The case stays where it is for somebody else; where nobody else is at the desk, it goes to the one above."""
    comment = require_comment(desk.data, required=False)
    signed = {"status": CaseStatus.IN_REVIEW.value, "signed_by": desk.actor.account_id}
    await desk.move(rules.UNDECIDED, **signed)
    await desk.note(CaseAction.SIGN, comment)
    await colleagues.hand_up_alone(desk.case, desk.actor, desk.post)
