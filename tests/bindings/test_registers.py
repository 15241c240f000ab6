"""Registers as people and desks read them, and what time does to entries."""

import asyncio
from datetime import date

import msgspec
import pytest

from backend.casework import queries
from backend.casework.commands import register
from backend.casework.commands.outcomes import approved_case
from backend.casework.models import Case
from backend.casework.queries import RecordQuery
from backend.core import clock, database
from backend.core.actor import Actor
from backend.home import doctor
from backend.notifications import queries as notifications
from tests.bindings.acting import applied, approved, form, member
from tests.casework.world import World, person
from workers import tasks


async def found(actor: Actor, **wanted: str) -> list[str]:
    return [row.number for row in (await queries.entries(actor, RecordQuery(**wanted))).items]


async def two_entries(world: World) -> tuple[str, str]:
    policy = await approved(world, "mutual-aid-enrol", form(world, plan_ref="hospital", period="2026"))
    file = await approved(world, "hardship-file", form(world, 2, real_name="李小试"))
    return policy["record_no"], file["record_no"]


async def test_the_desk_searches_by_kind_number_and_name(world: World) -> None:
    policy, file = await two_entries(world)
    assert await found(world.clerk) == [file, policy]
    assert await found(world.manager) == [file, policy]
    assert await found(world.clerk, kind="policy") == [policy]
    assert await found(world.clerk, q=policy.lower()) == [policy]
    assert await found(world.clerk, q="DA") == [file]
    assert await found(world.clerk, q="李小") == [file]
    assert await found(world.clerk, q="李小", kind="policy") == []
    assert await found(world.clerk, state="ended") == []


async def test_a_desk_elsewhere_and_people_find_nothing(world: World) -> None:
    policy, _ = await two_entries(world)
    for stranger in (world.far_clerk, await person(world)):
        assert await found(stranger) == []
        assert await found(stranger, q=policy) == []


async def test_pages_follow_one_another(world: World) -> None:
    policy, file = await two_entries(world)
    first = await queries.entries(world.clerk, RecordQuery(), limit=1)
    second = await queries.entries(world.clerk, RecordQuery(), limit=1, cursor=first.next_cursor)
    assert ([row.number for row in first.items], [row.number for row in second.items]) == ([file], [policy])
    assert second.next_cursor is None


async def test_people_see_what_is_theirs(world: World) -> None:
    admitted = await member(world)
    actor = await person(world)
    answer = await approved(world, "mutual-aid-enrol", form(world, plan_ref="hospital", period="2026"), actor)
    owner = msgspec.structs.replace(await person(world), member_id=admitted.id)
    for reader in (actor, owner):
        [entry] = (await queries.own_entries(reader)).items
        assert (entry.number, entry.name, entry.state_text) == (answer["record_no"], "互助凭证", "有效")
        assert (entry.opened_on, entry.valid_until) == ("2026-03-10", "2027-03-09")
        assert (entry.case_number, entry.subject) == (answer["number"], "王小测")
        assert entry.may_open is (reader is actor)
    for other in (await person(world), world.clerk):
        assert (await queries.own_entries(other)).items == []


async def test_an_entry_ends_the_day_after_its_last(world: World) -> None:
    policy, file = await two_entries(world)
    clock.freeze(clock.start_of(date(2027, 3, 9)))
    assert await register.end_past(100) == 0
    clock.freeze(clock.start_of(date(2027, 3, 10)))
    assert await register.run(100) == 1
    assert await register.run(100) == 0
    states = await database.rows("SELECT number, state FROM register_entry ORDER BY id")
    assert [(row["number"], row["state"]) for row in states] == [(policy, "ended"), (file, "active")]
    [line] = await database.rows("SELECT from_state, to_state, reference FROM register_change")
    assert line == {"from_state": "active", "to_state": "ended", "reference": "期满"}


async def test_the_doctor_sees_an_entry_that_nobody_ended(world: World) -> None:
    await two_entries(world)
    clock.freeze(clock.start_of(date(2027, 3, 13)))
    assert "an entry is past its last day" in [one.check for one in await doctor.examine()]


async def test_a_holder_is_reminded_once_thirty_days_before(world: World) -> None:
    actor = await person(world)
    answer = await approved(world, "mutual-aid-enrol", form(world, plan_ref="hospital", period="2026"), actor)
    clock.freeze(clock.start_of(date(2027, 2, 6)))
    assert await register.remind(100) == 0
    clock.freeze(clock.start_of(date(2027, 2, 7)))
    assert (await register.remind(100), await register.remind(100)) == (1, 0)
    await tasks.drain_outbox({})
    notice = (await notifications.inbox(actor, limit=50)).items[0]
    assert (notice.title, notice.link) == ("有登记快到期了", "/me/records")
    assert notice.text == (
        f"您的“互助凭证”（编号 {answer['record_no']}）3月9日 到期。"
        "还需要的话，请在到期前办理续期；不需要就不用管它，到期自动终止。"
    )


@pytest.mark.race(control="test_without_the_unique_key_several_entries_are_opened")
async def test_ten_times_at_once_opens_one_entry(world: World) -> None:
    numbers = await open_at_once(world)
    assert len(set(numbers)) == 1
    assert await database.scalar("SELECT COUNT(*) FROM register_entry") == 1
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'record.opened'") == 1


@pytest.mark.race(is_control=True)
async def test_without_the_unique_key_several_entries_are_opened(world: World) -> None:
    """The control of the race above: the guard is off."""
    if database.is_sqlite():
        pytest.skip("SQLite runs one command after the other")
    [index] = {
        row["Key_name"] for row in await database.rows("SHOW INDEX FROM register_entry WHERE Column_name = 'key'")
    }
    await database.execute(f"ALTER TABLE register_entry DROP INDEX `{index}`")
    try:
        await open_at_once(world)
        made = await database.scalar("SELECT COUNT(*) FROM register_entry")
    finally:
        await database.execute("DELETE FROM register_entry")
        await database.execute(f"ALTER TABLE register_entry ADD UNIQUE INDEX `{index}` (`key`)")
    assert made > 1


async def open_at_once(world: World) -> list[str | BaseException]:
    """Numbers, or what went wrong."""
    case = await Case.get(number=await applied(world, "temporary-aid", form(world, request_amount=1)))
    approved = approved_case(case, world.clerk)

    async def opened() -> str:
        entry = await register.open_entry(world.clerk, approved=approved, kind="x", name="登记", prefix="XX")
        return entry.number

    return await asyncio.gather(*(opened() for _ in range(10)), return_exceptions=True)
