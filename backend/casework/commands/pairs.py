"""What a desk says of two cases that look alike: both go on, they are not the same, or the later one is merged."""

from tortoise.exceptions import IntegrityError

from backend.casework import rules, timeline
from backend.casework.commands import invoices, transitions
from backend.casework.commands.access import desk_case, find
from backend.casework.commands.deskwork import ended_clock
from backend.casework.enums import OPEN, CaseAction, CaseStatus, PairVerdict
from backend.casework.events import CaseMerged
from backend.casework.models import Case
from backend.casework.queries import duplicates
from backend.casework.queries.scope import sees_unions
from backend.casework.schemas import VerdictInput
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid


@command
async def settle_pair(*, number: str, other: str, data: VerdictInput, actor: Actor) -> None:
    """By the desk that has the case `number`; for a merger also the later of the two has to lie at a desk of the
    actor. Said once, it is not asked again.
    """
    verdict, reason = _checked(data)
    case, post = await desk_case(number, actor, version=data.version, action=CaseAction.MERGE)
    twin = await _twin(case, other, actor)
    if case.version != data.version:
        await transitions.lost(case.id)
    await _remember(case, twin, verdict, reason, actor, post)
    if verdict == PairVerdict.MERGED:
        await _merge(case, twin, reason, actor)
    detail = {"other": twin.id, "verdict": verdict.value, **post.trace}
    await audit.record(actor, "case.paired", object_kind="case", object_id=case.id, detail=detail)


def _checked(data: VerdictInput) -> tuple[PairVerdict, str]:
    if data.verdict not in set(PairVerdict):
        raise invalid("verdict", "verdict_unknown")
    reason = data.reason.strip()
    if not reason or len(reason) > rules.MAX_FIELD_COMMENT:
        raise invalid("reason", "verdict_reason_missing", limit=rules.MAX_FIELD_COMMENT)
    return PairVerdict(data.verdict), reason


async def _twin(case: Case, other: str, actor: Actor) -> Case:
    """The other one, if the actor sees it and the two have something in common."""
    twin = await find(other)
    if twin is None or twin.id == case.id or not await sees_unions(actor, twin.desk_union_id, twin.target_union_id):
        raise NotFound("case_not_found")
    if not await duplicates.share_keys(case.id, twin.id):
        raise NotFound("case_not_found")
    return twin


async def _remember(case: Case, twin: Case, verdict: PairVerdict, reason: str, actor: Actor, post: Post) -> None:
    low, high = sorted((case.id, twin.id))
    row = {
        "id": ids.new_id(),
        "low_id": low,
        "high_id": high,
        "verdict": verdict.value,
        "reason": reason,
        "actor_id": actor.account_id,
        "actor_label": timeline.actor_label(actor, post),
        "at": clock.now(),
    }
    try:
        await database.insert("case_pair", row)
    except IntegrityError as exc:
        raise Conflict("pair_settled") from exc


async def _merge(case: Case, twin: Case, reason: str, actor: Actor) -> None:
    """The later one ends with the number of the one that goes on; whoever sent it is told."""
    if not duplicates.same_affair(case, twin):
        raise Conflict("merge_not_same")
    kept, later = sorted((case, twin), key=lambda one: (one.submitted_at, one.id))
    if kept.status in (CaseStatus.REJECTED, CaseStatus.WITHDRAWN) or later.status not in OPEN:
        raise Conflict("merge_closed")
    later, post = await desk_case(later.number, actor, version=later.version, action=CaseAction.MERGE)
    ended = {
        "status": CaseStatus.WITHDRAWN.value,
        "duplicate_of": kept.number,
        "running_key": None,
        "held_until": None,
        "hold_message": "",
        **ended_clock(later),
    }
    place = transitions.place_of(later)
    await transitions.move(later, version=later.version, while_in=OPEN, changes=ended)
    await invoices.release(later.id)
    words = f"与 {kept.number} 重复，并到那一件办理：{reason}"
    event_id = await transitions.note(later, CaseAction.MERGE, actor, place=place, comment=words, post=post)
    await transitions.note(kept, CaseAction.MERGE, actor, comment=f"{later.number} 并入这一件：{reason}", post=post)
    await audit.record(actor, "case.merge", object_kind="case", object_id=later.id, detail={"kept": kept.id})
    await outbox.emit(CaseMerged(later.id, event_id), key=str(later.id))
