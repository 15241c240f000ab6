"""A county in which every post of every level is held, and synthetic people who come to it.

Each applicant has a workplace union of their own, so that what one case changes is nothing to the next.
"""

import secrets
from datetime import date, timedelta
from typing import Any

import httpx
import msgspec

from backend.aid import commands as aid
from backend.aid.intake_schemas import IntakeInput
from backend.core import clock, crypto, files, ids, national
from backend.core.actor import SYSTEM, Actor
from backend.home.callers import load_actor
from backend.identity.models import Account, SessionRow
from backend.identity.rules import token_hash
from backend.membership import commands as membership
from backend.membership.schemas import NewMember
from backend.payments import commands as payments
from backend.payments.schemas import NewBudget
from backend.unions import roles
from backend.unions.models import Union
from tests.casework.world import new_union, staff
from tests.factories.pictures import picture

DIVISION, FAR_DIVISION = "990121001", "990121002"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "安平宁和清明春秋山川江河松柏梅兰竹菊"
_COLLEAGUES = 12
_BIRTHDAYS = 3_000
_FOREVER = timedelta(days=36_500)
_ABOVE = (("province", "演示省总工会", "990000"), ("city", "星河市总工会", "990100"))
# Who applies, in the order in which they are tried for a service of that audience.
OUTSIDER, MAN, WOMAN = "outsider", "man", "woman"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody: identity prefix 99, phone prefix 154."""

    name: str
    id_no: str
    mobile: str


class Caller:
    """Somebody at a browser or an app. Nothing that an answer sets is kept."""

    def __init__(self, client: httpx.AsyncClient, actor: Actor | None = None, token: str = "") -> None:
        self.client = client
        self.actor = actor
        self.token = token

    async def go(self, method: str, path: str, **sent: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        answer = await self.client.request(method, path, headers=headers, **sent)
        self.client.cookies.clear()
        assert answer.status_code < 500, (method, path, answer.text)
        return answer

    async def read(self, path: str) -> Any:
        """What a JSON door answers to somebody who may."""
        answer = await self.go("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def page(self, path: str) -> str:
        answer = await self.go("GET", path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:3_000])
        return answer.text

    async def send(self, path: str, body: dict[str, Any], *, status: int = 200) -> Any:
        answer = await self.go("POST", path, json=body)
        assert answer.status_code == status, (path, body, answer.status_code, answer.text)
        return answer.json()


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """`unit` is where they work; its officers are in post. `known` are numbers of papers that they have from before,
    by the field in which a form asks for them.
    """

    person: Person
    caller: Caller
    unit: Union
    known: dict[str, str] = {}


class County:
    """`unions` by level; `holders` by role and name of the union."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.visitor = Caller(client)
        self.unions: dict[str, Union] = {}
        self.holders: dict[tuple[str, str], Caller] = {}
        self.other_unit: Union  # another workplace of the town
        self.far_clerk: Caller
        self._colleagues: list[Person] = []
        self._seconds: dict[tuple[str, str], Caller] = {}
        self._neighbour: Caller | None = None
        # What forms name that is there already, has a language of its own, or hangs together by more than its rules.
        self.named = {
            "budget_item": "普惠消费券",
            "target_rule": "member.birth_month >= 1",
            "closes_at": f"{clock.today() + timedelta(days=30)}T18:00:00+08:00",
            "valid_until": f"{clock.today() + timedelta(days=60)}",
        }
        self.people = 0
        self.units = 0
        self.numbers = 0

    async def build(self) -> "County":
        parent = None
        below = (("county", "星城县总工会", "990121"), ("town", "高桥街道总工会", DIVISION))
        for level, name, division in (*_ABOVE, *below):
            parent = self.unions[level] = await new_union(name, level, division, parent)
            await self._employ(parent)
        far = await new_union("星湖街道总工会", "town", FAR_DIVISION, self.unions["county"])
        self.other_unit = await self._workplace()
        self.far_clerk = await self.signed_in(await staff("周小华", (far, "desk")))
        await self._budget()
        await self._batch()
        return self

    async def _budget(self) -> None:
        name, year = self.named["budget_item"], clock.today().year
        budget = NewBudget(key="vouchers", union_id=self.unions["county"].id, name=name, year=year, amount_fen=10**13)
        await payments.open_budget(SYSTEM, budget=budget)

    async def _batch(self) -> None:
        """One of student aid that takes applications all year."""
        today = clock.today()
        data = IntakeInput(
            year=today.year,
            title=f"{today.year} 年金秋助学",
            text="在受理时间里申请。",
            opens_on=today,
            closes_on=today + timedelta(days=90),
            budget_fen=10**9,
            union_id=ids.public(self.unions["county"].id),
        )
        await aid.publish_intake(await staff("孙小安", (self.unions["county"], "dept_aid")), data=data)

    async def _employ(self, union: Union) -> None:
        """Somebody in every post that exists at this level."""
        for role, known in roles.catalogue().roles.items():
            if union.level in known.levels:
                actor = await staff(self.somebody().name, (union, role))
                self.holders[role, union.name] = await self.signed_in(actor)

    async def colleague(self, role: str, union: str) -> Caller:
        """Somebody else in the same post."""
        if (role, union) not in self._seconds:
            place = await Union.get(name=union)
            self._seconds[role, union] = await self.signed_in(await staff(self.somebody().name, (place, role)))
        return self._seconds[role, union]

    async def signed_in(self, actor: Actor) -> Caller:
        token, now = secrets.token_urlsafe(), clock.now()
        await SessionRow.create(
            id=ids.new_id(),
            account_id=actor.account_id,
            token_hash=token_hash(token),
            created_at=now,
            seen_at=now + _FOREVER,
            idle_until=now + _FOREVER,
            expires_at=now + _FOREVER,
        )
        return Caller(self.client, actor, token)

    def somebody(self, *, woman: bool = False) -> Person:
        """Somebody nobody has heard of, some forty years old."""
        self.people += 1
        number = self.people
        sequence = 2 * (number // _BIRTHDAYS) + (2 if woman else 1)
        return Person(
            name=_SURNAMES[number % 20] + _GIVEN[number // 20 % 18] + _GIVEN[number // 360 % 18],
            id_no=national.synthetic_id_no(date(1980, 1, 1) + timedelta(days=number % _BIRTHDAYS), sequence),
            mobile=f"154{number:08d}",
        )

    def next_number(self) -> int:
        """For what may stand in one form only, such as an invoice."""
        self.numbers += 1
        return self.numbers

    async def applicant(self, kind: str, *, unit: Union | None = None) -> Applicant:
        person = self.somebody(woman=kind == WOMAN)
        unit = unit or await self._workplace()
        account_id = ids.new_id()
        await Account.create(
            id=account_id,
            kind="person",
            phone_index=crypto.blind_index("phone", person.mobile),
            phone_sealed=crypto.seal(person.mobile, context=f"account/phone/{account_id}"),
            display=national.mask_phone(person.mobile),
            created_at=clock.now(),
        )
        if kind != OUTSIDER:
            known = NewMember(
                name=person.name,
                id_no=person.id_no,
                phone=person.mobile,
                division=DIVISION,
                employ_form="contract",
                employer="测试快运有限公司",
            )
            await membership.admit(
                SYSTEM, applicant=known, union_id=unit.id, account_id=account_id, reference="RH2020-000001"
            )
        caller = await self.signed_in(Actor(kind="person", account_id=account_id))
        own = Caller(self.client, await load_actor(caller.token), caller.token)
        return Applicant(person=person, caller=own, unit=unit)

    async def colleagues(self) -> list[Person]:
        """Members of the other unit, for lists of people who have to be members."""
        if not self._colleagues:
            self._colleagues = [(await self.applicant(MAN, unit=self.other_unit)).person for _ in range(_COLLEAGUES)]
        return self._colleagues

    async def neighbour(self) -> Caller:
        """Somebody else with a phone."""
        if self._neighbour is None:
            self._neighbour = (await self.applicant(OUTSIDER)).caller
        return self._neighbour

    async def _workplace(self) -> Union:
        self.units += 1
        unit = await new_union(f"测试{self.units}号快递工会", "unit", DIVISION, self.unions["town"])
        await self._employ(unit)
        return unit

    def holder(self, role: str, level: str, target: str) -> Caller | None:
        """Who holds the role at that level of the branch in which the union of that name lies."""
        return self.holders.get((role, target if level == "unit" else self.unions[level].name))


_PHOTO = picture()


async def photo(owner: Caller) -> str:
    """The public id of a stored photo, fit to be attached."""
    assert owner.actor is not None
    row = await files.keep(_PHOTO, name="照片.jpg", media_type="image/jpeg", owner_id=owner.actor.account_id)
    return ids.public(row.id)
