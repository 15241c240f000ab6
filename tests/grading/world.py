"""A county that appraises its chairs: two towns with a clerk each, a panel of three, and whoever applied."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from backend.core import clock, crypto, ids, national
from backend.core.actor import Actor
from backend.grading import commands, queries
from backend.grading.chair_inputs import Enrolment, NewPeriod, PanelInput, SheetInput
from backend.grading.chair_results import GradeView
from backend.home import doctor
from backend.identity.models import Account
from backend.unions.models import Union
from tests.casework.world import new_union, staff
from tests.grading.samples import CHAIRS

YEAR = 2026
BIRTHDAY = date(1980, 5, 6)
WHOLE_YEAR = date(2020, 1, 1)


class Chair(msgspec.Struct):
    id: str
    actor: Actor


class County(msgspec.Struct):
    union: Union
    towns: list[Union]
    units: list[Union]
    manager: Actor
    clerks: list[Actor]
    panel: list[Actor]
    far: Actor  # who manages appraisals somewhere else
    chairs: list[Chair] = []
    people: int = 0

    async def chair(self, *, town: int = 0, self_score: str | None = "95", **changes: Any) -> Chair:
        """Somebody whose application was approved, with an account."""
        self.people += 1
        number = self.people
        actor = await person(number)
        given = Enrolment(
            case_id=number,
            case_number=f"KH2026-{number:06d}",
            year=YEAR,
            id_no=national.synthetic_id_no(BIRTHDAY, number),
            name=f"王小{'一二三四五六七八九十'[number % 10]}",
            post="chair",
            union_id=self.units[town].id,
            since=WHOLE_YEAR,
            until=None,
            self_score=Decimal(self_score) if self_score is not None else None,
            account_id=actor.account_id,
            member_id=None,
        )
        data = msgspec.structs.replace(given, **changes)
        chair = Chair(await commands.enrol(self.clerks[town], data=data), actor)
        self.chairs = [*self.chairs, chair]
        return chair

    async def period(self, year: int = YEAR) -> str:
        """Open, with its panel."""
        period = await commands.open_period(self.manager, data=NewPeriod(union_id=ids.public(self.union.id), year=year))
        panel = PanelInput(assessors=[ids.public(one.account_id) for one in self.panel])
        await commands.set_panel(self.manager, period=period, data=panel)
        return period

    async def score(self, period: str, chair: Chair, *, town: Any = 88, panel: Any = 74, at: int = 0) -> None:
        """The sheets of the township and of everybody in the panel."""
        await sheet(self.clerks[at], period, chair, town)
        for member in self.panel:
            await sheet(member, period, chair, panel)


async def person(number: int) -> Actor:
    account_id, phone = ids.new_id(), f"154{number:08d}"
    await Account.create(
        id=account_id,
        kind="person",
        phone_index=crypto.blind_index("phone", phone),
        phone_sealed=crypto.seal(phone, context=f"account/phone/{account_id}"),
        display=national.mask_phone(phone),
        created_at=clock.now(),
    )
    return Actor(kind="person", account_id=account_id, display=national.mask_phone(phone))


def points(total: Any) -> dict[str, Decimal]:
    """A sheet with this total: its items filled up one after another."""
    left, given = Decimal(str(total)), {}
    for item in CHAIRS.items:
        given[item.key] = min(left, item.most)
        left -= given[item.key]
    return given


async def sheet(actor: Actor, period: str, chair: Chair, total: Any) -> None:
    await commands.score(actor, period=period, data=SheetInput(candidate=chair.id, scores=points(total)))


async def grade(chair: Chair) -> GradeView:
    [found] = (await queries.my_grades(chair.actor)).items
    return found


async def published(county: County, period: str) -> None:
    """Proposed, the window waited for, published. It is 8 December then, the day after five working days."""
    await commands.publish(county.manager, period=period)
    clock.advance(days=8)
    await commands.publish(county.manager, period=period)


async def build() -> County:
    union = await new_union("星城县总工会", "county", "990121", None)
    towns = [
        await new_union("黄枫镇总工会", "town", "990121001", union),
        await new_union("高桥街道总工会", "town", "990121002", union),
    ]
    units = [
        await new_union("星城快递工会", "unit", "990121001", towns[0]),
        await new_union("高桥食品工会", "unit", "990121002", towns[1]),
    ]
    other = await new_union("月湖县总工会", "county", "990122", None)
    return County(
        union=union,
        towns=towns,
        units=units,
        manager=await staff("周小组", (union, "dept_org")),
        clerks=[await staff("邹小镇", (towns[0], "desk")), await staff("高小镇", (towns[1], "desk"))],
        panel=[await staff(name, (union, "panel")) for name in ("赵评一", "钱评二", "孙评三")],
        far=await staff("远小县", (other, "dept_org"), (other, "panel")),
    )


async def broken() -> list[str]:
    """What the doctor finds, but for what only time brings."""
    return [one.check for one in await doctor.examine() if "waits too long" not in one.check]
