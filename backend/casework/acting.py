"""Who may do which of a flow's own actions, and when. Pure: a case's standing, an actor and counts go in."""

from collections.abc import Mapping

import msgspec

from backend.casework import rules
from backend.casework.enums import AT_DESK
from backend.casework.flows import ActionSpec, Flow, StepSpec
from backend.casework.judging import Facts
from backend.casework.rules import Standing
from backend.core import predicates
from backend.core.actor import Actor, Post

APPLICANT, DESK = "applicant", "desk"


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case is, for its actions. `target_path` is the path of the union it was sent to."""

    standing: Standing
    step_name: str
    target_path: str
    done: Mapping[str, int]  # how often each action was done


def acting_post(spec: ActionSpec, actor: Actor, stage: Stage) -> Post | None:
    """The post by which a member of staff may do it."""
    for who in spec.by:
        if who == DESK:
            post = rules.serving_post(actor, stage.standing)
        else:
            role, _, level = who.partition("@")
            held = (each for each in actor.posts if role in each.roles and each.level == level)
            post = next((each for each in held if stage.target_path.startswith(each.path)), None)
        if post is not None:
            return post
    return None


def is_applicant(spec: ActionSpec, actor: Actor, standing: Standing) -> bool:
    return APPLICANT in spec.by and actor.kind == "person" and rules.is_own(actor, standing)


def concerns(spec: ActionSpec, actor: Actor, stage: Stage) -> bool:
    """Whether it is this actor's to do at all. Nobody at a desk acts in their own affair."""
    if actor.is_staff:
        return not rules.is_recused(actor, stage.standing) and acting_post(spec, actor, stage) is not None
    return is_applicant(spec, actor, stage.standing)


def is_open(spec: ActionSpec, stage: Stage, facts: Facts, *, awaited: bool) -> bool:
    """Whether the case is where the action belongs. One that its step waits for is open until it is done."""
    if spec.once and stage.done.get(spec.key):
        return False
    if awaited:
        return True
    if stage.standing.status not in spec.during or (spec.steps and stage.step_name not in spec.steps):
        return False
    return spec.when is None or predicates.evaluate(spec.when, facts.get, today=facts["today"]) is True


def awaited_by(flow: Flow, step_index: int, standing: Standing, done: Mapping[str, int]) -> str:
    """The action that the step waits for: on hold, or at a desk that took the case up again without it."""
    if step_index >= len(flow.steps) or standing.status not in AT_DESK or standing.held_until is not None:
        return ""
    awaited = flow.steps[step_index].awaits
    return "" if done.get(awaited) else awaited


def act_facts(flow: Flow, done: Mapping[str, int]) -> dict[str, int]:
    """`act.visit_record`: how often an action was done; names in conditions have no hyphens."""
    return {f"act.{spec.key.replace('-', '_')}": done.get(spec.key, 0) for spec in flow.actions}


def undone(step: StepSpec, done: Mapping[str, int]) -> list[str]:
    """The actions that have to be done before the step may be approved."""
    return [key for key in (*step.needs, step.awaits) if key and not done.get(key)]
