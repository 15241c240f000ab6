"""A county with a budget for vouchers, somebody who proposes, somebody who approves, and members with accounts."""

from datetime import date
from typing import Any

import msgspec

from backend.casework import commands as casework
from backend.casework.schemas import DecisionInput
from backend.core import clock, crypto, database, ids, national
from backend.core.actor import Actor
from backend.home import doctor
from backend.identity.models import Account
from backend.payments import commands as payments
from backend.payments.schemas import NewBudget
from backend.unions.models import Union
from backend.vouchers import commands
from backend.vouchers.schemas import ProposedView
from tests.casework.world import new_union, staff
from tests.vouchers.samples import proposal

GROUPS = ("courier", "delivery", "ride")


class County(msgspec.Struct):
    union: Union
    unit: Union
    welfare: Actor
    leader: Actor
    treasurer: Actor
    budget: str
    members: int = 0

    async def member(self, *, household: str = "43", group: str = "", status: str = "active") -> Actor:
        """Somebody on the roll with an account of their own; groups go round."""
        self.members += 1
        number, account_id, member_id = self.members, ids.new_id(), ids.new_id()
        phone = f"154{number:08d}"
        await database.insert("member", _member(number, member_id, self.unit.id, household, group, status))
        await Account.create(
            id=account_id,
            kind="person",
            phone_index=crypto.blind_index("phone", phone),
            phone_sealed=crypto.seal(phone, context=f"account/phone/{account_id}"),
            display=national.mask_phone(phone),
            member_id=member_id,
            created_at=clock.now(),
        )
        return Actor(kind="person", account_id=account_id, member_id=member_id, display=national.mask_phone(phone))

    async def roll(self, count: int, **more: Any) -> None:
        """Members without accounts, in bulk."""
        rows = []
        for _ in range(count):
            self.members += 1
            rows.append(_member(self.members, ids.new_id(), self.unit.id, more.get("household", "43"), "", "active"))
        names = ", ".join(f"`{name}`" for name in rows[0])
        marks = ", ".join(["%s"] * len(rows[0]))
        await database.execute_many(
            f"INSERT INTO member ({names}) VALUES ({marks})",
            [list(row.values()) for row in rows],
        )


def _member(number: int, member_id: int, union_id: int, household: str, group: str, status: str) -> dict[str, Any]:
    return {
        "id": member_id,
        "member_no": f"990121{number:010d}",
        "name": "王小测",
        "initials": "wxc",
        "id_no_index": f"{number:032d}",
        "id_no_sealed": "",
        "phone_sealed": "",
        "gender": "f",
        "birth_year": 1990,
        "birth_month": 3,
        "household_province": household,
        "status": status,
        "status_since": date(2025, 1, 1),
        "union_id": union_id,
        "division": "990121001",
        "employ_form": "newform",
        "newform_group": group or GROUPS[number % len(GROUPS)],
        "employer": "",
        "joined_on": date(2025, 1, 1),
        "version": 1,
        "created_at": clock.now(),
    }


async def build(budget_fen: int = 1_000_000_00) -> County:
    union = await new_union("星城县总工会", "county", "990121", None)
    town = await new_union("黄枫镇总工会", "town", "990121001", union)
    unit = await new_union("星城快递工会", "unit", "990121001", town)
    treasurer = await staff("钱小安", (union, "dept_finance"))
    new = NewBudget(key="vouchers", union_id=union.id, name="普惠消费券", year=2026, amount_fen=budget_fen)
    return County(
        union=union,
        unit=unit,
        welfare=await staff("邹小红", (union, "dept_welfare")),
        leader=await staff("吴小平", (union, "leader")),
        treasurer=treasurer,
        budget=ids.public(await payments.open_budget(treasurer, budget=new)),
    )


async def proposed(county: County, **changes: Any) -> ProposedView:
    data = proposal(budget_id=county.budget, **changes)
    return await commands.propose(data=data, actor=county.welfare)


async def decide(number: str, actor: Actor, action: str = "approve", **more: Any) -> None:
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    await casework.decide(number=number, data=DecisionInput(action=action, version=version, **more), actor=actor)


async def opened(county: County, **changes: Any) -> str:
    """The public id of a campaign that was proposed and approved."""
    made = await proposed(county, **changes)
    await decide(made.case_number, county.leader)
    return made.id


async def broken() -> list[str]:
    """What the doctor finds, but for what only time brings."""
    return [one.check for one in await doctor.examine() if "waits too long" not in one.check]
