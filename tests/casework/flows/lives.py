"""Whole lives of cases: as many as it takes to pass every step, do every action, and end in every way."""

from collections.abc import Callable, Collection
from itertools import product

import msgspec

from backend.casework.flows import Flow
from backend.core import clock, predicates
from backend.core.predicates import Predicate
from tests.casework.flows.cases import CHINESE, Case, Prepared, named, submit
from tests.casework.flows.county import County
from tests.casework.flows.performing import Coverage, coverage_of, do_awaited, do_needed, let_notices_run, stop
from tests.casework.flows.reading import read_papers, read_receipt
from tests.casework.flows.starting import MEMBERS_FIRST, look_for, prepare


async def live(flow: Flow, county: County) -> Coverage:
    seen = coverage_of(flow)
    await _to_approval(flow, county, seen, await prepare(flow, county), thorough=True)
    await _to_rejection(flow, county, seen)
    await _to_withdrawal(flow, county, seen)
    for choice in _choices(flow):
        await _to_approval(flow, county, seen, await prepare(flow, county, hard=[choice]))
    for key, _ in seen.undone:
        await _on_other_ways(
            flow, county, seen, _leads_to_action(flow, key), lambda key=key: key not in seen.undone_keys
        )
    for index, step in enumerate(flow.steps):
        if step.when is not None:
            await _on_other_ways(flow, county, seen, _lead(flow, [step.when]), lambda index=index: index in seen.steps)
    return seen


class Lead(msgspec.Struct, frozen=True):
    """What leads to a step or an action: conditions on the form, and actions that have to be done on the way."""

    conditions: list[Predicate]
    actions: set[str]


def _choices(flow: Flow) -> list[Predicate]:
    """Every kind of application that ends in an outcome of its own."""
    fields = {outcome.params.get("by", "") for outcome in flow.outcomes}
    return [
        predicates.parse(f"form.{spec.name} == {option}")
        for spec in flow.fields
        if spec.name in fields
        for option in spec.options
    ]


def _leads_to_action(flow: Flow, key: str) -> Lead:
    """When the action is open, and the steps at which it is."""
    spec = flow.action(key)
    assert spec is not None
    steps = [step.when for step in flow.steps if step.name in spec.steps]
    return _lead(flow, [when for when in (spec.when, *steps) if when is not None])


def _lead(flow: Flow, conditions: list[Predicate]) -> Lead:
    """The fewest actions with which the conditions can hold, and what these need in their turn."""
    named = {f"act.{spec.key.replace('-', '_')}": spec for spec in flow.actions}
    asked = [name for name in named if any(name in one.facts for one in conditions)]
    for times in sorted(product((0, 1), repeat=len(asked)), key=sum):
        counts = dict(zip(asked, times, strict=True))
        if all(predicates.evaluate(one, counts.get, today=clock.today()) is not False for one in conditions):
            needed = [named[name] for name, count in counts.items() if count]
            below = [_leads_to_action(flow, spec.key) for spec in needed]
            actions = {spec.key for spec in needed}.union(*(lead.actions for lead in below))
            return Lead([*conditions, *(one for lead in below for one in lead.conditions)], actions)
    raise AssertionError(f"{flow.slug}: nothing makes {[one.text for one in conditions]} hold")


async def _on_other_ways(flow: Flow, county: County, seen: Coverage, lead: Lead, is_there: Callable[[], bool]) -> None:
    """Other forms, other people and other unions, until one has led there."""
    town, above = county.unions["town"], county.unions["county"]
    ways = [{}, {"kinds": MEMBERS_FIRST}, {"target": town}, {"target": above}]
    for way in ways:
        if is_there():
            return
        found, _ = await look_for(flow, county, wanted=lead.conditions, hard=lead.conditions, **way)
        if found is not None:
            await _to_approval(flow, county, seen, found, again=lead.actions)


async def _begin(flow: Flow, county: County, seen: Coverage) -> Case:
    case = await submit(flow, county, await prepare(flow, county))
    await stop(case, seen)
    return case


async def _to_approval(
    flow: Flow,
    county: County,
    seen: Coverage,
    found: Prepared,
    *,
    again: Collection[str] = (),
    thorough: bool = False,
) -> None:
    """Step by step to the end; `thorough` also holds it once and gives back everything that was filled in."""
    case = await submit(flow, county, found)
    case.again = set(again)
    await stop(case, seen)
    if thorough:
        await _take_up(case)
        await stop(case, seen)
        await case.hold()
        await stop(case, seen)
        await case.release()
        await _give_back_everything(case, seen)
    while case.seen["step"] is not None:
        await _pass_step(case, seen)
    await _is_approved(case)
    await stop(case, seen)
    await case.look()
    await read_papers(case, seen)
    if thorough:
        assert case.seen["headline"] in await case.who.caller.page(f"/cases/{case.number}")
        assert case.number in await case.desk.page(f"/desk/cases/{case.number}")
        await read_receipt(case, seen)
    seen.endings.add("approved")


async def _pass_step(case: Case, seen: Coverage) -> None:
    index = case.seen["step"]["index"]
    if case.seen["status"] == "on_hold":
        await stop(case, seen)
        if case.seen["status"] == "on_hold":
            await do_awaited(case, seen)
    await stop(case, seen)
    if index not in seen.steps:
        await case.read_at_desk()
    if await do_needed(case, seen):
        await stop(case, seen)
    await let_notices_run(case)
    await case.decide("approve", comment="情况属实")
    seen.steps.add(index)
    case.approved.append(index)


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
