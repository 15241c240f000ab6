"""Where a corrected case goes on: at its desk, unless the correction takes away what an earlier step rested on."""

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.casework import judging, reconsidered, routing
from backend.casework.commands.access import content_of
from backend.casework.commands.filing import INVITE_FIELD, find_target
from backend.casework.commands.outcomes import question_of
from backend.casework.contents import Content
from backend.casework.flows import Flow
from backend.casework.models import Case
from backend.core.actor import Actor


async def goes_on(flow: Flow, case: Case, new: Content, actor: Actor) -> dict[str, Any]:
    """Columns of the desk and step that it goes to; none where it goes on where it was.

    An earlier step decides anew when a field was changed on which its approval rests, and a step that the change
    makes necessary is not left out because the case is past it.
    """
    old = content_of(case)
    index = await _step(flow, case, old, new, actor)
    target = await _target(flow, case, old, new, index)
    if target is None and index == case.step_index:
        return {}
    union_id = target or case.target_union_id or case.desk_union_id or 0
    placement = await routing.place_at(flow, index, union_id, new.values)
    moved = {
        "desk_union_id": placement.desk.union_id,
        "desk_role": placement.desk.role,
        "desk_flagged": placement.desk.flagged,
    }
    if target is not None:
        moved["target_union_id"] = target
    return moved | (_step_columns(case, index) if index != case.step_index else {})


def said(flow: Flow, columns: Mapping[str, Any]) -> str:
    """For the history, where an earlier step decides anew."""
    return f"从“{flow.steps[columns['step_index']].name}”这一步起重新审核" if "step_index" in columns else ""


async def _step(flow: Flow, case: Case, old: Content, new: Content, actor: Actor) -> int:
    """The first step that the change concerns, or the present one."""
    changed = reconsidered.changed(flow, old.values, new.values)
    ahead = reconsidered.conditional(flow, case.plan, case.step_index, changed)
    applying: set[int] = set()
    if ahead:
        question = msgspec.structs.replace(question_of(case, actor), values=new.values)
        facts = await judging.gather(flow, question)
        applying = {index for index in ahead if judging.applies(flow.steps[index], facts, question)}
    resting = reconsidered.resting(flow, case.plan, case.step_index, changed)
    return min({*resting, *applying, case.step_index})


async def _target(flow: Flow, case: Case, old: Content, new: Content, index: int) -> int | None:
    """The union to which the case goes where the applicant now asks another one. Whoever came by an invite stays with
    its union until they name another."""
    at = flow.steps[index].at
    before, after = old.values, new.values
    if _same(before, after, (flow.subject.target_union, flow.subject.division, at)):
        return None
    if after.get(INVITE_FIELD) and not after.get(flow.subject.target_union):
        return None
    target = await find_target(flow, after, case.member_id)
    return None if target.id == case.target_union_id and _same(before, after, (at,)) else target.id


def _same(before: Mapping[str, Any], after: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return all(before.get(name) == after.get(name) for name in names if name)


def _step_columns(case: Case, index: int) -> dict[str, Any]:
    """Back at a step: what was approved from there on counts no more."""
    planned = [int(part) for part in case.plan.split(",") if part]
    passed: dict[str, str] = msgspec.json.decode(case.passed)
    kept = {step: union for step, union in passed.items() if int(step) < index}
    return {
        "step_index": index,
        "plan": routing.plan_text(planned, [index]) if planned else "",
        "passed": msgspec.json.encode(kept).decode(),
    }
