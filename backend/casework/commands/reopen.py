"""Taking a refusal back: the same case, at the step that refused it, in a new round. What was approved stays."""

from datetime import date

from tortoise.exceptions import IntegrityError

from backend.casework import clocks, judging, routing, rules
from backend.casework.commands import invoices, transitions
from backend.casework.commands.access import content_of, find, flow_of, require_say, standing_for, standing_of
from backend.casework.commands.outcomes import question_of
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseReopened
from backend.casework.flows import Flow
from backend.casework.models import Case
from backend.casework.queries import reopening
from backend.casework.queries.scope import sees_unions
from backend.casework.schemas import ReopenInput
from backend.core import audit, clock, outbox, predicates, reference
from backend.core.actor import Actor, Post
from backend.core.command import command
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound, invalid
from backend.unions import queries as unions


@command
async def reopen(*, number: str, data: ReopenInput, actor: Actor) -> None:
    """By the desk that refused it, or one above. A Conflict where too much time has passed, or where the person has
    got elsewhere meanwhile what this case would give them."""
    case, post = await _refused_case(number, actor, version=data.version)
    flow, reason = flow_of(case), _reason(data)
    last = reopening.last_day(flow.reopen_days, case.decided_at)
    if last is None or clock.today() > last:
        raise Conflict("reopen_too_late", days=flow.reopen_days)
    decided_at = case.decided_at
    assert decided_at is not None, "a refusal has a time"
    await _require_possible(case, flow, actor)
    place = transitions.place_of(case)
    try:
        await transitions.move(
            case,
            version=data.version,
            while_in=(CaseStatus.REJECTED,),
            changes={**await _changes(case, flow), **_clock(case, flow, clock.today())},
        )
    except IntegrityError as exc:
        raise Conflict("reopen_running") from exc
    await _hold_invoices(case, flow, actor)
    event_id = await transitions.note(case, CaseAction.REOPEN, actor, place=place, comment=reason, post=post)
    detail = {"step": case.step_index, "round": case.round, **post.trace}
    await audit.record(actor, "case.reopen", object_kind="case", object_id=case.id, detail=detail)
    await outbox.emit(CaseReopened(case.id, event_id, decided_at), key=f"{case.id}:{case.round}")
    await transitions.assigned(case, event_id)


async def _refused_case(number: str, actor: Actor, *, version: int) -> tuple[Case, Post]:
    case = await find(number)
    if case is None or not await sees_unions(actor, case.desk_union_id, case.target_union_id):
        raise NotFound("case_not_found")
    standing = standing_of(case)
    if case.status != CaseStatus.REJECTED:
        if case.version != version:
            await transitions.lost(case.id)
        raise Conflict("reopen_not_refused")
    desk = await unions.place(case.desk_union_id or 0)
    post = rules.reopening_post(actor, standing, desk.path if desk else "")
    if post is None:
        raise Forbidden("reopen_other_desk")
    require_say(actor, await standing_for(case, actor))
    return case, post


def _reason(data: ReopenInput) -> str:
    reason = data.reason.strip()
    if not reason:
        raise invalid("reason", "reopen_reason_missing")
    if len(reason) > rules.MAX_COMMENT:
        raise invalid("reason", "comment_too_long", limit=rules.MAX_COMMENT)
    return reason


async def _require_possible(case: Case, flow: Flow, actor: Actor) -> None:
    """What the flow asks of an applicant still holds. Days are counted as when the case came in: that the desk took
    its time is not held against the applicant."""
    today = clock.local(case.submitted_at).date()
    question = question_of(case, actor, today=today)
    facts = await judging.gather(flow, question)
    for check in flow.eligibility.checks:
        if check.on_false == "refuse" and predicates.evaluate(check.predicate, facts.get, today=today) is False:
            raise Conflict("reopen_clash", reason=check.refusal.rstrip("。"))


async def _changes(case: Case, flow: Flow) -> dict[str, object]:
    """Back at its desk; where nobody is in post there any more, at the one that the step would go to now."""
    running = flow.one_running_per_person and case.id_no_index
    back = {
        "status": CaseStatus.IN_REVIEW.value,
        "round": case.round + 1,
        "reopened": case.reopened + 1,
        "decided_at": None,
        "decision_action": None,
        "decision_comment": "",
        "running_key": f"{flow.slug}:{case.id_no_index}" if running else None,
    }
    if case.desk_union_id and case.desk_role and await unions.holders(case.desk_union_id, case.desk_role):
        return back
    target = case.target_union_id or case.desk_union_id or 0
    placement = await routing.place_at(flow, case.step_index, target, content_of(case).values)
    return back | {
        "desk_union_id": placement.desk.union_id,
        "desk_role": placement.desk.role,
        "desk_flagged": placement.desk.flagged,
    }


def _clock(case: Case, flow: Flow, today: date) -> dict[str, object]:
    """The whole limit again, from today."""
    due = clocks.due_on(reference.calendar(), today, flow.limit_working_days)
    next_due = clocks.earlier(due, case.calendar_due_on)
    return {"due_on": due, "days_left": None, "next_due_on": next_due, "reminded": ""}


async def _hold_invoices(case: Case, flow: Flow, actor: Actor) -> None:
    """Let go when the case was refused; another may count on them by now."""
    try:
        await invoices.hold(case, flow, question_of(case, actor))
    except Invalid as exc:
        raise Conflict("reopen_clash", reason=exc.detail.rstrip("。")) from exc
