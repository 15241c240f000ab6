"""Which desk a case goes to: the first step that applies, at the nearest union with somebody in post."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import msgspec

from backend.casework.flows import Flow
from backend.casework.judging import Facts, applies
from backend.casework.protocols import Question
from backend.core import ids
from backend.core.errors import Unavailable
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel
from backend.unions.rules import rank
from backend.unions.schemas import Desk, UnionPlace

# Who takes a step whose role nobody up to the root holds: better a flagged case than a lost one.
STAND_INS = ("officer", "desk", "dept_org", "leader", "admin")


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    step_index: int
    desk: Desk


def plan(flow: Flow, facts: Facts, question: Question) -> list[int]:
    """The steps that apply, as far as is known now."""
    return [index for index, step in enumerate(flow.steps) if applies(step, facts, question)]


def plan_text(passed: Iterable[int], ahead: Iterable[int]) -> str:
    """As it is kept with the case: the steps it went through stay in it, whatever the conditions say later."""
    return ",".join(map(str, sorted({*passed, *ahead})))


async def place_at(flow: Flow, index: int, target_union_id: int, values: Mapping[str, Any]) -> Placement:
    """The desk of a step, from the union on that the case was sent to or that the step's own field names."""
    step = flow.steps[index]
    target_union_id = ids.parse(str(values.get(step.at) or "")) or target_union_id
    level = UnionLevel(step.level)
    desk = await unions.desk_for(target_union_id, step.role, level)
    for role in STAND_INS:
        if desk is not None:
            return Placement(step_index=index, desk=desk)
        desk = await unions.desk_for(target_union_id, role, level)
        desk = msgspec.structs.replace(desk, flagged=True) if desk is not None else None
    if desk is None:
        raise Unavailable("no_desk", retry_after=3600)
    return Placement(step_index=index, desk=desk)


async def deciding_union(flow: Flow, place: UnionPlace) -> UnionPlace:
    """For a confidential flow the nearest union that decides something of it: nobody below may see the case."""
    lowest = min(rank(step.level) for step in flow.steps)
    above = [one for one in await unions.ancestors(place.path) if rank(one.level) >= lowest]
    return above[-1] if above else place


async def desks_above(union_id: int, role: str) -> AsyncIterator[Desk]:
    """Desks above this union with somebody in post, nearest first: of the role, then of those who stand in for it."""
    for wanted in (role, *STAND_INS):
        here = await unions.place(union_id)
        while here is not None and here.parent_id is not None:
            desk = await unions.desk_for(here.parent_id, wanted, UnionLevel.UNIT)
            if desk is None:
                break
            yield desk
            here = await unions.place(desk.union_id)


async def county_path(path: str) -> str:
    """The subtree inside which a desk may hand cases on: its county, or its own branch above one."""
    above = await unions.ancestors(path)
    return next((one.path for one in above if one.level == UnionLevel.COUNTY), path)
