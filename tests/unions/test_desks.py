"""Where a step is worked: from the union upwards to the first holder of the role."""

import pytest

from backend.core import database, ids
from backend.core.actor import SYSTEM
from backend.unions import commands, queries
from backend.unions.enums import UnionKind, UnionLevel
from tests.unions.helpers import actor, small_county, staff, union


async def desk(start: int, role: str, level: UnionLevel) -> tuple[str, bool] | None:
    found = await queries.desk_for(start, role, level)
    return (found.union_name, found.flagged) if found else None


async def test_the_post_at_the_steps_own_level() -> None:
    county = await small_county()
    await staff("officer-one", county.unit, "officer")
    await staff("desk-one", county.town, "desk")
    await staff("desk-two", county.county, "desk")
    assert await desk(county.unit.id, "officer", UnionLevel.UNIT) == ("星运物流工会", False)
    assert await desk(county.unit.id, "desk", UnionLevel.TOWN) == ("高桥街道总工会", False)
    assert await desk(county.town.id, "desk", UnionLevel.TOWN) == ("高桥街道总工会", False)


async def test_an_empty_post_falls_to_the_one_above_and_is_flagged() -> None:
    county = await small_county()
    await staff("desk-two", county.county, "desk")
    assert await desk(county.unit.id, "desk", UnionLevel.TOWN) == ("星城县总工会", True)
    assert await desk(county.other_unit.id, "desk", UnionLevel.TOWN) == ("星城县总工会", True)
    assert await desk(county.county.id, "desk", UnionLevel.TOWN) == ("星城县总工会", True)


async def test_a_role_below_the_steps_level_does_not_count() -> None:
    county = await small_county()
    await staff("finance-one", county.unit, "finance")
    assert await desk(county.unit.id, "finance", UnionLevel.COUNTY) is None
    await staff("finance-two", county.county, "finance")
    assert await desk(county.unit.id, "finance", UnionLevel.COUNTY) == ("星城县总工会", False)


async def test_the_nearest_union_of_the_level_is_asked_first() -> None:
    county = await small_county()
    federation = await union("快递联合会", UnionLevel.UNIT, county.town, kind=UnionKind.FEDERATION)
    unit = await union("速达快递工会", UnionLevel.UNIT, federation)
    await staff("officer-one", federation, "officer")
    assert await desk(unit.id, "officer", UnionLevel.UNIT) == ("快递联合会", False)
    await staff("officer-two", unit, "officer")
    assert await desk(unit.id, "officer", UnionLevel.UNIT) == ("速达快递工会", False)


async def test_nobody_up_to_the_root() -> None:
    county = await small_county()
    assert await desk(county.unit.id, "leader", UnionLevel.COUNTY) is None
    assert await desk(12345, "leader", UnionLevel.COUNTY) is None


async def test_a_branch_that_moved_asks_its_new_town() -> None:
    county = await small_county()
    await staff("desk-one", county.town, "desk")
    await staff("desk-two", county.other_town, "desk")
    await commands.move_union(ids.public(county.unit.id), ids.public(county.other_town.id), 1, SYSTEM)
    assert await desk(county.unit.id, "desk", UnionLevel.TOWN) == ("黄枫镇总工会", False)


async def test_who_is_disabled_or_left_serves_no_desk() -> None:
    county = await small_county()
    admin = await staff("admin-one", county.county, "admin", "desk")
    clerk = await staff("desk-one", county.town, "desk")
    await commands.set_staff_enabled(ids.public(clerk.account_id), enabled=False, actor=admin)
    assert await desk(county.unit.id, "desk", UnionLevel.TOWN) == ("星城县总工会", True)
    await commands.set_staff_enabled(ids.public(clerk.account_id), enabled=True, actor=admin)
    assert await desk(county.unit.id, "desk", UnionLevel.TOWN) == ("高桥街道总工会", False)
    (post,) = (await queries.staff_row(ids.public(clerk.account_id), admin)).posts
    await commands.revoke_post(ids.public(clerk.account_id), post.id, admin)
    assert await desk(county.unit.id, "desk", UnionLevel.TOWN) == ("星城县总工会", True)


async def test_posts_come_in_one_query_highest_first(monkeypatch) -> None:
    county = await small_county()
    clerk = await staff("clerk-one", county.town, "desk", "mediator")
    await commands.grant_post(ids.public(clerk.account_id), ids.public(county.county.id), "leader", SYSTEM)
    asked: list[str] = []
    rows = database.rows

    async def counted(sql: str, *params: object) -> list[dict[str, object]]:
        asked.append(sql)
        return await rows(sql, *params)

    monkeypatch.setattr(database, "rows", counted)
    posts = await queries.posts_of(clerk.account_id)
    assert len(asked) == 1
    assert [(post.union_name, post.roles) for post in posts] == [
        ("星城县总工会", ("leader",)),
        ("高桥街道总工会", ("desk", "mediator")),
    ]
    assert "phone.release" in posts[1].permissions
    assert "phone.release" not in posts[0].permissions
    assert (posts[1].path, posts[1].level, posts[1].division) == (county.town.path, "town", "990121001")


async def test_what_the_portal_says_of_a_staff_member() -> None:
    county = await small_county()
    clerk = await staff("clerk-one", county.town, "desk", "mediator")
    view = queries.staff_view(clerk)
    assert view is not None
    assert (view.union.name, view.union.level, view.union.division) == ("高桥街道总工会", "town", "990121001")
    assert view.roles == ["desk", "mediator"]
    assert [(one.union.name, one.role_name) for one in view.desks] == [
        ("高桥街道总工会", "窗口经办"),
        ("高桥街道总工会", "调解员"),
    ]
    assert queries.staff_view(SYSTEM) is None
    assert (await actor(clerk.account_id)).posts == clerk.posts


async def test_names_of_many_desks_in_one_go() -> None:
    county = await small_county()
    named = await queries.load_desks([(county.town.id, "desk"), (county.county.id, "leader"), (7, "desk")])
    assert {key: (one.union.name, one.role_name) for key, one in named.items()} == {
        (county.town.id, "desk"): ("高桥街道总工会", "窗口经办"),
        (county.county.id, "leader"): ("星城县总工会", "分管领导"),
    }


@pytest.mark.parametrize(
    ("division", "level", "name"),
    [
        ("990121001", None, "高桥街道总工会"),
        ("990121100", None, "黄枫镇总工会"),
        ("990121100201", None, "黄枫镇总工会"),
        ("990121", None, "星城县总工会"),
        ("990121002", None, "星城县总工会"),  # a town without a union of its own
        ("990121001", UnionLevel.COUNTY, "星城县总工会"),
        ("990121002", UnionLevel.TOWN, None),
        ("990121", UnionLevel.TOWN, None),
        ("430121", None, None),
        ("", None, None),
        ("9901", None, None),
    ],
)
async def test_the_union_of_a_division(division: str, level: UnionLevel | None, name: str | None) -> None:
    await small_county()
    found = await queries.resolve_by_division(division, level)
    assert (found.name if found else None) == name


async def test_a_federation_does_not_stand_in_for_the_town() -> None:
    county = await small_county()
    await union("清泉建筑联合会", UnionLevel.TOWN, county.county, division="990121003", kind=UnionKind.FEDERATION)
    found = await queries.resolve_by_division("990121003")
    assert found is not None and found.name == "清泉建筑联合会"
    await union("清泉街道总工会", UnionLevel.TOWN, county.county, division="990121003")
    found = await queries.resolve_by_division("990121003")
    assert found is not None and found.name == "清泉街道总工会"
