"""What a desk decides about a case: approve, return single fields, reject."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from backend.casework import acting, judging, routing, rules
from backend.casework.commands import hold_transfer, invoices, presence, signatures, transitions
from backend.casework.commands.access import content_of, desk_case, flow_of
from backend.casework.commands.acts import issue_papers
from backend.casework.commands.deskwork import Desk, ended_clock, require_comment, stopped_clock
from backend.casework.commands.outcomes import bring_about, question_of
from backend.casework.enums import CaseAction, CaseStatus
from backend.casework.events import CaseApproved, CaseAwaited, CaseRejected, CaseReturned
from backend.casework.flows import ActionSpec, Flow
from backend.casework.queries import acts
from backend.casework.schemas import DecisionInput, FieldComment
from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import SYSTEM, Actor
from backend.core.command import command
from backend.core.errors import Conflict, FieldError, Invalid, invalid, sentence


@command
async def decide(*, number: str, data: DecisionInput, actor: Actor, batch_id: int | None = None) -> None:
    """One decision. A lost race is a Conflict that says who decided what, and when. `batch_id` is that of the batch
    whose time has come.
    """
    if data.action not in _ACTS:
        raise invalid("action", "unknown_action")
    case, post = await desk_case(number, actor, version=data.version, action=data.action, batch_id=batch_id)
    await presence.end(case.id, actor)
    await take(Desk(case=case, flow=flow_of(case), actor=actor, post=post, data=data))


async def take(desk: Desk) -> None:
    """Inside the caller's command, which has seen to it that the actor may decide this."""
    case, action = desk.case, desk.data.action
    await _ACTS[action](desk)
    done = CaseAction.SIGN if action == CaseAction.APPROVE and case.signed_by is not None else action
    detail = {"action": done, "step": case.step_index, "round": case.round, "status": case.status, **desk.post.trace}
    await audit.record(desk.actor, f"case.{done}", object_kind="case", object_id=case.id, detail=detail)


async def _approve(desk: Desk) -> None:
    """To the next step that applies; after the last one the outcome becomes true in this same transaction. Of two
    approvals that a step needs, the first only signs."""
    case, flow = desk.case, desk.flow
    done = await acts.done(case.id)
    await _require_done(desk, done)
    if flow.steps[case.step_index].four_eyes and await signatures.is_first(desk):
        await signatures.sign(desk)
        return
    question = question_of(case, desk.actor)
    facts = await judging.gather(flow, question) | acting.act_facts(flow, done)
    ahead = [index for index in routing.plan(flow, facts, question) if index > case.step_index]
    step = flow.steps[case.step_index].name
    if ahead:
        await _go_on(desk, ahead, done)
    else:
        await _complete(desk)
    await issue_papers(case, desk.actor, issued="step", step=step)


async def _require_done(desk: Desk, done: dict[str, int]) -> None:
    """What the step needs before it is approved; a public notice has to have run its time."""
    case, flow = desk.case, desk.flow
    step = flow.steps[case.step_index]
    if missing := acting.undone(step, done):
        if case.status not in rules.UNDECIDED or case.version != desk.data.version:
            await transitions.lost(case.id)
        names = "、".join(f"“{spec.name}”" for spec in flow.actions if spec.key in missing)
        raise Conflict("step_needs_action", names=names)
    noticed = [spec.key for spec in flow.actions if spec.publishes is not None and spec.key in step.needs]
    if noticed and await acts.unfinished_notice(case.id, noticed):
        raise Conflict("notice_running")


async def _go_on(desk: Desk, ahead: list[int], done: dict[str, int]) -> None:
    """The next step begins at its desk, or waits on hold for what the applicant has to do first."""
    case, flow = desk.case, desk.flow
    target = case.target_union_id or desk.post.union_id
    placement = await routing.place_at(flow, ahead[0], target, content_of(case).values)
    passed = [int(index) for index in case.plan.split(",") if index and int(index) <= case.step_index]
    moved = {
        "status": CaseStatus.IN_REVIEW.value,
        "step_index": placement.step_index,
        "plan": routing.plan_text(passed, ahead),
        "desk_union_id": placement.desk.union_id,
        "desk_role": placement.desk.role,
        "desk_flagged": placement.desk.flagged,
        "passed": desk.passed_here(),
    }
    awaited = flow.action(flow.steps[placement.step_index].awaits)
    if awaited is not None and not done.get(awaited.key):
        waiting = {"status": CaseStatus.ON_HOLD.value, "held_until": None, "hold_message": awaits_words(awaited)}
        moved |= {**waiting, **stopped_clock(case)}
    event_id = await _settle(desk, CaseAction.APPROVE, require_comment(desk.data, required=False), moved)
    if case.status == CaseStatus.ON_HOLD:
        event_id = await transitions.note(case, CaseAction.HOLD, SYSTEM, comment=case.hold_message)
        await outbox.emit(CaseAwaited(case.id, event_id), key=f"{case.id}:{case.version}")
    else:
        await transitions.assigned(case, event_id)


def awaits_words(awaited: ActionSpec) -> str:
    """What the applicant reads while the case waits for them."""
    return f"请您办理“{awaited.name}”，办好后接着审核。"


async def _complete(desk: Desk) -> None:
    case = desk.case
    closed = {"status": CaseStatus.APPROVED.value, "running_key": None, **ended_clock(case)}
    closed["passed"] = desk.passed_here()
    event_id = await _settle(desk, CaseAction.APPROVE, require_comment(desk.data, required=False), closed)
    outcome = await bring_about(case, desk.actor)
    if outcome:
        case.outcome = msgspec.json.encode(outcome).decode()
        await database.execute("UPDATE case_file SET outcome = %s WHERE id = %s", case.outcome, case.id)
    await issue_papers(case, desk.actor, issued="approval")
    await outbox.emit(CaseApproved(case.id, event_id), key=str(case.id))


async def _return(desk: Desk) -> None:
    """Give back single fields, each with a comment; only these open for the applicant, and the clock stops."""
    case = desk.case
    flagged = _flagged(desk.flow, desk.data.corrections)
    words = require_comment(desk.data, required=False) or _joined(desk.flow, flagged)
    returned = {"status": CaseStatus.RETURNED.value, **stopped_clock(case)}
    event_id = await _settle(desk, CaseAction.RETURN, words, returned)
    await database.execute_many(
        "INSERT INTO correction (id, case_id, round, field, comment) VALUES (%s, %s, %s, %s, %s)",
        [(ids.new_id(), case.id, case.round, field, comment) for field, comment in flagged.items()],
    )
    await outbox.emit(CaseReturned(case.id, event_id, case.round), key=f"{case.id}:{case.round}")


async def _reject(desk: Desk) -> None:
    case = desk.case
    reason = require_comment(desk.data, required=True)
    closed = {"status": CaseStatus.REJECTED.value, "running_key": None, **ended_clock(case)}
    event_id = await _settle(desk, CaseAction.REJECT, reason, closed)
    await invoices.release(case.id)
    await outbox.emit(CaseRejected(case.id, event_id), key=f"{case.id}:{case.round}")


def _flagged(flow: Flow, corrections: list[FieldComment]) -> dict[str, str]:
    """Field → comment. A field filled by the system cannot be given back to a person."""
    if not corrections:
        raise invalid("corrections", "return_needs_fields")
    errors = []
    flagged: dict[str, str] = {}
    for index, given in enumerate(corrections):
        spec = flow.field(given.field)
        comment = given.comment.strip()
        if flow.slot(given.field) is None and (spec is None or spec.filled_by == "system"):
            errors.append(FieldError(f"corrections.{index}.field", sentence("no_such_field")))
        elif not comment:
            errors.append(FieldError(f"corrections.{index}.comment", sentence("field_comment_missing")))
        elif len(comment) > rules.MAX_FIELD_COMMENT:
            limit = rules.MAX_FIELD_COMMENT
            errors.append(FieldError(f"corrections.{index}.comment", sentence("comment_too_long", limit=limit)))
        flagged[given.field] = comment
    if errors:
        raise Invalid(errors)
    return flagged


def _joined(flow: Flow, flagged: dict[str, str]) -> str:
    """The comments as one text, for the history and the notice."""
    parts = []
    for name, comment in flagged.items():
        spec = flow.field(name) or flow.slot(name)
        parts.append(f"{spec.label if spec else name}：{comment}")
    return "；".join(parts)[: rules.MAX_COMMENT]


async def _settle(desk: Desk, action: CaseAction, comment: str, changes: dict[str, Any]) -> int:
    """Move the case, then write down the decision and its line of history, at the step and desk they belong to;
    the id of that line."""
    decision: dict[str, Any] = {"decision_action": action.value, "decision_comment": comment, "decided_at": clock.now()}
    decision["signed_by"] = None
    place = transitions.place_of(desk.case)
    await desk.move(rules.UNDECIDED, **changes, **decision)
    await transitions.decided_once(place, action, desk.actor)
    return await desk.note(action, comment, place)


_ACTS: dict[str, Callable[[Desk], Awaitable[None]]] = {
    CaseAction.APPROVE: _approve,
    CaseAction.RETURN: _return,
    CaseAction.REJECT: _reject,
    CaseAction.TRANSFER: hold_transfer.transfer,
    CaseAction.HOLD: hold_transfer.hold,
    CaseAction.RELEASE: hold_transfer.release,
}
