"""A small complete world: a county branch of the tree with its staff, people and cases, made by the commands.

Two worlds under one province have nothing to do with each other. What one of them holds under the name
of a path parameter stands in `ids`, so that a walker can ask for everything there is.
"""

from datetime import timedelta

import msgspec

from backend.core import clock, database, ids
from backend.core.actor import SYSTEM, Actor
from backend.documents import codes
from backend.home.callers import load_actor
from backend.identity import commands as identity
from backend.membership import commands as membership
from backend.membership import queries as roll
from backend.unions import commands as unions
from backend.unions import roles
from backend.unions.enums import UnionKind, UnionLevel
from backend.unions.schemas import InviteInput, StaffInput, UnionInput
from backend.vouchers import commands as vouchers
from backend.vouchers.shop_schemas import CashierInput, ManagerInput
from tests.factories import appraisals, histories
from tests.factories.application import drain
from tests.factories.people import Somebody, caller, sign_in, somebody

PASSWORD = "seven quiet herons"
DIVISION = "990121"
# A world lies in the township of its number.
TOWNS = ("990121001", "990121002", "990121003", "990121004")
_LEVELS = (UnionLevel.UNIT, UnionLevel.TOWN, UnionLevel.COUNTY)
_SHARED = {
    "slug": ["member-join", "member-card", "benefit-gift", "member-recruit"],
    "rule": ["birthday"],
    "kind": ["privacy", "sensitive"],
    "field": ["id_no", "mobile", "phone"],
    "table": ["roster"],
    "period": ["day", "week", "month"],
}


class World(msgspec.Struct, kw_only=True):
    """`tokens` and `accounts` by role; `ids` by the name of the path parameter; `cases` by their state.

    `person` has applied and is no member; `member` is one and carries a card; those on the `roll` came by
    import and have not confirmed who they are.
    """

    letter: str
    number: int
    county: str
    town: str
    unit: str
    shop: str
    person: Somebody
    member: Somebody
    tokens: dict[str, str]
    accounts: dict[str, str]
    ids: dict[str, list[str]]
    cases: dict[str, str]
    roll: list[Somebody]
    people: int = 2
    codes_left: list[str] = []
    gifts_left: list[str] = []
    gift_campaign: str = ""

    @property
    def division(self) -> str:
        return TOWNS[self.number]

    @property
    def everybody(self) -> list[Somebody]:
        """Everybody whose numbers this world may know."""
        return [somebody(self.number * 100 + place) for place in range(1, 100)]

    def somebody_else(self) -> Somebody:
        """Whose name and numbers are typed and not sent: the same each time."""
        return somebody(self.number * 100 + 79)

    def next_person(self) -> Somebody:
        """Somebody nobody has heard of."""
        self.people += 1
        return somebody(self.number * 100 + self.people)

    def note(self, parameter: str, *values: str) -> None:
        known = self.ids.setdefault(parameter, [])
        known += [value for value in values if value not in known]

    async def put_to_till(self, shop: str, by: Actor) -> None:
        """Somebody who takes vouchers in a shop, under the role `cashier`, which no union gives."""
        data = CashierInput(username=f"{self.letter.lower()}-cashier", display=f"钱小{self.letter}")
        made = await vouchers.add_cashier(by, shop=shop, data=data, lasting_password=PASSWORD)
        opened = await identity.open_staff_session(made.username, PASSWORD, None, caller())
        self.tokens["cashier"] = opened.access_token
        self.accounts["cashier"] = ids.public((await self.actor("cashier")).account_id)

    async def put_in_charge(self, shop: str, by: Actor) -> None:
        """Somebody who says who stands at the tills of a shop, under the role `manager`, which no union gives."""
        data = ManagerInput(username=f"{self.letter.lower()}-manager", display=f"安小{self.letter}")
        made = await vouchers.add_manager(by, shop=shop, data=data, lasting_password=PASSWORD)
        opened = await identity.open_staff_session(made.username, PASSWORD, None, caller())
        self.tokens["manager"] = opened.access_token
        self.accounts["manager"] = ids.public((await self.actor("manager")).account_id)

    async def actor(self, role: str) -> Actor:
        """As the role's next request finds it."""
        found = await load_actor(self.tokens[role])
        assert found is not None, role
        return found


async def province() -> str:
    """The root that the worlds have in common; nobody works there."""
    return await _union("演示省总工会", "", UnionKind.GENERAL, UnionLevel.PROVINCE, "990000", accepts=False)


async def build(letter: str, number: int, root: str) -> World:
    """Everything of one world. Its people have been told, and nothing is left to do."""
    world = await _tree(letter, number, root)
    await _staff(world)
    await _people(world)
    await _invites(world)
    await histories.live(world)
    await histories.relieve(world)
    await histories.give_out(world)
    await histories.sell(world)
    await histories.enrol(world)
    await histories.pay_out(world)
    await appraisals.appraise(world)
    await histories.employ_workers(world)
    await _bring_in_roll(world)
    await drain()
    await _note_what_followed(world)
    return world


async def _tree(letter: str, number: int, root: str) -> World:
    general, division = UnionKind.GENERAL, TOWNS[number]
    county = await _union(f"{letter}县总工会", root, general, UnionLevel.COUNTY, DIVISION)
    town = await _union(f"{letter}镇总工会", county, general, UnionLevel.TOWN, division)
    unit = await _union(f"{letter}快递工会", town, UnionKind.GRASSROOTS, UnionLevel.UNIT, division)
    shop = await _union(f"{letter}快递高桥站分会", unit, UnionKind.BRANCH, UnionLevel.UNIT, division)
    return World(
        letter=letter,
        number=number,
        county=county,
        town=town,
        unit=unit,
        shop=shop,
        person=somebody(number * 100 + 1),
        member=somebody(number * 100 + 2),
        tokens={"guest": ""},
        accounts={},
        ids={name: list(values) for name, values in _SHARED.items()} | {"union": [county, town, unit, shop]},
        cases={},
        roll=[somebody(number * 100 + 80), somebody(number * 100 + 81)],
    )


async def _union(
    name: str, parent: str, kind: UnionKind, level: UnionLevel, division: str, *, accepts: bool = True
) -> str:
    data = UnionInput(name=name, kind=kind, level=level, parent_id=parent, division=division, accepts_members=accepts)
    return ids.public(await unions.create_union(data, SYSTEM))


async def _staff(world: World) -> None:
    """One account for every role there is, and one whose first password still waits to be changed."""
    for role, known in roles.catalogue().roles.items():
        level = next(level for level in _LEVELS if level in known.levels)
        place = {UnionLevel.UNIT: world.unit, UnionLevel.TOWN: world.town}.get(level, world.county)
        # The administrator of a whole world, not of its town.
        await _employ(world, role, world.county if role == "admin" else place, role)
    await _employ(world, "pending", world.unit, "officer", lasting=False)


async def _employ(world: World, name: str, union: str, role: str, *, lasting: bool = True) -> None:
    username = f"{world.letter.lower()}-{name.replace('_', '-')}"
    data = StaffInput(username=username, display=f"邹小{world.letter}", union_id=union, roles=[role])
    made = await unions.create_staff(data, SYSTEM, lasting_password=PASSWORD if lasting else None)
    world.accounts[name] = made.id
    world.note("account", made.id)
    password = PASSWORD if lasting else made.first_password
    world.tokens[name] = (await identity.open_staff_session(username, password, None, caller())).access_token


async def _people(world: World) -> None:
    for role, who in (("person", world.person), ("member", world.member)):
        world.tokens[role] = await sign_in(who.phone)
        world.accounts[role] = ids.public((await world.actor(role)).account_id)


async def _invites(world: World) -> None:
    expires = clock.today() + timedelta(days=30)
    for role, union in (("desk", world.town), ("officer", world.unit)):
        made = await unions.make_invite(InviteInput(union_id=union, expires_on=expires), await world.actor(role))
        world.note("invite", made.id)
        world.note("code", made.code)


async def _bring_in_roll(world: World) -> None:
    """Two members who were there before the system, and one row that is refused."""
    lines = ["姓名,身份证号,手机号,所属工会"]
    for who in world.roll:
        lines.append(f"{who.name},{who.id_no},{who.phone},{world.letter}快递工会")
    lines.append(f"李试,{lines[1].split(',')[1][:-4]}000X,,")
    started = await membership.request_import(
        await world.actor("desk"),
        content=("\ufeff" + "\n".join(lines)).encode(),
        name="名册.csv",
        union=world.town,
        dry_run=False,
    )
    while not await membership.import_chunk(ids.parse(started) or 0):
        pass
    world.note("import_id", started)


async def _note_what_followed(world: World) -> None:
    """Identifiers that no command hands back."""
    accounts = [ids.parse(account) for account in world.accounts.values()]
    marks = ", ".join(["%s"] * len(accounts))
    for parameter, table, column in (
        ("session", "session_row", "account_id"),
        ("held", "staff_post", "account_id"),
        ("notification", "notification", "account_id"),
        ("file", "stored_file", "owner_id"),
    ):
        found = await database.rows(f"SELECT id FROM {table} WHERE {column} IN ({marks})", *accounts)
        assert found, table
        world.note(parameter, *(ids.public(row["id"]) for row in found))
    members = await roll.members_in_scope(await world.actor("admin"), limit=100)
    world.note("member", *(one.id for one in members.items))
    world.note("number", *world.cases.values())
    world.note("code", (await roll.card(await world.actor("member"))).qr)
    world.note("code", *(codes.code_for(kind="case", number=number) for number in world.cases.values()))
