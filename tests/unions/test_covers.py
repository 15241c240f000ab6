"""Leave cover: who may be named by whom, when it holds, and what the colleague gets with it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Forbidden, Invalid, NotFound
from backend.identity.models import Account
from backend.unions import commands, queries
from backend.unions.models import StaffPost
from backend.unions.schemas import CoverInput
from tests.casework.world import World, build, staff

FROM, UNTIL = date(2026, 3, 12), date(2026, 3, 16)


@pytest.fixture
async def world(db: None, freeze: Callable[[str], datetime]) -> World:
    freeze("2026-03-10T09:00:00+08:00")
    return await build()


def input_of(cover: Actor, *, absent: Actor | None = None, from_on: date = FROM, until_on: date = UNTIL) -> CoverInput:
    return CoverInput(
        cover=ids.public(cover.account_id),
        absent=ids.public(absent.account_id) if absent else "",
        from_on=from_on,
        until_on=until_on,
    )


async def name(actor: Actor, cover: Actor, **more: Any) -> str:
    return await commands.name_cover(data=input_of(cover, **more), actor=actor)


async def desks(actor: Actor) -> list[tuple[int, str, str]]:
    return [(post.union_id, post.roles[0], post.holder) for post in await queries.posts_of(actor.account_id)]


async def test_it_begins_and_ends_by_itself(world: World) -> None:
    mediator = await staff("孙小调", (world.town, "desk"), (world.town, "mediator"))
    await name(mediator, world.clerk)
    own, theirs = (world.town.id, "desk", ""), (world.town.id, "desk", "孙小调")
    for day, held in ((10, [own]), (12, [own, theirs]), (16, [own, theirs]), (17, [own])):
        clock.freeze(datetime.fromisoformat(f"2026-03-{day}T23:30:00+08:00"))
        assert await desks(world.clerk) == held


async def test_scope_and_role_come_along_but_no_administration(world: World) -> None:
    await name(world.manager, world.clerk, absent=world.manager)
    clock.advance(days=2)
    mine, theirs = await queries.posts_of(world.clerk.account_id)
    assert (mine.holder_id, theirs.holder_id) == (0, world.manager.account_id)
    assert (theirs.union_id, theirs.path, theirs.roles) == (world.county.id, world.county.path, ("admin",))
    assert "case.view" in theirs.permissions
    assert not theirs.permissions & {"staff.manage", "union.manage", "audit.view"}
    assert theirs.trace == {"in_place_of": world.manager.account_id}


async def test_the_desk_is_served_by_the_cover_and_not_by_who_is_away(world: World) -> None:
    await name(world.manager, world.far_clerk, absent=world.clerk)
    before = [world.clerk.account_id, world.second_clerk.account_id]
    assert await queries.holders(world.town.id, "desk") == sorted(before)
    clock.advance(days=2)
    now = [world.second_clerk.account_id, world.far_clerk.account_id]
    assert await queries.holders(world.town.id, "desk") == sorted(now)
    await Account.filter(id=world.far_clerk.account_id).update(state="disabled")
    assert await queries.holders(world.town.id, "desk") == sorted(before)


async def test_it_does_not_go_on_from_one_to_the_next(world: World) -> None:
    await name(world.manager, world.clerk, absent=world.officer)
    await name(world.manager, world.far_clerk, absent=world.aid)
    clock.advance(days=2)
    await database.execute(
        "UPDATE cover SET cover_id = %s WHERE absent_id = %s", world.officer.account_id, world.aid.account_id
    )
    assert [one[2] for one in await desks(world.clerk)] == ["", "邹小红"]


async def test_a_clerk_names_a_colleague_of_the_same_desk(world: World) -> None:
    seen = await queries.covers_page(world.clerk)
    assert [one.name.split("（")[0] for one in seen.colleagues] == ["赵小宁"]
    assert [one.name.split("（")[0] for one in seen.absents] == ["李大明"]
    for stranger in (world.far_clerk, world.officer):
        with pytest.raises(Invalid) as unknown:
            await name(world.clerk, stranger)
        assert [(one.field, one.message) for one in unknown.value.errors] == [("cover", "请从名单里选一位同事。")]
    with pytest.raises(Invalid):
        await name(world.clerk, world.clerk)
    with pytest.raises(Forbidden):
        await name(world.clerk, world.second_clerk, absent=world.officer)
    await name(world.clerk, world.second_clerk)
    [line] = (await queries.covers_page(world.second_clerk)).items
    assert (line.absent, line.cover, line.role, line.running) == ("李大明", "赵小宁", "cover", False)
    assert (await queries.covers_page(world.far_clerk)).items == []


async def test_whoever_administers_them_names_anybody_of_the_subtree(world: World) -> None:
    seen = await queries.covers_page(world.manager, absent=ids.public(world.clerk.account_id))
    named = {one.name.split("（")[0] for one in seen.colleagues}
    assert {"周小华", "邹小红", "陈小平", "赵小宁"} <= named
    assert "李大明" not in named
    await name(world.manager, world.far_clerk, absent=world.clerk)
    assert [one.role for one in (await queries.covers_page(world.manager)).items] == ["other"]
    assert (await queries.covers_page(world.far_clerk, absent=ids.public(world.clerk.account_id))).colleagues == []


@pytest.mark.parametrize(
    ("from_on", "until_on"),
    [(date(2026, 3, 9), UNTIL), (FROM, date(2026, 3, 11)), (FROM, date(2026, 6, 10)), (date(2026, 1, 1), date.max)],
)
async def test_days_are_checked(world: World, from_on: date, until_on: date) -> None:
    with pytest.raises(Invalid) as wrong:
        await name(world.clerk, world.second_clerk, from_on=from_on, until_on=until_on)
    assert [one.field for one in wrong.value.errors] == ["until_on"]


async def test_nobody_is_covered_twice_or_by_somebody_away(world: World) -> None:
    await name(world.clerk, world.second_clerk)
    with pytest.raises(Invalid) as twice:
        await name(world.clerk, world.second_clerk, from_on=date(2026, 5, 1), until_on=date(2026, 5, 2))
    assert twice.value.errors[0].message == "已经安排了请假代理，请先结束原来的再改。"
    with pytest.raises(Invalid) as away:
        await name(world.second_clerk, world.clerk, from_on=UNTIL, until_on=date(2026, 3, 20))
    assert away.value.errors[0].message == "这位同事这几天也请假，请换一位。"
    clock.advance(days=7)
    await name(world.clerk, world.second_clerk, from_on=date(2026, 3, 18), until_on=date(2026, 3, 19))
    assert await database.scalar("SELECT COUNT(*) FROM cover") == 2


async def test_ended_before_its_time(world: World) -> None:
    cover = await name(world.manager, world.far_clerk, absent=world.clerk)
    clock.advance(days=2)
    assert len(await desks(world.far_clerk)) == 2
    with pytest.raises(NotFound):
        await commands.end_cover(cover=cover, actor=world.second_clerk)
    await commands.end_cover(cover=cover, actor=world.far_clerk)
    assert len(await desks(world.far_clerk)) == 1
    with pytest.raises(NotFound):
        await commands.end_cover(cover=cover, actor=world.clerk)
    await name(world.clerk, world.second_clerk)
    audited = [row["action"] for row in await database.rows("SELECT action FROM audit ORDER BY id")]
    assert audited == ["cover.named", "cover.ended", "cover.named"]


async def test_a_suspended_post_is_served_by_nobody(world: World) -> None:
    await name(world.manager, world.far_clerk, absent=world.clerk)
    clock.advance(days=2)
    await StaffPost.filter(account_id=world.clerk.account_id).update(suspended=True)
    assert len(await desks(world.far_clerk)) == 1
