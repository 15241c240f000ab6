"""The same submission fifty times in parallel: one case, one number, one notice, equal answers."""

import asyncio
from typing import Any

import msgspec
import pytest

from backend.casework import commands, queries
from backend.core import database
from backend.core.actor import Actor
from backend.core.errors import AppError, Conflict
from tests.casework.browser import browse
from tests.casework.test_submit import invite
from tests.casework.world import World, aid_form, file, join_form, person, sent
from tests.unguarded import without_keys, without_lock, without_words

pytestmark = pytest.mark.slow

WITHOUT_KEY = "test_control_without_a_key_fifty_are_fifty"

AT_ONCE = 50


async def count(table: str) -> int:
    return await database.scalar(f"SELECT COUNT(*) FROM {table}")


@pytest.mark.race(control=WITHOUT_KEY)
async def test_fifty_times_at_once(world: World) -> None:
    courier = await person(world)
    await invite(world, max_uses=AT_ONCE)
    form = sent(join_form(world, invite_code="ABCDEFGH"))

    async def submit() -> bytes:
        number = await commands.submit(slug="member-join", data=form, actor=courier, nonce="one")
        return msgspec.json.encode(await queries.own_case(number, courier))

    answers = await asyncio.gather(*(submit() for _ in range(AT_ONCE)))
    assert len(set(answers)) == 1
    assert await count("case_file") == await count("case_event") == 1
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'casework.CaseSubmitted'") == 1
    assert await database.scalar("SELECT used FROM invite") == 1
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'case.submitted'") == 1


@pytest.mark.race(control=WITHOUT_KEY)
async def test_fifty_times_through_the_api(world: World, app: object) -> None:
    worker = await person(world)
    phone = await browse(app, worker)
    proof = await file(worker)
    body = {"form": aid_form(world), "attachments": {"proof": [proof]}}

    async def submit() -> Any:
        return await phone.post("/api/v1/services/sample-aid/cases", json=body, headers={"Idempotency-Key": "k"})

    answers = await asyncio.gather(*(submit() for _ in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await count("case_file") == await count("case_attachment") == 1


@pytest.mark.race(is_control=True)
async def test_control_without_a_key_fifty_are_fifty(world: World) -> None:
    worker = await person(world)

    async def submit() -> str:
        return await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)

    numbers = await asyncio.gather(*(submit() for _ in range(AT_ONCE)))
    assert len(set(numbers)) == AT_ONCE == await count("case_file")


async def thirty_for_one_identity(world: World) -> list[Any]:
    people = [await person(world) for _ in range(10)]

    async def submit(actor: Actor) -> Any:
        return await commands.submit(slug="member-join", data=sent(join_form(world)), actor=actor)

    return list(await asyncio.gather(*(submit(actor) for actor in people * 3), return_exceptions=True))


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_one_person_has_many_running_cases(world: World) -> None:
    async with without_keys("case_file"):
        answers = await thirty_for_one_identity(world)
    assert sum(isinstance(answer, str) for answer in answers) > 1


@pytest.mark.race(control="test_control_without_its_key_one_person_has_many_running_cases")
async def test_one_running_case_however_many_ask_at_once(world: World) -> None:
    answers = await thirty_for_one_identity(world)
    numbers = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer for answer in answers if isinstance(answer, AppError)]
    assert len(numbers) == 1 == await count("case_file")
    assert len(refused) == 29
    assert all(isinstance(answer, Conflict) and answer.code == "case_running" for answer in refused)


async def twelve_with_an_invite_for_three(world: World) -> list[Any]:
    await invite(world, max_uses=3)
    people = [await person(world) for _ in range(12)]

    async def submit(place: int) -> Any:
        form = sent(join_form(world, place + 1, invite_code="ABCDEFGH"))
        return await commands.submit(slug="member-join", data=form, actor=people[place])

    return list(await asyncio.gather(*(submit(place) for place in range(12)), return_exceptions=True))


@pytest.mark.race(is_control=True)
async def test_control_without_the_condition_an_invite_is_used_too_often(world: World) -> None:
    """Only the UPDATE that takes a use loses its condition; what is looked up before keeps it."""
    with without_lock(), without_words("AND used < max_uses"):
        answers = await twelve_with_an_invite_for_three(world)
    assert sum(isinstance(answer, str) for answer in answers) > 3


@pytest.mark.race(control="test_control_without_the_condition_an_invite_is_used_too_often")
async def test_the_last_use_of_an_invite(world: World) -> None:
    answers = await twelve_with_an_invite_for_three(world)
    assert sum(isinstance(answer, str) for answer in answers) == 3 == await count("case_file")
    assert {answer.code for answer in answers if isinstance(answer, AppError)} == {"invite_used_up"}


async def one_file_in_ten_cases(world: World) -> list[Any]:
    worker = await person(world)
    proof = await file(worker)

    async def submit(sequence: int) -> Any:
        form = sent(aid_form(world, sequence), proof=[proof])
        return await commands.submit(slug="sample-aid", data=form, actor=worker)

    return list(await asyncio.gather(*(submit(each) for each in range(1, 11)), return_exceptions=True))


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_file_belongs_to_several_cases(world: World) -> None:
    async with without_keys("case_attachment"):
        answers = await one_file_in_ten_cases(world)
    assert sum(isinstance(answer, str) for answer in answers) > 1


@pytest.mark.race(control="test_control_without_its_key_a_file_belongs_to_several_cases")
async def test_one_file_in_ten_cases_at_once(world: World) -> None:
    answers = await one_file_in_ten_cases(world)
    assert sum(isinstance(answer, str) for answer in answers) == 1 == await count("case_file")
    assert all(answer.errors[0].field == "proof" for answer in answers if isinstance(answer, AppError))
