"""Which approvals a correction takes away: those of steps that rest on a changed field. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from backend.casework.flows import Flow


def changed(flow: Flow, before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The fields whose values differ."""
    names = (field.name for field in flow.fields)
    return frozenset(name for name in names if before.get(name) != after.get(name))


def resting(flow: Flow, plan: str, step_index: int, fields: Collection[str]) -> list[int]:
    """The steps that the case has passed and whose approval rests on one of these fields."""
    return [index for index in _passed(plan, step_index) if not set(fields).isdisjoint(flow.steps[index].rests_on)]


def conditional(flow: Flow, plan: str, step_index: int, fields: Collection[str]) -> list[int]:
    """The steps that were left out and whose condition looks at one of these fields."""
    passed, asked = _passed(plan, step_index), {f"form.{name}" for name in fields}
    left_out = [index for index in range(step_index) if index not in passed]
    return [index for index in left_out if (when := flow.steps[index].when) is not None and asked & when.facts]


def words(flow: Flow, plan: str, step_index: int, fields: Collection[str]) -> str:
    """What an applicant should know before they change one of these fields; empty where nothing follows from it."""
    again = resting(flow, plan, step_index, fields)
    if not again:
        return ""
    step = flow.steps[again[0]]
    labels = "、".join(f"“{spec.label}”" for spec in flow.fields if spec.name in fields and spec.name in step.rests_on)
    return f"改动{labels}后，会从“{step.name}”这一步起重新审核；不改的，已通过的审核继续有效。"


def _passed(plan: str, step_index: int) -> list[int]:
    planned = [int(part) for part in plan.split(",") if part] or range(step_index)
    return [index for index in planned if index < step_index]
