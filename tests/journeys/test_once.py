"""Sent many times, done once."""

import asyncio
from typing import Any

import httpx
import pytest

from backend.casework.commands import transitions
from backend.casework.enums import CaseAction
from backend.core import clock, database
from backend.core.actor import Actor
from tests.factories.application import wrong
from tests.factories.people import join_form
from tests.factories.world import World
from tests.journeys.caller import Caller
from tests.unguarded import without_lock

pytestmark = pytest.mark.slow

PATH = "/services/member-join/cases"
AT_ONCE = 50


async def _burst(person: Caller, form: dict[str, Any], key: str | None) -> list[httpx.Response]:
    headers = {"idempotency-key": key} if key else {}
    return await asyncio.gather(
        *(person.send("POST", PATH, json={"form": form}, headers=headers) for _ in range(AT_ONCE))
    )


async def _made_since(cases: int) -> tuple[int, int]:
    """New cases and new events of submission."""
    events = await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = %s", "casework.CaseSubmitted")
    return int(await database.scalar("SELECT COUNT(*) FROM case_file")) - cases, int(events)


@pytest.mark.race(control="test_control_without_a_key_forty_nine_are_refused")
async def test_fifty_at_once_are_one_case(client: httpx.AsyncClient, world: World) -> None:
    person = Caller(client, world.tokens["person"])
    form = dict(join_form(world.next_person(), division=world.division, target_org=world.unit))
    cases = int(await database.scalar("SELECT COUNT(*) FROM case_file"))
    _, events = await _made_since(cases)

    answers = await _burst(person, form, "once-1")

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await _made_since(cases) == (1, events + 1)

    now = clock.now()
    try:
        clock.advance(hours=1)
        later = await person.send("POST", PATH, json={"form": form}, headers={"idempotency-key": "once-1"})
    finally:
        clock.freeze(now)
    assert (later.status_code, later.content) == (201, answers[0].content)
    other = form | {"employer": "另一家"}
    headers = {"idempotency-key": "once-1"}
    refused = await person.problem("POST", PATH, 422, json={"form": other}, headers=headers)
    assert refused["code"] == "idempotency_key_reused"
    assert await _made_since(cases) == (1, events + 1)


async def test_after_a_crash_before_the_answer(client: httpx.AsyncClient, world: World) -> None:
    """The answer is lost, the case is there: the same submission finds it again."""
    person = Caller(client, world.tokens["person"])
    form = dict(join_form(world.next_person(), division=world.division, target_org=world.unit))
    headers = {"idempotency-key": "crash-1"}
    first = await person.ask("POST", PATH, 201, json={"form": form}, headers=headers)
    await database.execute("DELETE FROM idempotent_answer")
    again = await person.ask("POST", PATH, 201, json={"form": form}, headers=headers)
    assert again["number"] == first["number"]


@pytest.mark.race(is_control=True)
async def test_control_without_a_key_forty_nine_are_refused(client: httpx.AsyncClient, world: World) -> None:
    person = Caller(client, world.tokens["person"])
    form = dict(join_form(world.next_person(), division=world.division, target_org=world.unit))
    statuses = sorted(answer.status_code for answer in await _burst(person, form, None))
    assert statuses == [201, *[409] * (AT_ONCE - 1)]


@pytest.mark.race(control="test_control_without_the_guard_more_than_one_gets_through")
async def test_two_decisions_at_once(client: httpx.AsyncClient, world: World) -> None:
    """One transition; every loser is told who was quicker."""
    for case, answers in [await _decide_three_ways(client, world) for _ in range(10)]:
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, 409, 409], [answer.text for answer in answers]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_decided"}
        decided = await database.scalar("SELECT status FROM case_file WHERE number = %s", case)
        assert decided in ("approved", "rejected", "withdrawn")


async def _decide_three_ways(client: httpx.AsyncClient, world: World) -> tuple[str, list[httpx.Response]]:
    officer, person = Caller(client, world.tokens["officer"]), Caller(client, world.tokens["person"])
    form = join_form(world.next_person(), division=world.division, target_org=world.unit)
    case = await person.ask("POST", PATH, 201, json={"form": form})
    path, sent = f"/desk/cases/{case['number']}/decisions", {"version": 1, "comment": "同时"}
    answers = await asyncio.gather(
        officer.send("POST", path, json=sent | {"action": "approve"}),
        officer.send("POST", path, json=sent | {"action": "reject"}),
        person.send("POST", f"/cases/{case['number']}/withdraw"),
    )
    return case["number"], list(answers)


async def test_the_doctor_finds_nothing_afterwards(world: World) -> None:
    assert await wrong() == []


@pytest.mark.race(is_control=True)
async def test_control_without_the_guard_more_than_one_gets_through(
    client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one here: what it leaves behind is wrong."""

    async def twice(place: transitions.Place, action: CaseAction, actor: Actor) -> None:
        return None

    monkeypatch.setattr(transitions, "_guard", lambda version, while_in: ("", []))
    monkeypatch.setattr(transitions, "decided_once", twice)
    with without_lock():
        answers = [(await _decide_three_ways(client, world))[1] for _ in range(10)]
    assert max(sum(answer.status_code == 200 for answer in each) for each in answers) > 1
