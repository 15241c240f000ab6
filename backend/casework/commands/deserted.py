"""Cases at a desk whose last holder has left: each goes to where its step would go now. Run by the schedule."""

from backend.casework import routing, rules
from backend.casework.commands import transitions
from backend.casework.commands.access import content_of, flow_of
from backend.casework.enums import CaseAction
from backend.casework.events import CaseTransferred
from backend.casework.models import Case
from backend.core import audit, database, outbox
from backend.core.actor import SYSTEM
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, Unavailable
from backend.unions import queries as unions

# Few posts ever end, so the way leads from them to the cases.
_DESERTED = (
    "SELECT DISTINCT p.union_id, p.role FROM staff_post p WHERE (p.standing IS NULL OR p.suspended = %s)"
    " AND NOT EXISTS (SELECT 1 FROM staff_post h WHERE h.union_id = p.union_id AND h.role = p.role"
    " AND h.standing IS NOT NULL AND h.suspended = %s)"
)


async def run(limit: int) -> int:
    """Up to `limit` cases, each by a command of its own; the number that was handed on. One that lies in a batch is
    left to it, and one that waits for its applicant or a day is handed on when it comes back."""
    marks = ", ".join(["%s"] * len(rules.UNDECIDED))
    found = await database.rows(
        f"SELECT c.id FROM ({_DESERTED}) e JOIN case_file c ON c.desk_union_id = e.union_id AND c.desk_role = e.role"  # noqa: S608
        f" WHERE c.status IN ({marks}) AND c.batch_id IS NULL ORDER BY c.id LIMIT %s",
        True,
        False,
        *(status.value for status in rules.UNDECIDED),
        limit,
    )
    handed_on = 0
    for row in found:
        try:
            handed_on += await hand_on(row["id"])
        except (Conflict, NotFound, Unavailable):
            continue  # somebody was quicker, its flow is gone, or there is nobody up to the root
    return handed_on


@command
async def hand_on(case_id: int) -> bool:
    """False where somebody serves its desk after all. Clock and step go on, and its desk is told."""
    case = await Case.get(id=case_id)
    if await unions.holders(case.desk_union_id or 0, case.desk_role or ""):
        return False
    target = case.target_union_id or case.desk_union_id or 0
    desk = (await routing.place_at(flow_of(case), case.step_index, target, content_of(case).values)).desk
    before = transitions.place_of(case)
    changes = {"desk_union_id": desk.union_id, "desk_role": desk.role, "desk_flagged": desk.flagged}
    await transitions.move(case, version=case.version, while_in=rules.UNDECIDED, changes=changes)
    words = f"转给{desk.label}：原岗位暂时没有人"
    event_id = await transitions.note(case, CaseAction.TRANSFER, SYSTEM, place=before, comment=words)
    await audit.record(SYSTEM, "case.transfer", object_kind="case", object_id=case.id, detail={"step": case.step_index})
    handed_on = CaseTransferred(case.id, event_id, desk.union_id, desk.role)
    await outbox.emit(handed_on, key=f"{case.id}:{case.version}")
    await transitions.assigned(case, event_id)
    return True
