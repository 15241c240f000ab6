"""A small tree, people who cannot exist, and the actors of the tests of membership."""

from datetime import date

import msgspec

from backend.core import crypto, database, ids, national
from backend.core.actor import SYSTEM, Actor, Post
from backend.identity import commands as identity
from backend.membership import commands
from backend.membership.schemas import AdmittedMember, NewMember
from backend.unions import commands as unions
from backend.unions import queries as union_queries
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import UnionInput

COUNTY = "990121"
TOWN = "990121100"
OTHER_TOWN = "990121101"
PERMISSIONS = frozenset({"member.view", "member.import", "member.manage", "phone.release"})


class Tree(msgspec.Struct):
    """Inner ids. The couriers belong to the town, the teachers to the other one."""

    county: int
    town: int
    couriers: int
    other_town: int
    teachers: int


async def make_tree() -> Tree:
    county = await _union("星城县总工会", UnionKind.GENERAL, UnionLevel.COUNTY, COUNTY, accepts=False)
    town = await _union("黄枫镇总工会", UnionKind.GENERAL, UnionLevel.TOWN, TOWN, county)
    other_town = await _union("安陂镇总工会", UnionKind.GENERAL, UnionLevel.TOWN, OTHER_TOWN, county)
    couriers = await _union("黄枫镇快递行业工会联合会", UnionKind.FEDERATION, UnionLevel.UNIT, TOWN, town)
    teachers = await _union("安陂中学工会", UnionKind.GRASSROOTS, UnionLevel.UNIT, OTHER_TOWN, other_town)
    return Tree(county=county, town=town, couriers=couriers, other_town=other_town, teachers=teachers)


async def _union(
    name: str, kind: UnionKind, level: UnionLevel, division: str, parent: int | None = None, *, accepts: bool = True
) -> int:
    data = UnionInput(
        name=name,
        kind=kind,
        parent_id=ids.public(parent) if parent else "",
        division=division,
        level=level,
        accepts_members=accepts,
    )
    return await unions.create_union(data, SYSTEM)


def id_no(number: int, *, born: date = date(1990, 3, 7)) -> str:
    return national.synthetic_id_no(born, number)


def phone(number: int) -> str:
    return f"154{number:08d}"


def applicant(number: int = 1, **others: object) -> NewMember:
    given: dict[str, object] = {"name": "王小测", "id_no": id_no(number), "phone": phone(number), "division": TOWN}
    return msgspec.convert(given | others, NewMember)


async def admit(
    union_id: int, number: int = 1, *, account_id: int | None = None, reference: str = "JR1", **others: object
) -> AdmittedMember:
    return await commands.admit(
        SYSTEM, applicant=applicant(number, **others), union_id=union_id, account_id=account_id, reference=reference
    )


async def person(number: int = 1) -> Actor:
    """Somebody who has signed in with this phone."""
    account_id = await identity.account_for_phone(phone(number))
    member_id = await database.scalar("SELECT member_id FROM account WHERE id = %s", account_id)
    return Actor(kind="person", account_id=account_id, display="", member_id=member_id)


async def clerk(union_id: int, *, permissions: frozenset[str] = PERMISSIONS, account_id: int = 500) -> Actor:
    place = await union_queries.place(union_id)
    assert place is not None
    post = Post(
        union_id=place.id,
        union_name=place.name,
        path=place.path,
        level=place.level,
        division=place.division,
        roles=("desk",),
        permissions=permissions,
    )
    return Actor(kind="staff", account_id=account_id, display="邹某", posts=(post,))


async def stored(member_id: int) -> dict[str, object]:
    """The member's row with its sensitive values opened."""
    [row] = await database.rows("SELECT * FROM member WHERE id = %s", member_id)
    row["id_no"] = crypto.open_sealed(row["id_no_sealed"], context=f"member/id_no/{member_id}")
    sealed = row["phone_sealed"]
    row["phone"] = crypto.open_sealed(sealed, context=f"member/phone/{member_id}") if sealed else ""
    return row
