"""Clean cases on their way without a person: judged, judged again inside the decision, and written down once."""

import msgspec
import structlog

from backend.casework import rules, straight_through
from backend.casework.commands.access import flow_of, standing_of
from backend.casework.commands.decide import take
from backend.casework.commands.deskwork import Desk
from backend.casework.commands.outcomes import question_of
from backend.casework.enums import CaseAction, CaseStatus, StraightVerdict
from backend.casework.models import Case
from backend.casework.schemas import DecisionInput
from backend.casework.straight_through import AUTOMATIC, Judged
from backend.core import audit, clock, database, ids
from backend.core.actor import Post
from backend.core.command import command
from backend.core.errors import AppError, NotFound
from backend.unions import queries as unions

log = structlog.get_logger(__name__)

# A person decided, or the case moved on.
_QUICKER = ("already_decided", "case_changed")


async def run(case_id: int) -> None:
    """What the worker does after a submission. Whoever took the case up meanwhile keeps it."""
    case = await _due(case_id)
    if case is None:
        return
    try:
        await settle(case_id=case_id, version=case.version, first=await _judge(case))
    except AppError as error:
        if error.status >= 500:
            raise
        if error.code in _QUICKER:
            log.info("straight_through.lost", case=case_id)
        else:
            await _leave(case_id, error.detail)


@command
async def settle(*, case_id: int, version: int, first: Judged) -> None:
    """Approve what was clean when it was looked at and still is; `version` is the one that was looked at."""
    case = await _due(case_id)
    if case is None or case.version != version:
        return
    judged = await _judge(case) if first.is_clean else first
    spec = flow_of(case).straight_through
    if spec is None or not judged.is_clean:
        await _note(case, StraightVerdict.LEFT, judged.failed)
    elif straight_through.is_sampled(case.id, spec.sample_percent):
        await _note(case, StraightVerdict.SAMPLED, ())
    elif await _note(case, StraightVerdict.APPROVED, ()):
        await _approve(case, spec.steps, f"按规则自动办理，都符合：{'、'.join(dict.fromkeys(judged.held))}。")


async def _approve(case: Case, steps: tuple[str, ...], words: str) -> None:
    """Step after step while they are among those that need no person; one guarded change each, as at a desk."""
    flow = flow_of(case)
    while case.status in rules.UNDECIDED and flow.steps[case.step_index].name in steps:
        data = DecisionInput(action=CaseAction.APPROVE.value, version=case.version, comment=words[: rules.MAX_COMMENT])
        await take(Desk(case=case, flow=flow, actor=AUTOMATIC, post=await _post(case), data=data))


async def _post(case: Case) -> Post:
    """The desk that has the case, in whose name it passes."""
    place = await unions.place(case.desk_union_id or 0)
    if place is None:
        raise NotFound("union_not_found")
    return Post(place.id, place.name, place.path, place.level, place.division, (), frozenset())


@command
async def _leave(case_id: int, why: str) -> None:
    case = await _due(case_id)
    if case is not None:
        await _note(case, StraightVerdict.LEFT, (why,))


async def _due(case_id: int) -> Case | None:
    case = await Case.get_or_none(id=case_id, status=CaseStatus.SUBMITTED.value)
    if case is None:
        return None
    due = straight_through.is_due(
        flow_of(case),
        standing_of(case),
        step_index=case.step_index,
        round_no=case.round,
        filed_by=case.filed_by,
        today=clock.today(),
    )
    return case if due else None


async def _judge(case: Case) -> Judged:
    return await straight_through.judge(flow_of(case), question_of(case, AUTOMATIC))


async def _note(case: Case, verdict: StraightVerdict, failed: tuple[str, ...]) -> bool:
    """False when the case was judged before."""
    row = {
        "id": ids.new_id(),
        "case_id": case.id,
        "flow": case.flow,
        "verdict": verdict.value,
        "failed": msgspec.json.encode(failed).decode(),
        "at": clock.now(),
    }
    first = await database.insert_if_absent("straight_judgement", row, key="case_id")
    if first:
        detail = {"verdict": verdict.value, "failed": list(failed)}
        await audit.record(AUTOMATIC, "case.judged", object_kind="case", object_id=case.id, detail=detail)
    return first
