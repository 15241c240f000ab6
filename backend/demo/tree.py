"""The unions and staff of the demo county."""

from backend.core import ids
from backend.core.actor import SYSTEM, Actor
from backend.demo import places
from backend.unions import commands as unions
from backend.unions import queries
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import StaffInput, UnionInput

PASSWORD = "union-demo"  # noqa: S105 - the demo's, printed at its start


class County:
    """The public ids of the unions by name, and the actors of the staff by user name."""

    def __init__(self) -> None:
        self.unions: dict[str, str] = {}
        self.staff: dict[str, Actor] = {}

    async def add_union(
        self, name: str, parent: str, *, kind: UnionKind, level: UnionLevel, division: str, accepts: bool = True
    ) -> None:
        data = UnionInput(
            name=name,
            kind=kind,
            level=level,
            parent_id=self.unions[parent] if parent else "",
            division=division,
            accepts_members=accepts,
        )
        self.unions[name] = ids.public(await unions.create_union(data, SYSTEM))

    async def add_staff(self, username: str, display: str, union: str, *roles: str) -> None:
        data = StaffInput(username=username, display=display, union_id=self.unions[union], roles=list(roles))
        made = await unions.create_staff(data, SYSTEM, lasting_password=PASSWORD)
        account_id = ids.parse(made.id) or 0
        posts = await queries.posts_of(account_id)
        self.staff[username] = Actor(kind="staff", account_id=account_id, display=display, posts=posts)


async def build_tree() -> County:
    county = County()
    general, unit = UnionKind.GENERAL, UnionLevel.UNIT
    await county.add_union(
        places.PROVINCE, "", kind=general, level=UnionLevel.PROVINCE, division="990000", accepts=False
    )
    await county.add_union(
        places.CITY, places.PROVINCE, kind=general, level=UnionLevel.CITY, division="990100", accepts=False
    )
    await county.add_union(places.COUNTY, places.CITY, kind=general, level=UnionLevel.COUNTY, division="990121")
    for town in places.TOWNS:
        name = f"{town.name}总工会"
        await county.add_union(name, places.COUNTY, kind=general, level=UnionLevel.TOWN, division=town.division)
        for one in town.units:
            kind = UnionKind.FEDERATION if "联合会" in one else UnionKind.GRASSROOTS
            await county.add_union(one, name, kind=kind, level=unit, division=town.division)
    for parent, name in places.BRANCHES:
        town = next(town for town in places.TOWNS if parent in town.units)
        await county.add_union(name, parent, kind=UnionKind.BRANCH, level=unit, division=town.division)
    return county


async def add_people(county: County) -> None:
    """The four printed accounts, a clerk in every town, an officer in every other unit."""
    town, unit = places.TOWNS[0], places.TOWNS[0].units[0]
    await county.add_staff("demo-admin", "系统管理员", places.COUNTY, "admin", "leader", "dept_finance")
    await county.add_staff("demo-county", "周明", places.COUNTY, "dept_org", "desk", "dept_welfare", "dept_aid")
    await county.add_staff("demo-town", "邹样", f"{town.name}总工会", "desk")
    await county.add_staff("demo-unit", "李试", unit, "officer", "chair")
    await county.add_staff("demo-finance", "钱小安", places.COUNTY, "dept_finance")
    await county.add_staff("city-manager", "市级负责人", places.CITY, "admin")
    await county.add_staff("province-manager", "省级负责人", places.PROVINCE, "admin")
    for number, other in enumerate(places.TOWNS[1:], start=2):
        await county.add_staff(f"town-{number:02d}", f"窗口{number}", f"{other.name}总工会", "desk")
        await county.add_staff(f"unit-{number:02d}", f"专干{number}", other.units[0], "officer")
