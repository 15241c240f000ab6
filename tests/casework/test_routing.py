"""Which steps a case takes and which desk has it."""

from datetime import date
from typing import Any

import msgspec
import pytest

from backend import bindings
from backend.casework import catalogue, judging, routing
from backend.casework.commands.filing import find_target
from backend.casework.protocols import Question
from backend.core import ids
from backend.core.actor import SYSTEM
from backend.core.errors import Unavailable
from backend.core.settings import CONFIG_DIR
from backend.unions.models import StaffPost, Union
from tests.casework.world import World, aid_form, staff

FACTS = {"org.has_union": True, "form.fee": 90_000}


def question(**changes: Any) -> Question:
    facts: dict[str, Any] = {
        "flow": "sample-aid",
        "actor": SYSTEM,
        "today": date(2026, 3, 10),
        "values": {},
        "params": {},
    }
    return Question(**(facts | changes))


@pytest.mark.parametrize(
    ("facts", "plan"),
    [
        (FACTS, [0, 1]),
        (FACTS | {"org.has_union": False}, [1]),
        (FACTS | {"form.fee": 200_000}, [0, 1, 2]),
        ({}, [0, 1, 2]),  # what nobody knows leaves no step out
    ],
)
def test_the_steps_that_apply(services: None, facts: dict[str, Any], plan: list[int]) -> None:
    assert routing.plan(catalogue.flow("sample-aid"), facts, question()) == plan


def test_the_steps_a_case_went_through_stay_in_its_plan() -> None:
    assert routing.plan_text([0], [2]) == "0,2"
    assert routing.plan_text((), [1]) == "1"


async def test_the_nearest_holder_at_or_above_the_level(world: World) -> None:
    flow = catalogue.flow("sample-aid")
    placed = await routing.place_at(flow, 0, world.unit.id, {})
    assert (placed.desk.union_id, placed.desk.role, placed.desk.flagged) == (world.unit.id, "officer", False)
    placed = await routing.place_at(flow, 1, world.unit.id, {})
    assert (placed.desk.union_id, placed.desk.role, placed.desk.flagged) == (world.town.id, "desk", False)
    placed = await routing.place_at(flow, 2, world.far_unit.id, {})
    assert (placed.desk.union_id, placed.desk.role, placed.desk.flagged) == (world.county.id, "dept_aid", False)


async def test_the_same_role_further_up_comes_before_another_role_near_by(world: World) -> None:
    flow = catalogue.flow("sample-aid")
    await staff("孙小上", (world.county, "officer"))
    await StaffPost.filter(union_id=world.unit.id).delete()
    placed = await routing.place_at(flow, 0, world.unit.id, {})
    assert (placed.desk.union_id, placed.desk.role, placed.desk.flagged) == (world.county.id, "officer", True)


async def test_a_stand_in_is_flagged_even_at_the_steps_own_level(world: World) -> None:
    flow = catalogue.flow("sample-aid")
    await StaffPost.filter(role="desk").delete()
    await staff("孙小替", (world.town, "officer"))
    placed = await routing.place_at(flow, 1, world.unit.id, {})
    assert (placed.desk.union_id, placed.desk.role, placed.desk.flagged) == (world.town.id, "officer", True)


async def test_suspended_posts_and_dissolved_unions_serve_nobody(world: World) -> None:
    flow = catalogue.flow("sample-aid")
    await StaffPost.filter(union_id=world.unit.id).update(suspended=True)
    assert (await routing.place_at(flow, 0, world.unit.id, {})).desk.union_id == world.town.id
    await Union.filter(id=world.town.id).update(state="dissolved")
    assert (await routing.place_at(flow, 0, world.unit.id, {})).desk.union_id == world.county.id


async def test_nobody_at_all(world: World) -> None:
    await StaffPost.all().delete()
    with pytest.raises(Unavailable) as refused:
        await routing.place_at(catalogue.flow("sample-aid"), 0, world.unit.id, {})
    assert refused.value.code == "no_desk"


async def test_a_step_may_be_decided_at_the_union_that_a_field_names(world: World) -> None:
    flow = catalogue.flow("sample-aid")
    first = msgspec.structs.replace(flow.steps[0], at="target_org")
    flow = msgspec.structs.replace(flow, steps=(first, *flow.steps[1:]))
    placed = await routing.place_at(flow, 0, world.town.id, {"target_org": ids.public(world.unit.id)})
    assert placed.desk.union_id == world.unit.id
    assert (await routing.place_at(flow, 0, world.town.id, {})).desk.union_id == world.town.id


async def test_a_confidential_case_passes_the_unions_below_its_desks(world: World) -> None:
    flow = msgspec.structs.replace(catalogue.flow("sample-aid"), confidential=True)
    values = {"target_org": ids.public(world.unit.id)}
    assert (await find_target(flow, values, None)).id == world.unit.id
    flow = msgspec.structs.replace(flow, steps=flow.steps[1:])
    assert (await find_target(flow, values, None)).id == world.town.id
    flow = msgspec.structs.replace(flow, steps=flow.steps[1:])
    assert (await find_target(flow, values, None)).id == world.county.id


@pytest.mark.parametrize(
    "slug", ["psych-care", "legal-aid", "dispute-mediation", "labour-supervision", "hotline-ticket"]
)
def test_what_colleagues_must_not_see_is_confidential(slug: str) -> None:
    flow = catalogue.open_catalogue(CONFIG_DIR, bindings.BINDINGS).flow(slug)
    assert flow.confidential
    assert "unit" not in {step.level for step in flow.steps}


async def test_facts_are_asked_of_those_who_know(world: World) -> None:
    flow = catalogue.flow("sample-aid")
    asked = question(values=aid_form(world), params=flow.params_on(date(2026, 3, 10)), target_union_id=world.unit.id)
    facts = await judging.gather(flow, asked)
    assert (facts["org.has_union"], facts["worker.mood"], facts["form.fee"], facts["params.most"]) == (
        True,
        None,
        90_000,
        5_000_000,
    )
    lines = judging.eligibility_lines(flow, facts, asked)
    assert [(line.text, line.state) for line in lines] == [("金额不超过上限", "pass"), ("情况要人看", "unknown")]
    await judging.require_eligible(flow, facts, asked)
    with pytest.raises(judging.NotEligible) as refused:
        await judging.require_eligible(flow, facts | {"form.fee": 6_000_000, "worker.mood": "bad"}, asked)
    # A check that only warns refuses nobody.
    assert [(error.field, error.message) for error in refused.value.errors] == [("fee", "金额超过上限")]
