"""Mutual aid in the demo county: one member who enrolled alone, and a unit that enrolled its people."""

from typing import Any

from backend.casework import commands as casework
from backend.casework.schemas import ActInput, DecisionInput, SubmitInput
from backend.core import clock, database
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import County
from backend.membership import queries as roll

ENROL = "mutual-aid-enrol"
ENROLLED = 6  # of the roll, by their unit


async def enrol(county: County) -> None:
    """On the day that the clock stands at; whoever may try the demo has a policy."""
    unit = county.unions[places.TOWNS[0].units[0]]
    first, *_ = await members_with_accounts()
    await _through(county, first, await _form(first, unit, enrol_mode="self", pay_channel="online"), people=1)
    rows = [
        {"name": one.name, "id_no": one.id_no, "shares": 1}
        for member_id in await _on_roll()
        if (one := await roll.own_record(Actor(kind="person", member_id=member_id))) is not None
    ]
    listed = await _form(first, unit, enrol_mode="unit", pay_channel="unit", roster=rows, staff_total=len(rows))
    await _through(county, first, listed, people=len(rows))


async def members_with_accounts() -> list[Actor]:
    """The earliest first: that is whoever may try the demo."""
    found = await database.rows(
        "SELECT id, member_id, display FROM account WHERE member_id IS NOT NULL ORDER BY id LIMIT 5"
    )
    return [
        Actor(kind="person", account_id=one["id"], member_id=one["member_id"], display=one["display"]) for one in found
    ]


async def _on_roll() -> list[int]:
    sql = "SELECT id FROM member WHERE status = 'active' ORDER BY id LIMIT %s"
    return [row["id"] for row in await database.rows(sql, ENROLLED)]


async def _form(actor: Actor, unit: str, **more: Any) -> dict[str, Any]:
    record = await roll.own_record(actor)
    assert record is not None, "a member has a record"
    own = {"real_name": record.name, "id_no": record.id_no, "mobile": record.mobile, "org_ref": unit}
    plan = {"plan_ref": "hospital", "period": clock.today().year, "shares": 1, "health_ok": True}
    return {**own, **plan, **more}


async def _through(county: County, applicant: Actor, form: dict[str, Any], *, people: int) -> None:
    number = await casework.submit(slug=ENROL, data=SubmitInput(form=form), actor=applicant)
    await decide(number, county.staff["demo-unit"])
    fee = {"people": people, "amount": str(people * 60), "arrived_on": clock.today().isoformat()}
    await casework.perform(number=number, action="fee-in", data=ActInput(form=fee), actor=county.staff["demo-county"])
    await decide(number, county.staff["demo-county"])


async def decide(number: str, by: Actor) -> None:
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    data = DecisionInput(action="approve", version=version, comment="情况属实")
    await casework.decide(number=number, data=data, actor=by)
