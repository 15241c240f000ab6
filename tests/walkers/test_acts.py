"""Every door that changes something opens for the one who may: what the refusals elsewhere are measured by."""

import pytest

from backend.core import database
from tests.factories.application import wrong
from tests.factories.world import World
from tests.walkers.acts import acts
from tests.walkers.doors import Door
from tests.walkers.walker import Walker, headers_of, is_success, personal

pytestmark = pytest.mark.slow

# What these answer is what they are for.
REVEALS = ("POST /api/v1/desk/cases/{number}/reveal/{field}", "POST /desk/cases/{number}/reveal/{field}")
REVEALS += ("POST /desk/members/{member}/reveal/{field}",)
# The form of signing in goes on showing the number that was just typed into it.
OWN_PHONE = ("POST /sign-in/code", "POST /sign-in")


async def test_every_act_succeeds_at_home(worlds: tuple[World, World], walker: Walker, every_door: list[Door]) -> None:
    world, by_name = worlds[0], {door.name: door for door in every_door}
    done, failed, leaking = [], [], []
    leaks = personal(*worlds)
    async for act in acts(world):
        answer = await walker.act(act, by_name[act.door], world)
        done.append(act.door)
        if not is_success(answer):
            failed.append((act.door, act.role, answer.status_code, answer.headers.get("location"), answer.text[-900:]))
        shown = leaks.found_in(answer.text, headers_of(answer))
        if shown and act.door not in REVEALS + OWN_PHONE:
            leaking.append((act.door, shown))
    assert failed == []
    assert leaking == []
    assert sorted(done) == sorted(door.name for door in every_door if not door.is_safe)


async def test_nothing_is_amiss_afterwards(worlds: tuple[World, World]) -> None:
    assert await wrong() == []
    assert await database.scalar("SELECT COUNT(*) FROM audit") > 200
    assert await database.scalar("SELECT COUNT(*) FROM audit_seal") > 0
