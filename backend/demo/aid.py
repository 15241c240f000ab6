"""Aid in the demo county: a member who enrolled in mutual aid alone, a unit that enrolled its people, and the hardship
file of one household.
"""

import io
from typing import Any

from PIL import Image

from backend.casework import commands as casework
from backend.casework.schemas import ActInput, DecisionInput, SubmitInput
from backend.core import clock, database, files, ids, national
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import County
from backend.membership import queries as roll

ENROL, HARDSHIP = "mutual-aid-enrol", "hardship-file"
PAPERS = ("household_book", "income_proof", "authorization")
ENROLLED = 6  # of the roll, by their unit


async def enrol(county: County) -> None:
    """On the day that the clock stands at; whoever may try the demo has a policy."""
    unit = county.unions[places.TOWNS[0].units[0]]
    first, *_ = await members_with_accounts()
    await _through(county, first, await _form(first, unit, enrol_mode="self", pay_channel="online"), people=1)
    rows = [
        {"name": one.name, "id_no": one.id_no, "shares": 1}
        for member_id in await insured()
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


async def insured() -> list[int]:
    """Those whom their unit enrolled, in the order of the roll."""
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


# ---- a household in hardship -------------------------------------------------------


async def ask_for_file(county: County) -> str:
    """Asked for, visited and hung up for everybody to object; the number of the case."""
    _, second, *_ = await members_with_accounts()
    record = await roll.own_record(second)
    assert record is not None, "a member has a record"
    papers = {slot: [await _picture(second)] for slot in PAPERS}
    data = SubmitInput(form=_hardship_form(record.name, record.id_no, record.mobile, county), attachments=papers)
    number, officer = await casework.submit(slug=HARDSHIP, data=data, actor=second), county.staff["demo-unit"]
    seen = {
        "visited_on": clock.today().isoformat(),
        "visitors": "李试、邹样",
        "income_seen": "36000",
        "expense_seen": "15600",
        "found": "租住两居室，家具陈旧，邻居反映属实。",
        "advice": "fit",
    }
    visit = ActInput(form=seen, attachments={"photos": [await _picture(officer)]})
    await casework.perform(number=number, action="visit-record", data=visit, actor=officer)
    await casework.perform(number=number, action="publicity", data=ActInput(form={}), actor=officer)
    await decide(number, officer)
    await decide(number, county.staff["demo-town"])
    return number


async def open_file(county: County, number: str) -> None:
    """After nobody objected."""
    aid = county.staff["demo-county"]
    grade = {"people": 3, "per_capita": "566.67", "grade": "deep", "grounds": "人均月收入低于低保标准。"}
    await casework.perform(number=number, action="grade-confirm", data=ActInput(form=grade), actor=aid)
    await decide(number, aid)
    await decide(number, county.staff["demo-admin"])


def _hardship_form(name: str, id_no: str, mobile: str, county: County) -> dict[str, Any]:
    family = [
        {"name": name, "id_no": id_no, "relation": "本人", "job": "在岗", "income_month": "3000"},
        {"name": "赵样", "id_no": _relative(901), "relation": "配偶", "job": "无业"},
        {"name": "王试样", "id_no": _relative(902), "relation": "子女", "school": "星城一中"},
    ]
    return {
        "real_name": name,
        "id_no": id_no,
        "mobile": mobile,
        "org_ref": county.unions[places.TOWNS[0].units[0]],
        "identity": "on_post",
        "marital": "married",
        "health": "good",
        "apply_kind": "deep",
        "cause": ["illness", "study"],
        "family": family,
        "income_total": "36000",
        "rigid_expense": "16000",
        "dibao": False,
        "housing": "rented",
        "account_name": name,
        "bank_name": "演示银行星城支行",
        "bank_card": "6222020000000000000",
        "privacy_ok": True,
        "sensitive_ok": True,
    }


def _relative(sequence: int) -> str:
    return national.synthetic_id_no(places.FIRST_BIRTHDAY, sequence)


async def _picture(owner: Actor) -> str:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "lightsteelblue").save(out, "JPEG")
    row = await files.store(out.getvalue(), name="演示照片.jpg", owner_id=owner.account_id, declared="image/jpeg")
    return ids.public(row.id)
