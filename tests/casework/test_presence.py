"""Who has a case open: colleagues read it on the page and in the queue. It ends with the page, the decision or time."""

from typing import Any

from backend.casework import commands, queries
from backend.casework.commands import presence
from backend.casework.models import Case
from backend.core import clock, database
from backend.core.actor import Actor
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, decide, person, sent


async def at_town(world: World, sequence: int = 1) -> str:
    form = sent(aid_form(world, sequence, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=await person(world))


async def seen_by(actor: Actor, number: str) -> list[tuple[str, str]]:
    return [(one.who, one.since[11:16]) for one in (await queries.desk_case(number, actor)).open_by]


async def in_queue(actor: Actor) -> list[str]:
    rows = (await queries.desk_queue(actor, queries.QueueQuery())).items
    return [row.open_by for row in await queries.mark_present(rows, actor)]


async def test_colleagues_read_who_opened_it_and_when(world: World) -> None:
    number = await at_town(world)
    await commands.take_up(number=number, actor=world.clerk)
    assert await seen_by(world.second_clerk, number) == [("李大明", "09:00")]
    assert await seen_by(world.clerk, number) == []
    assert (await in_queue(world.second_clerk), await in_queue(world.clerk)) == (["李大明"], [""])
    clock.advance(minutes=1)
    await commands.take_up(number=number, actor=world.second_clerk)
    assert await seen_by(world.clerk, number) == [("赵小宁", "09:01")]
    assert await seen_by(world.manager, number) == [("李大明", "09:00"), ("赵小宁", "09:01")]


async def test_it_changes_no_version_and_decides_nothing(world: World) -> None:
    number = await at_town(world)
    await commands.take_up(number=number, actor=world.clerk)
    assert (await Case.get(number=number)).version == 1
    await decide(number, world.second_clerk, "approve", 1)
    assert (await Case.get(number=number)).status == "approved"


async def test_it_lasts_while_the_page_says_so_and_three_minutes_more(world: World) -> None:
    number = await at_town(world)
    for _ in range(5):
        await commands.take_up(number=number, actor=world.clerk)
        clock.advance(minutes=2)
    assert await seen_by(world.second_clerk, number) == [("李大明", "09:00")]
    clock.advance(minutes=1)
    assert await seen_by(world.second_clerk, number) == []
    assert await in_queue(world.second_clerk) == [""]
    await commands.take_up(number=number, actor=world.clerk)  # comes back later
    assert await seen_by(world.second_clerk, number) == [("李大明", "09:11")]


async def test_leaving_ends_it_and_so_does_deciding(world: World) -> None:
    first, second = await at_town(world, 1), await at_town(world, 2)
    for number in (first, second):
        await commands.take_up(number=number, actor=world.clerk)
        await commands.take_up(number=number, actor=world.second_clerk)
    await presence.leave(number=first, actor=world.clerk)
    await presence.leave(number=first, actor=world.clerk)
    assert await seen_by(world.manager, first) == [("赵小宁", "09:00")]
    await decide(second, world.clerk, "hold", 1, until=clock.today().replace(day=20), message="等回函")
    assert await seen_by(world.manager, second) == [("赵小宁", "09:00")]


async def test_who_went_without_a_word_is_forgotten(world: World) -> None:
    number = await at_town(world)
    await commands.take_up(number=number, actor=world.clerk)
    assert await presence.forget_old() == 0
    clock.advance(minutes=3)
    assert await presence.forget_old() == 1
    assert await database.scalar("SELECT COUNT(*) FROM case_presence") == 0


async def test_a_closed_case_is_nobodys_work(world: World) -> None:
    number = await at_town(world)
    await decide(number, world.clerk, "approve", 1)
    await commands.take_up(number=number, actor=world.clerk)
    assert await database.scalar("SELECT COUNT(*) FROM case_presence") == 0


async def test_through_the_doors(world: World, app: object) -> None:
    number = await at_town(world)
    desk, colleague = await browse(app, world.clerk), await browse(app, world.second_clerk)
    page = (await desk.get(f"/desk/cases/{number}")).text
    assert f'hx-post="/desk/cases/{number}/open" hx-trigger="load, present"' in page
    assert f'data-leave="/desk/cases/{number}/leave"' in page
    alone = await desk.post(f"/desk/cases/{number}/open")
    assert (alone.status_code, alone.text.strip()) == (200, "")
    met = await colleague.post(f"/desk/cases/{number}/open")
    assert "李大明 09:00 打开了这一件" in met.text
    assert "<html" not in met.text
    assert "李大明正在看" in (await colleague.get("/desk/cases")).text
    assert "赵小宁 09:00 打开了这一件" in (await desk.get(f"/desk/cases/{number}")).text
    assert (await colleague.post(f"/desk/cases/{number}/leave")).status_code == 204
    assert "打开了这一件" not in (await desk.get(f"/desk/cases/{number}")).text
    other = await browse(app, world.far_clerk)
    assert (await other.post(f"/desk/cases/{number}/leave")).status_code == 404


async def test_the_contract(world: World, app: object) -> None:
    number = await at_town(world)
    desk, colleague = await browse(app, world.clerk), await browse(app, world.second_clerk)
    await desk.post(f"/api/v1/desk/cases/{number}/open")

    async def shown() -> tuple[Any, Any]:
        case = (await colleague.get(f"/api/v1/desk/cases/{number}")).json()
        [row] = (await colleague.get("/api/v1/desk/cases")).json()["items"]
        return case["open_by"], row["open_by"]

    assert await shown() == ([{"who": "李大明", "since": "2026-03-10T09:00:00+08:00"}], "李大明")
    assert (await desk.post(f"/api/v1/desk/cases/{number}/leave")).status_code == 204
    assert await shown() == ([], "")
