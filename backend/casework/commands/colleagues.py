"""Who else could take a case: others at its desk, and where there are none, the nearest desk above."""

from backend.casework import routing, rules
from backend.casework.commands import transitions
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseTransferred
from backend.casework.models import Case
from backend.casework.queries import recusals
from backend.core import outbox
from backend.core.actor import Actor, Post
from backend.unions import queries as unions
from backend.unions.schemas import Desk


async def hand_up_alone(case: Case, actor: Actor, post: Post) -> Desk | None:
    """Hand the case to the nearest desk above where nobody but the actor serves its own. None where somebody does,
    or where up to the root nobody could: then it stays."""
    here = (case.desk_union_id or 0, case.desk_role or "")
    if await _others(case, *here, actor):
        return None
    async for above in routing.desks_above(*here):
        if await _others(case, above.union_id, above.role, actor):
            await _hand_up(case, above, actor, post)
            return above
    return None


async def _others(case: Case, union_id: int, role: str, actor: Actor) -> list[int]:
    """Who at this desk has a say in the case, besides the actor."""
    free = await recusals.free_of(case.id, await unions.holders(union_id, role))
    return [account_id for account_id in free if account_id != actor.account_id]


async def _hand_up(case: Case, above: Desk, actor: Actor, post: Post) -> None:
    before = transitions.place_of(case)
    changes = {
        "status": CaseStatus.IN_REVIEW.value,
        "desk_union_id": above.union_id,
        "desk_role": above.role,
        "desk_flagged": True,
    }
    await transitions.move(case, version=case.version, while_in=rules.UNDECIDED, changes=changes)
    words = f"转给{above.label}"
    event_id = await transitions.note(case, CaseAction.TRANSFER, actor, place=before, comment=words, post=post)
    handed_on = CaseTransferred(case.id, event_id, above.union_id, above.role)
    await outbox.emit(handed_on, key=f"{case.id}:{case.version}")
    await transitions.assigned(case, event_id)
