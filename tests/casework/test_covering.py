"""A colleague's desk while they are away: their inbox, their scope, and what the history and the audit log say."""

from datetime import date, timedelta

import pytest

from backend.casework import commands, queries
from backend.casework.queries import QueueQuery
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import commands as unions
from backend.unions import queries as union_queries
from backend.unions.schemas import CoverInput
from tests.casework.browser import browse, hidden
from tests.casework.world import World, aid_form, decide, person, sent


async def cover(world: World, absent: Actor, by: Actor, days: int = 3) -> str:
    today = clock.today()
    data = CoverInput(
        cover=ids.public(by.account_id),
        absent=ids.public(absent.account_id),
        from_on=today,
        until_on=today + timedelta(days=days),
    )
    return await unions.name_cover(data=data, actor=world.manager)


async def now(actor: Actor) -> Actor:
    """As the next request finds them."""
    posts = await union_queries.posts_of(actor.account_id)
    return Actor(kind="staff", account_id=actor.account_id, display=actor.display, posts=posts)


async def at_town(world: World, sequence: int = 1, owner: Actor | None = None) -> str:
    form = sent(aid_form(world, sequence, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=owner or await person(world))


async def test_what_lies_in_the_inbox_is_served_and_named(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner=owner)
    assert (await queries.desk_queue(world.far_clerk, QueueQuery())).items == []
    with pytest.raises(NotFound):
        await decide(number, world.far_clerk, "approve", 1)
    await cover(world, world.clerk, world.far_clerk)
    deputy = await now(world.far_clerk)
    [row] = (await queries.desk_queue(deputy, QueueQuery())).items
    opened = await queries.desk_case(number, deputy)
    assert (row.number, opened.covering) == (number, "李大明")
    assert opened.may == ["approve", "return", "reject", "transfer", "hold"]
    await commands.take_up(number=number, actor=deputy)
    await decide(number, deputy, "approve", 1, comment="属实")
    [line, taken, _] = (await queries.desk_case(number, world.manager)).case.timeline
    assert (line.actor, line.title) == ("周*华（代李*明）", "黄枫镇总工会 复审通过")
    assert taken.actor == "周*华（代李*明）"
    details = await database.rows(
        "SELECT action, actor_id, detail FROM audit WHERE action LIKE %s ORDER BY id", "case.%"
    )
    in_place = f'"in_place_of":{world.clerk.account_id}'
    assert [(row["action"], in_place in row["detail"]) for row in details] == [
        ("case.submitted", False),
        ("case.open", True),
        ("case.approve", True),
    ]
    assert {row["actor_id"] for row in details[1:]} == {world.far_clerk.account_id}


async def test_at_a_desk_of_their_own_they_act_as_themselves(world: World) -> None:
    number = await at_town(world)
    await cover(world, world.clerk, world.second_clerk)
    deputy = await now(world.second_clerk)
    assert len((await queries.desk_queue(deputy, QueueQuery())).items) == 1
    await decide(number, deputy, "approve", 1)
    assert (await queries.desk_case(number, world.manager)).case.timeline[0].actor == "赵*宁"


async def test_it_is_a_filter_of_the_queue(world: World) -> None:
    number = await at_town(world)
    far = sent(aid_form(world, 2, target_org="", division="990121002"))
    own = await commands.submit(slug="sample-aid", data=far, actor=await person(world))
    await cover(world, world.clerk, world.far_clerk)
    deputy, account = await now(world.far_clerk), ids.public(world.clerk.account_id)
    wanted = QueueQuery(cover=account)
    assert [row.number for row in (await queries.desk_queue(deputy, wanted)).items] == [number]
    assert {row.number for row in (await queries.desk_queue(deputy, QueueQuery())).items} == {number, own}
    assert [row.number for row in await queries.matching(deputy, wanted, limit=9)] == [number]
    filters = queries.queue_filters(await queries.desk_counts(deputy), wanted, deputy)
    assert [(one.label, one.count, one.active) for one in filters] == [
        ("全部", 2, False),
        ("代李大明", 1, True),
        ("示例救助", 2, False),
    ]
    assert (await queries.desk_queue(world.second_clerk, wanted)).items == []


async def test_afterwards_it_is_as_before(world: World) -> None:
    number = await at_town(world)
    await cover(world, world.clerk, world.far_clerk)
    clock.advance(days=4)
    deputy = await now(world.far_clerk)
    assert (await queries.desk_queue(deputy, QueueQuery())).items == []
    with pytest.raises(NotFound):
        await decide(number, deputy, "approve", 1)
    await decide(number, world.clerk, "approve", 1)


async def test_the_pages(world: World, app: object) -> None:
    await at_town(world)
    manager = await browse(app, world.manager)
    asked = await manager.get(f"/desk/covers?absent={ids.public(world.clerk.account_id)}")
    assert "没有安排请假代理" in asked.text
    text = {
        "absent": hidden(asked.text, "absent"),
        "cover": ids.public(world.far_clerk.account_id),
        "from_on": "2026-03-10",
        "until_on": "",
    }
    wrong = await manager.post("/desk/covers", data=text)
    assert wrong.status_code == 422
    assert 'value="2026-03-10"' in wrong.text
    done = await manager.post("/desk/covers", data=text | {"until_on": "2026-03-12"})
    assert (done.status_code, done.headers["location"]) == (303, "/desk/covers?done=covered")
    deputy = await browse(app, world.far_clerk)
    assert "代理中" in (await deputy.get("/desk/covers")).text
    assert "代理中：代李大明" in (await deputy.get("/desk/account")).text
    queue = (await deputy.get("/desk/cases")).text
    assert "代李大明" in queue
    seen = (await deputy.get("/api/v1/desk/covers")).json()
    [line] = seen["items"]
    assert (line["absent"], line["role"], line["running"]) == ("李大明", "cover", True)
    assert (await deputy.delete(f"/api/v1/desk/covers/{line['id']}")).status_code == 204
    assert (await deputy.delete(f"/api/v1/desk/covers/{line['id']}")).status_code == 404
    again = {"cover": ids.public(world.far_clerk.account_id), "from_on": "2026-03-11", "until_on": "2026-03-12"}
    refused = await (await browse(app, world.clerk)).post("/api/v1/desk/covers", json=again)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cover")
    colleague = again | {"cover": ids.public(world.second_clerk.account_id)}
    made = await (await browse(app, world.clerk)).post("/api/v1/desk/covers", json=colleague)
    assert (made.status_code, [one["role"] for one in made.json()["items"]]) == (201, ["absent"])
    assert date.fromisoformat(made.json()["items"][0]["until_on"]) == date(2026, 3, 12)
