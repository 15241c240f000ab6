"""Each working morning whoever serves a desk reads once what waits there; nobody reads that nothing does."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from backend.casework import commands as casework
from backend.casework import queries as cases
from backend.core import database, ids
from backend.core.actor import Actor
from backend.unions import commands as unions
from backend.unions.schemas import CoverInput
from tests.casework.world import World, aid_form, person, sent, staff
from workers import digest, schedule

Freeze = Callable[[str], datetime]


async def digests(actor: Actor) -> list[str]:
    sql = "SELECT text FROM notification WHERE account_id = %s AND event = 'desk.digest' ORDER BY id"
    return [row["text"] for row in await database.rows(sql, actor.account_id)]


async def apply(world: World, sequence: int = 1) -> str:
    applicant = await person(world, f"1540000{sequence:04d}")
    return await casework.submit(slug="sample-aid", data=sent(aid_form(world, sequence)), actor=applicant)


@pytest.mark.parametrize(
    ("moment", "is_time"),
    [
        ("2026-03-10T07:59:59+08:00", False),
        ("2026-03-10T08:00:00+08:00", True),
        ("2026-03-10T09:59:59+08:00", True),
        ("2026-03-10T10:00:00+08:00", False),
        ("2026-03-14T08:30:00+08:00", False),  # a Saturday
        ("2026-02-14T08:30:00+08:00", True),  # a Saturday that is worked
        ("2026-02-17T08:30:00+08:00", False),  # new year
    ],
)
def test_on_working_mornings(freeze: Freeze, moment: str, is_time: bool) -> None:
    freeze(moment)
    assert digest.is_time() is is_time


async def fall_due(number: str, day: str) -> None:
    await database.execute("UPDATE case_file SET next_due_on = %s WHERE number = %s", day, number)


async def morning(freeze: Freeze, moment: str) -> None:
    freeze(moment)
    await schedule.tell_mornings({})


async def test_what_waits_is_due_and_is_late(world: World, freeze: Freeze) -> None:
    late, today, _ = [await apply(world, sequence) for sequence in (1, 2, 3)]
    await fall_due(late, "2026-03-10")
    await fall_due(today, "2026-03-11")
    await morning(freeze, "2026-03-11T08:10:00+08:00")
    said = "您的窗口现在有 3 件等着办。今天到期的有 1 件。已经逾期的有 1 件，请优先处理。"
    assert await digests(world.officer) == [said]
    assert await digests(world.clerk) == []
    assert await database.scalar("SELECT COUNT(*) FROM notification WHERE event = 'desk.digest'") == 1
    await morning(freeze, "2026-03-11T08:20:00+08:00")
    await morning(freeze, "2026-03-11T10:20:00+08:00")
    assert await digests(world.officer) == [said]
    await morning(freeze, "2026-03-12T08:10:00+08:00")
    assert (await digests(world.officer))[1:] == ["您的窗口现在有 3 件等着办。已经逾期的有 2 件，请优先处理。"]
    await morning(freeze, "2026-03-14T08:10:00+08:00")
    assert len(await digests(world.officer)) == 2
    assert await database.scalar("SELECT COUNT(*) FROM delivery WHERE template = 'desk.digest'") == 0


async def test_it_counts_as_the_desk_itself_does(world: World, freeze: Freeze) -> None:
    first, second = [await apply(world, sequence) for sequence in (1, 2)]
    await fall_due(first, "2026-03-09")
    await database.execute("UPDATE case_file SET status = 'on_hold' WHERE number = %s", second)
    counts = await cases.desk_counts(world.officer)
    [load] = await cases.desk_loads()
    assert (load.waiting, load.due_today, load.overdue) == (counts.mine, counts.due_today, counts.overdue) == (1, 0, 1)
    await database.execute("UPDATE case_file SET status = 'on_hold'")
    assert await cases.desk_loads() == []
    await morning(freeze, "2026-03-11T08:10:00+08:00")
    assert await digests(world.officer) == []


async def test_several_desks_are_one_sum_and_cover_counts(world: World, freeze: Freeze) -> None:
    second = await staff("王小双", (world.unit, "officer"), (world.far_unit, "officer"))
    await apply(world, 1)
    freeze("2026-03-11T08:10:00+08:00")
    days = {"from_on": date(2026, 3, 11), "until_on": date(2026, 3, 12)}
    away = CoverInput(absent=ids.public(world.officer.account_id), cover=ids.public(second.account_id), **days)
    await unions.name_cover(data=away, actor=world.manager)
    await schedule.tell_mornings({})
    assert await digests(second) == ["您的窗口现在有 1 件等着办。"]
    assert await digests(world.officer) == []
