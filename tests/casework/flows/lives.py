"""Whole lives of cases: as many as it takes to pass every step, do every action, and end in every way."""

from datetime import datetime
from typing import Any

from backend.casework.flows import Flow
from backend.casework.predicates import Predicate
from backend.core import clock
from backend.unions.models import Union
from tests.casework.flows.cases import CHINESE, Case, named, prepare, submit
from tests.casework.flows.county import County
from tests.casework.flows.performing import Coverage, coverage_of, do_awaited, do_needed, stop
from tests.casework.flows.reading import read_papers, read_receipt
from tests.factories.application import MORNING

_MOST_TRIES = 3
_MORNING = datetime.fromisoformat(MORNING)


async def live(flow: Flow, county: County) -> Coverage:
    seen = coverage_of(flow)
    await _to_approval(flow, county, seen, thorough=True)
    await _to_rejection(flow, county, seen)
    await _to_withdrawal(flow, county, seen)
    for index, step in enumerate(flow.steps):
        if index not in seen.steps and step.when is not None:
            await _by_another_way(flow, county, seen, [step.when], index)
    for _ in range(_MOST_TRIES):
        before = set(seen.done)
        if seen.undone:
            await _to_approval(flow, county, seen, wanted=_conditions_of(flow, seen.undone[0][0]))
        if seen.done == before:
            break
    return seen


def _conditions_of(flow: Flow, key: str) -> list[Predicate]:
    """When the action is open, and the steps at which it is."""
    spec = flow.action(key)
    assert spec is not None
    steps = [step.when for step in flow.steps if step.name in spec.steps]
    return [when for when in (spec.when, *steps) if when is not None]


async def _by_another_way(flow: Flow, county: County, seen: Coverage, wanted: list[Predicate], index: int) -> None:
    """A form, or a union, that leads to this step."""
    for target in (None, county.unions["town"], county.unions["county"]):
        found = await prepare(flow, county, wanted=wanted, target=target)
        if all(found.filler.holds(one, found.values) for one in wanted):
            await _to_approval(flow, county, seen, wanted=wanted, target=target)
            return
    seen.wrong.append(f"no form leads to the step {flow.steps[index].name}")


async def _begin(flow: Flow, county: County, seen: Coverage, **how: Any) -> Case:
    case = await submit(flow, county, await prepare(flow, county, **how))
    await stop(case, seen)
    return case


async def _to_approval(
    flow: Flow,
    county: County,
    seen: Coverage,
    *,
    thorough: bool = False,
    wanted: list[Predicate] | None = None,
    target: Union | None = None,
) -> None:
    """Step by step to the end; `thorough` also holds it once and gives back everything that was filled in."""
    case = await _begin(flow, county, seen, wanted=wanted, target=target)
    if thorough:
        await _take_up(case)
        await stop(case, seen)
        await case.hold()
        await stop(case, seen)
        await case.release()
        await _give_back_everything(case, seen)
    while case.seen["step"] is not None:
        index = case.seen["step"]["index"]
        if case.seen["status"] == "on_hold":
            await stop(case, seen)
            if case.seen["status"] == "on_hold":
                await do_awaited(case, seen)
        await stop(case, seen)
        await case.read_at_desk()
        await do_needed(case, seen)
        await case.decide("approve", comment="情况属实")
        seen.steps.add(index)
        case.approved.append(index)
    await _is_approved(case)
    await stop(case, seen)
    await case.look()
    await read_papers(case, seen)
    await read_receipt(case)
    seen.endings.add("approved")
    clock.freeze(_MORNING)


async def _take_up(case: Case) -> None:
    opened = await case.desk.send(f"/api/v1/desk/cases/{case.number}/open", {})
    assert opened["status"] == "in_review"
    await case.look()


async def _give_back_everything(case: Case, seen: Coverage) -> None:
    """Screen by screen, answered by app and by page in turn."""
    for index in range(len(case.flow.screens)):
        names = case.returnable(index)
        if names:
            await case.give_back(names)
            await stop(case, seen)
            await case.correct(names, by_page=bool(index % 2))
            seen.returned.update(names)


async def _is_approved(case: Case) -> None:
    flow, seen = case.flow, case.seen
    assert (seen["status"], seen["decision"]["action"], seen["due_on"]) == ("approved", "approve", None)
    assert {step["state"] for step in seen["steps"]} == {"done"}
    assert [step["index"] for step in seen["steps"]] == [-1, *case.approved]
    actions = [entry["action"] for entry in seen["timeline"]]
    assert actions.count("approve") == len(case.approved)
    assert actions[-1] == "submit"
    assert all(actions.count(f"act:{key}") == times for key, times in case.done.items())
    if flow.outcomes:
        assert seen["outcome"]["text"] == flow.outcomes[-1].text
    else:
        assert seen["outcome"] is None
    page = await case.who.caller.page(f"/cases/{case.number}")
    assert seen["headline"] in page
    assert case.number in await case.desk.page(f"/desk/cases/{case.number}")
    late = await case.decide("reject", comment="晚了", status=409)
    assert late["code"] == "already_decided"


async def _to_rejection(flow: Flow, county: County, seen: Coverage) -> None:
    case = await _begin(flow, county, seen)
    without = await case.decide("reject", status=422)
    assert CHINESE.search(named(without)["comment"])
    rejected = await case.decide("reject", comment="不符合条件，请看说明")
    assert (rejected["status"], rejected["outcome"]) == ("rejected", None)
    assert case.seen["timeline"][0]["comment"] == "不符合条件，请看说明"
    assert "不符合条件，请看说明" in await case.who.caller.page(f"/cases/{case.number}")
    gone = await case.who.caller.send(f"/api/v1/cases/{case.number}/withdraw", {}, status=409)
    assert gone["code"] == "already_decided"
    await stop(case, seen)
    seen.endings.add("rejected")
    clock.freeze(_MORNING)


async def _to_withdrawal(flow: Flow, county: County, seen: Coverage) -> None:
    case = await _begin(flow, county, seen)
    await case.who.caller.send(f"/api/v1/cases/{case.number}/urge", {})
    gone = await case.who.caller.send(f"/api/v1/cases/{case.number}/withdraw", {})
    assert (gone["status"], gone["step"], gone["due_on"]) == ("withdrawn", None, None)
    await case.look()
    late = await case.decide("approve", status=409)
    assert late["code"] == "already_decided"
    await stop(case, seen)
    seen.endings.add("withdrawn")
    clock.freeze(_MORNING)
