"""A small county, and people who work in it."""

import msgspec

from backend.core import ids
from backend.core.actor import SYSTEM, Actor
from backend.unions import commands, queries
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import StaffInput, UnionInput, UnionPlace

KINDS = {
    UnionLevel.COUNTY: (UnionKind.GENERAL, "990121"),
    UnionLevel.TOWN: (UnionKind.GENERAL, "990121001"),
    UnionLevel.UNIT: (UnionKind.GRASSROOTS, "990121001"),
}


async def union(
    name: str,
    level: UnionLevel,
    parent: UnionPlace | None = None,
    *,
    division: str = "",
    kind: UnionKind | None = None,
    accepts_members: bool = True,
) -> UnionPlace:
    usual_kind, usual_division = KINDS[level]
    union_id = await commands.create_union(
        UnionInput(
            name=name,
            kind=kind or usual_kind,
            parent_id=ids.public(parent.id) if parent else "",
            division=division or usual_division,
            level=level,
            accepts_members=accepts_members,
        ),
        SYSTEM,
    )
    made = await queries.place(union_id)
    assert made is not None
    return made


class County(msgspec.Struct):
    county: UnionPlace
    town: UnionPlace
    other_town: UnionPlace
    unit: UnionPlace
    other_unit: UnionPlace


async def small_county() -> County:
    county = await union("星城县总工会", UnionLevel.COUNTY)
    town = await union("高桥街道总工会", UnionLevel.TOWN, county)
    other_town = await union("黄枫镇总工会", UnionLevel.TOWN, county, division="990121100")
    unit = await union("星运物流工会", UnionLevel.UNIT, town)
    other_unit = await union("黄枫电子工会", UnionLevel.UNIT, other_town, division="990121100")
    return County(county=county, town=town, other_town=other_town, unit=unit, other_unit=other_unit)


async def staff(username: str, place: UnionPlace, *roles: str) -> Actor:
    data = StaffInput(username=username, display="邹小测", union_id=ids.public(place.id), roles=list(roles))
    made = await commands.create_staff(data, SYSTEM, lasting_password="seven quiet herons")
    return await actor(made.id)


async def actor(account: str | int) -> Actor:
    """With today's posts, as every request reads them."""
    account_id = account if isinstance(account, int) else ids.parse(account)
    assert account_id is not None
    return Actor(kind="staff", account_id=account_id, display="邹小测", posts=await queries.posts_of(account_id))


async def fresh(place: UnionPlace) -> UnionPlace:
    found = await queries.place(place.id)
    assert found is not None
    return found
