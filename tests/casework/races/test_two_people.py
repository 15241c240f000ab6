"""Two signatures, two verdicts and two covers at the same moment: one of each, and the other side is told."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.casework import commands
from backend.casework.commands import colleagues, transitions
from backend.casework.models import Case
from backend.casework.schemas import RecusalInput, VerdictInput
from backend.core import clock, database, ids
from backend.core.errors import Conflict, Invalid
from backend.unions import commands as unions
from backend.unions.schemas import CoverInput
from tests.casework.world import World, aid_form, decide, person, sent
from tests.unguarded import without_keys, without_lock, without_words

pytestmark = pytest.mark.slow

SIGNED = "SELECT COUNT(*) FROM case_event WHERE action = 'sign'"


async def together(*calls: Any) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def at_town(world: World, slug: str) -> str:
    return await commands.submit(slug=slug, data=sent(aid_form(world, target_org="")), actor=await person(world))


async def sign_together(world: World) -> tuple[str, list[Any]]:
    number = await at_town(world, "sample-pair")
    clerks = (world.clerk, world.second_clerk) * 3
    return number, await together(*(decide(number, one, "approve", 1) for one in clerks))


@pytest.mark.race(is_control=True)
async def test_control_without_the_guard_many_are_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
    with without_lock():
        await sign_together(world)
    assert await database.scalar(SIGNED) > 1


@pytest.mark.race(control="test_control_without_the_guard_many_are_the_first")
async def test_two_clerks_approve_at_once_and_one_has_signed(world: World) -> None:
    number, answers = await sign_together(world)
    assert answers.count(None) == 1
    assert {one.code for one in answers if one is not None} == {"already_decided"}
    case = await Case.get(number=number)
    assert (case.status, case.version, await database.scalar(SIGNED)) == ("in_review", 2, 1)
    other = world.second_clerk if case.signed_by == world.clerk.account_id else world.clerk
    await decide(number, other, "approve", 2)
    assert (await Case.get(number=number)).status == "approved"


async def leave_together(world: World) -> Case:
    number = await at_town(world, "sample-aid")
    data = RecusalInput(reason="申请人是我的亲戚", version=1)
    clerks = (world.clerk, world.second_clerk)
    await together(*(commands.recuse(number=number, data=data, actor=one) for one in clerks))
    return await Case.get(number=number)


@pytest.mark.race(is_control=True)
async def test_control_out_of_turn_nobody_is_left_at_the_desk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them sees the other there."""
    if database.is_sqlite():
        pytest.skip("SQLite runs one command after the other")
    barrier = asyncio.Barrier(2)
    others = colleagues._others

    async def seen_together(*asked: Any) -> list[int]:
        found = await others(*asked)
        await barrier.wait()
        return found

    monkeypatch.setattr(colleagues, "_others", seen_together)
    with without_lock(), without_words("UPDATE case_file SET version = version WHERE id = %s", "SELECT %s"):
        case = await leave_together(world)
    assert case.desk_union_id == world.town.id


@pytest.mark.race(control="test_control_out_of_turn_nobody_is_left_at_the_desk")
async def test_the_last_two_leave_a_case_at_once_and_it_goes_up(world: World) -> None:
    case = await leave_together(world)
    assert (case.desk_union_id, case.version) == (world.county.id, 2)


async def settle_together(world: World) -> list[Any]:
    number, other = await at_town(world, "sample-aid"), await at_town(world, "sample-aid")
    said = [VerdictInput(verdict=one, reason="两次住院", version=1) for one in ("both", "distinct", "merged")]
    calls = [
        commands.settle_pair(number=one, other=two, data=data, actor=world.clerk)
        for one, two in ((number, other), (other, number))
        for data in said
    ]
    return await together(*calls)


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_much_is_said_of_two_cases(world: World) -> None:
    async with without_keys("case_pair"):
        answers = await settle_together(world)
    assert answers.count(None) > 1


@pytest.mark.race(control="test_control_without_its_key_much_is_said_of_two_cases")
async def test_what_two_cases_are_is_said_once(world: World) -> None:
    answers = await settle_together(world)
    assert answers.count(None) == 1
    assert all(one is None or isinstance(one, Conflict) for one in answers)
    assert await database.scalar("SELECT COUNT(*) FROM case_pair") == 1


async def name_together(world: World) -> list[Any]:
    today = clock.today()
    days = {"from_on": today, "until_on": today + timedelta(days=2)}
    covers = [ids.public(one.account_id) for one in (world.second_clerk, world.far_clerk, world.officer)]
    absent = ids.public(world.clerk.account_id)
    return await together(
        *(
            unions.name_cover(data=CoverInput(absent=absent, cover=one, **days), actor=world.manager)
            for one in covers * 2
        )
    )


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_many_cover_one(world: World) -> None:
    async with without_keys("cover"):
        answers = await name_together(world)
    assert sum(isinstance(one, str) for one in answers) > 1


@pytest.mark.race(control="test_control_without_its_key_many_cover_one")
async def test_one_covers_at_a_time(world: World) -> None:
    answers = await name_together(world)
    assert sum(isinstance(one, str) for one in answers) == 1
    assert all(isinstance(one, str | Invalid) for one in answers)
    assert await database.scalar("SELECT COUNT(*) FROM cover") == 1
