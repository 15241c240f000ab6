"""Visits: whom to visit, lists, goods that go out for them, and what whoever was visited says."""

import asyncio
from datetime import date
from typing import Any

import pytest

from backend.aid import commands, queries
from backend.aid.hardship_enums import Grade
from backend.aid.visit_enums import MoveKind, Season
from backend.aid.visit_schemas import FeedbackInput, MoveInput, TargetQuery, VisitInput, WareInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Invalid, NotFound
from backend.home import invariants
from tests.aid.test_hardship import household, opened
from tests.aid.test_policies import as_member
from tests.casework.browser import browse
from tests.casework.world import World
from tests.unguarded import without_lock, without_words

DAY = date(2026, 3, 10)


async def faults() -> list[str]:
    return [name for name, sql in invariants.VISITS.items() if await database.rows(sql)]


def of(*actors: Actor) -> list[str]:
    return [ids.public(one.member_id or 0) for one in actors]


async def listed(world: World, *actors: Actor, **more: Any) -> str:
    plan: dict[str, Any] = {"name": "春节走访", "season": Season.SPRING, "visit_on": DAY, "cash_fen": 500_00}
    return await commands.make_visit_list(world.officer, data=VisitInput(members=of(*actors), **(plan | more)))


async def test_a_unit_chooses_whom_to_visit_and_nobody_twice_by_mistake(world: World, app: Any) -> None:
    first, second, third = [await as_member(world, sequence) for sequence in (1, 2, 3)]
    await opened(world, household(world, 1, (1, 2), grade=Grade.DEEP))
    officer, at = await browse(app, world.officer), "/desk/visit-targets"
    assert "找到" not in (await officer.get(at)).text
    asked = {"season": "spring", "visit_on": "2026-03-10"}
    everybody = (await officer.get(at, params=asked)).text
    assert "找到 3 人" in everybody and "全体在册会员" in everybody and "王*测" in everybody
    deep = await officer.get(f"/api/v1{at}", params=asked | {"grades": ["deep"]})
    assert [(one["member"], one["category"]) for one in deep.json()["items"]] == [
        (one, "困难职工") for one in of(first, second)
    ]
    assert deep.json()["words"] == "全体在册会员，并且档案类别是深度困难"
    none = (await officer.get(at, params=asked | {"grades": "relative"})).text
    assert "没有符合条件的会员" in none
    wrong = await officer.get(at, params=asked | {"target_rule": "member.age > 3"})
    assert wrong.status_code == 422 and "member.age &gt; 3" in wrong.text
    typed = asked | {"name": "春节走访第一批", "members": of(first), "cash_fen": "500", "submission_key": "one"}
    for _ in range(2):
        made = await officer.post("/desk/visit-lists", data=typed)
        assert made.status_code == 303
    marked = (await officer.get(at, params=asked)).text
    assert "已在“春节走访第一批”" in marked and "其中 1 人本季已经在名单里" in marked
    assert f'value="{of(first)[0]}"><' in marked and f'value="{of(third)[0]}" checked' in marked
    both = asked | {"name": "第二批", "members": of(first, third)}
    twice = await officer.post("/desk/visit-lists", data=both)
    assert twice.status_code == 422 and "选的人里有 1 个本季已经在名单里" in twice.text and "第二批" in twice.text
    assert (await officer.post("/desk/visit-lists", data=both | {"again": "1"})).status_code == 303
    shown = (await officer.get(made.headers["location"])).text
    assert "¥500.00" in shown and "待走访" in shown and "王小测" not in shown
    people = await officer.get(f"{made.headers['location']}/people?format=csv")
    assert "会员号,姓名,类别,慰问金" in people.text and "王小测,困难职工,500.00" in people.text
    summer = await officer.get(f"/api/v1{at}", params=asked | {"season": "summer_cool"})
    assert summer.json()["chosen"] == 0
    assert (await officer.get(f"/api/v1{at}", params=asked | {"visit_on": "2027-03-10"})).json()["chosen"] == 0
    assert (await (await browse(app, world.aid)).get(at)).status_code == 403
    assert len((await (await browse(app, world.aid)).get("/api/v1/desk/visit-lists")).json()) == 2
    assert await faults() == []


async def test_only_members_of_the_union_are_put_on_a_list(world: World) -> None:
    actor = await as_member(world)
    with pytest.raises(NotFound):
        await listed(world, actor, union_id=ids.public(world.far_unit.id))
    await database.execute("UPDATE member SET union_id = %s", world.far_unit.id)
    with pytest.raises(Invalid) as refused:
        await listed(world, actor, name="第", cash_fen=-1, visit_on=date(2020, 1, 1))
    assert [one.field for one in refused.value.errors] == ["name", "visit_on", "members", "cash_fen"]
    assert (await queries.targets(world.officer, TargetQuery(season=Season.SPRING, visit_on=DAY))).total == 0


async def two_lists(world: World) -> list[str]:
    """Of the same person, at once."""
    actor = await as_member(world)

    async def one(name: str) -> str:
        try:
            await listed(world, actor, name=name)
        except AppError as refused:
            return refused.code
        return "ok"

    return sorted(await asyncio.gather(one("第一批"), one("第二批"), one("第三批")))


@pytest.mark.race(control="test_control_without_its_key_somebody_is_on_three_lists")
async def test_of_lists_at_once_one_has_the_person(world: World) -> None:
    assert await two_lists(world) == ["ok", "visit_twice", "visit_twice"]
    assert await faults() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_somebody_is_on_three_lists(world: World) -> None:
    with without_words("AND l.season = %s AND l.year = %s) AS", "AND l.season = %s AND l.year = %s + 10000) AS"):
        actor = await as_member(world)
        await listed(world, actor)
        await database.execute("UPDATE visit_person SET season_key = NULL")
        await listed(world, actor)
    assert await faults() == ["somebody is on two lists of a season and nobody confirmed it"]


# ---- goods -------------------------------------------------------------------------


async def ware_of(world: World, stock: int = 10) -> str:
    data = WareInput(name="大米", unit="袋", price_fen=55_50, stock=stock)
    return await commands.open_ware(world.aid, data=data)


async def test_goods_go_out_to_a_list_and_never_more_than_there_are(world: World, app: Any) -> None:
    visit = await listed(world, await as_member(world))
    aid, at = await browse(app, world.aid), "/desk/visit-goods"
    assert "还没有慰问物资" in (await aid.get(at)).text
    typed = {"name": "大米", "unit": "袋", "price_fen": "55.50", "stock": "10"}
    wrong = await aid.post(at, data=typed | {"price_fen": "0"})
    assert wrong.status_code == 422 and "单价要大于 0" in wrong.text and "大米" in wrong.text
    assert (await aid.post(at, data=typed)).status_code == 303
    assert "本会已经有这种物资" in (await aid.post(at, data=typed)).text
    [ware] = (await aid.get(f"/api/v1{at}")).json()
    door = f"{at}/{ware['id']}/moves"
    for _ in range(2):
        out = await aid.post(door, data={"kind": "out", "count": "8", "visit": visit, "submission_key": "one"})
        assert out.status_code == 303
    short = await aid.post(door, data={"kind": "out", "count": "3", "visit": visit})
    assert short.status_code == 422 and "库存不够，现在只有 2 件。" in short.text
    back = {"kind": "back", "count": 9, "visit": visit}
    assert (await aid.post(f"/api/v1{door}", json=back)).json()["errors"][0]["field"] == "count"
    assert (await aid.post(f"/api/v1{door}", json=back | {"count": 3})).json()["left"] == 5
    assert (await aid.post(f"/api/v1{door}", json={"kind": "in", "count": 7})).json()["left"] == 12
    nowhere = await aid.post(door, data={"kind": "out", "count": "1"})
    assert nowhere.status_code == 422 and "这一项必须填写。" in nowhere.text
    assert "剩 12 袋" in (await aid.get(at)).text
    shown = (await aid.get(f"/api/v1/desk/visit-lists/{visit}")).json()["goods"]
    assert shown == [{"name": "大米", "unit": "袋", "out": 8, "back": 3, "left": 5, "worth_fen": 277_50}]
    sheet = await aid.get(f"/desk/visit-lists/{visit}/goods?format=csv")
    assert "大米,袋,8,3,5,55.50,277.50," in sheet.text
    assert (await (await browse(app, world.officer)).post(door, data=back)).status_code == 403
    assert await faults() == []


async def sent_at_once(world: World) -> list[str]:
    visit, ware = await listed(world, await as_member(world)), await ware_of(world)

    async def one() -> str:
        try:
            await commands.move_ware(world.aid, ware=ware, data=MoveInput(kind=MoveKind.OUT, count=4, visit=visit))
        except AppError as refused:
            return refused.code
        return "ok"

    return sorted(await asyncio.gather(*(one() for _ in range(6))))


@pytest.mark.race(control="test_control_without_its_condition_more_goes_out_than_is_there")
async def test_of_six_at_once_two_get_four_of_ten(world: World) -> None:
    assert await sent_at_once(world) == ["ok", "ok", *["ware_short"] * 4]
    assert await database.scalar("SELECT taken FROM pool") == 8
    assert await faults() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_more_goes_out_than_is_there(world: World) -> None:
    with without_lock(), without_words("taken + %s <= capacity", "taken + %s <= capacity + 100"):
        assert (await sent_at_once(world)).count("ok") > 2
    assert await database.scalar("SELECT taken FROM pool") > 10


# ---- whoever was visited -----------------------------------------------------------


async def test_whoever_was_visited_confirms_and_rates_once(world: World, app: Any) -> None:
    actor, other = await as_member(world), await as_member(world, 2)
    browser = await browse(app, actor)
    assert "还没有走访慰问" in (await browser.get("/me/visits")).text
    await listed(world, actor, visit_on=date(2026, 3, 11))
    assert (await browser.get("/api/v1/me/visits")).json() == []  # its day has not come
    clock.freeze(clock.start_of(date(2026, 3, 11)))
    [one] = (await browser.get("/api/v1/me/visits")).json()
    assert (one["season_text"], one["cash_fen"], one["confirmed_on"]) == ("春节送温暖", 500_00, None)
    at = f"/me/visits/{one['id']}/feedback"
    assert (await (await browse(app, other)).post(at, data={"rating": "5"})).status_code == 404
    wrong = await browser.post(at, data={"rating": "6", "words": "谢谢"})
    assert wrong.status_code == 422 and "请选 1 到 5 分。" in wrong.text and "谢谢" in wrong.text
    assert (await browser.post(at, data={"rating": "5", "received": "1", "words": "谢谢大家"})).status_code == 303
    shown = (await browser.get("/me/visits")).text
    assert "已确认" in shown and "收到了" in shown and "很满意" in shown
    again = await browser.post(f"/api/v1{at}", json={"rating": 1})
    assert (again.status_code, again.json()["code"]) == (409, "visit_answered")
    visit = (await queries.visit_lists(world.officer))[0]
    assert (visit.confirmed, visit.visited) == (1, 0)
    [person] = (await queries.visit_page(visit.id, world.aid)).people
    assert (person.rating_text, person.words) == ("很满意", "谢谢大家")


async def test_a_signature_marks_the_one_person_of_the_name(world: World) -> None:
    first, second = await as_member(world), await as_member(world, 2)
    await listed(world, first, second)

    async def signed(name: str) -> int:
        await commands.note_visit(
            world.officer, union_id=world.unit.id, season=Season.SPRING, year=2026, name=name, day=DAY
        )
        return (await queries.visit_lists(world.officer))[0].visited

    assert await signed("王小测") == 0  # there are two of the name
    await database.execute("UPDATE visit_person SET name = '赵样' WHERE member_id = %s", second.member_id)
    assert (await signed("没有"), await signed("赵样"), await signed("赵样")) == (0, 1, 1)
    assert await signed("王小测") == 2
    feedback = FeedbackInput(rating=3)
    with pytest.raises(NotFound):
        await commands.answer_visit(await as_member(world, 3), visit="0000000000001", data=feedback)
