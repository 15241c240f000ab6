"""The demo county, built by calling the commands: what it shows, the product did."""

import csv
import io
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from backend.casework import commands as casework
from backend.casework.schemas import CorrectionsInput, DecisionInput, FieldComment, QuestionInput, SubmitInput
from backend.core import clock, database, ids, national, reference
from backend.core.actor import Actor
from backend.demo import aid, claims, grading, mall, payments, places, relief, vouchers, workers
from backend.demo.tree import County, add_people, build_tree
from backend.identity import commands as identity
from backend.membership import commands as membership
from backend.membership.enums import MemberAct
from backend.unions import commands as unions
from backend.unions.enums import InviteChannel
from backend.unions.schemas import InviteInput

ON_ROLL = 240  # members who were there before the system
JOINED = 60  # members who joined through it
CHANGED = (
    (MemberAct.KEEP, "离开单位待业，本人申请保留会籍"),
    (MemberAct.TRANSFER_OUT, "换了单位，等新单位工会接收"),
    (MemberAct.LEAVE, "本人书面申请退会"),
    (MemberAct.DECEASED, "家属持证明到窗口登记"),
    (MemberAct.EXPEL, "基层工会会员大会决定，县总工会批准"),
)


class Applicant(NamedTuple):
    """One synthetic person applying."""

    number: int
    actor: Actor
    form: dict[str, Any]


class Desk(NamedTuple):
    """Who works there. `union` is what applicants ask for; cases of a higher desk are handed on to it, at a union.
    `asks` is the union and role of the desk that it asks for its opinion."""

    clerk: Actor
    town: places.Town
    asks: tuple[str, str]
    union: str | None = None
    handed_on_by: Actor | None = None
    at: str = ""


# What becomes of a case and how many working days ago it came in; three is the limit.
_STORIES = (
    ("fresh", 0),
    ("opened", 1),
    ("near", 2),
    ("due today", 3),
    ("urged", 4),
    ("late", 5),
    ("returned", 2),
    ("corrected", 4),
    ("held", 1),
    ("approved", 7),
    ("rejected", 6),
    ("withdrawn", 3),
)


async def is_empty() -> bool:
    return await database.scalar("SELECT id FROM union_org LIMIT 1") is None


async def build() -> None:
    """About 60 unions, 300 members, and cases in every state. Time is set back while it is built."""
    now = clock.now()
    try:
        clock.freeze(_morning(now, workdays_ago=30))
        county = await build_tree()
        await add_people(county)
        await _import_roll(county)
        await _invites(county)
        await _past_cases(county, now)
        await _changed_memberships(county, now)
        await _desk_cases(county, now)
        clock.freeze(_morning(now, workdays_ago=26))
        await aid.enrol(county)
        hardship = await aid.ask_for_file(county)
        clock.freeze(_morning(now, workdays_ago=12))
        await aid.open_file(county, hardship)
        clock.freeze(now)
        await vouchers.give_out(county)
        await mall.sell(county)
        await payments.pay_out(county)
        await workers.employ(county)
        await grading.appraise(county, await _chairs(), now)
        await claims.claim(county)
        await relief.give(county)
    finally:
        clock.unfreeze()


def _morning(now: datetime, *, workdays_ago: int, hour: int = 9) -> datetime:
    day = reference.calendar().add_workdays(clock.local(now).date(), -workdays_ago)
    return min(clock.start_of(day) + timedelta(hours=hour), now)


async def _import_roll(county: County) -> None:
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["姓名", "身份证号", "手机号", "所属工会", "入会日期", "就业形态"])
    units = [unit for town in places.TOWNS for unit in town.units]
    for number in range(ON_ROLL):
        joined = date(2016 + number % 9, number % 12 + 1, number % 27 + 1)
        name, phone = places.person_name(number), places.phone_number(10_000 + number)
        writer.writerow([name, _id_no(number), phone, units[number % len(units)], joined, "劳动合同"])
    content = ("\ufeff" + sheet.getvalue()).encode()
    import_id = await membership.request_import(
        county.staff["demo-admin"],
        content=content,
        name="会员名册.csv",
        union=county.unions[places.COUNTY],
        dry_run=False,
    )
    finished = False
    while not finished:
        finished = await membership.import_chunk(ids.parse(import_id) or 0)


def _id_no(number: int) -> str:
    birth = places.FIRST_BIRTHDAY + timedelta(days=number * 37 % 13_000)
    return national.synthetic_id_no(birth, number % 998 + 1)


async def _invites(county: County) -> None:
    town = county.unions[f"{places.TOWNS[0].name}总工会"]
    expires = clock.today() + timedelta(days=200)
    for place, channel in (("高桥暖蜂驿站", InviteChannel.STATION_QR), ("社区入会宣传", InviteChannel.INVITE)):
        data = InviteInput(union_id=town, max_uses=500, expires_on=expires, place=place, channel=channel)
        await unions.make_invite(data, county.staff["demo-town"])


async def _applicant(number: int, *, town: places.Town, union: str | None = None) -> Applicant:
    phone = places.phone_number(number)
    account_id = await identity.account_for_phone(phone)
    form = {
        "join_channel": "self",
        "employ_form": "newform",
        "newform_group": places.GROUPS[number % len(places.GROUPS)],
        "employer": places.PLATFORMS[number % len(places.PLATFORMS)],
        "division": town.division,
        "real_name": places.person_name(number),
        "id_no": _id_no(500 + number),
        "mobile": phone,
        "charter_ok": True,
        "privacy_ok": True,
        "sensitive_ok": True,
    }
    if union is not None:
        form["target_org"] = union
    return Applicant(number, Actor(kind="person", account_id=account_id, display=national.mask_phone(phone)), form)


async def _submit(who: Applicant) -> str:
    return await casework.submit(slug="member-join", data=SubmitInput(form=who.form), actor=who.actor)


async def _decide(number: str, clerk: Actor, action: str, **more: Any) -> None:
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    await casework.decide(number=number, data=DecisionInput(action=action, version=version, **more), actor=clerk)


def _clerk(county: County, town_number: int) -> Actor:
    return county.staff["demo-town" if town_number == 0 else f"town-{town_number + 1:02d}"]


async def _past_cases(county: County, now: datetime) -> None:
    """Decided cases of the last six weeks: most approved, some rejected or withdrawn."""
    for index in range(JOINED + 10):
        workdays_ago = 28 - index * 24 // (JOINED + 10)
        town_number = index % len(places.TOWNS)
        clock.freeze(_morning(now, workdays_ago=workdays_ago, hour=9) + timedelta(minutes=index))
        who = await _applicant(100 + index, town=places.TOWNS[town_number])
        number = await _submit(who)
        clock.freeze(_morning(now, workdays_ago=workdays_ago - index % 3, hour=15) + timedelta(minutes=index))
        if index % 7 != 6:
            await _decide(number, _clerk(county, town_number), "approve", comment="材料核对无误")
        elif index % 14 == 6:
            await _decide(
                number, _clerk(county, town_number), "reject", comment="不在本县工作，请向工作所在地工会申请。"
            )
        else:
            await casework.withdraw(number=number, actor=who.actor)


async def _changed_memberships(county: County, now: datetime) -> None:
    """Two members of the roll in every state there is."""
    clock.freeze(_morning(now, workdays_ago=2))
    acts = [change for change in CHANGED for _ in range(2)]
    found = await database.rows("SELECT id FROM member ORDER BY id LIMIT %s", len(acts))
    for row, (act, reason) in zip(found, acts, strict=True):
        await membership.change_status(county.staff["demo-county"], member_id=row["id"], act=act, reason=reason)


async def _chairs() -> list[grading.Chair]:
    """The first who joined through the portal are chairs of unions now."""
    joined = [await _applicant(100 + number, town=places.TOWNS[0]) for number in range(len(grading.CHAIRS))]
    return [grading.Chair(one.actor, one.form["real_name"], one.form["id_no"]) for one in joined]


async def _desk_cases(county: County, now: datetime) -> None:
    """Every story at the desks of demo-unit, demo-town and demo-county, and something at every other town."""
    town = places.TOWNS[0]
    staff, unit = county.staff, county.unions[town.units[0]]
    at_county, at_town = county.unions[places.COUNTY], (county.unions[f"{town.name}总工会"], "desk")
    desks = (
        Desk(staff["demo-unit"], town, at_town, union=unit),
        Desk(staff["demo-town"], town, (at_county, "dept_org")),
        Desk(staff["demo-county"], town, at_town, handed_on_by=staff["demo-town"], at=at_county),
        Desk(staff["demo-town"], town, (at_county, "dept_org")),
    )
    told = [(desk, *story) for desk in desks for story in _STORIES]
    for index, (desk, story, workdays_ago) in enumerate(told, start=1):
        clock.freeze(_morning(now, workdays_ago=workdays_ago) + timedelta(minutes=index))
        who = await _applicant(index, town=desk.town, union=desk.union)
        number = await _submit(who)
        if desk.handed_on_by is not None:
            words = "申请人在县总工会窗口办理。"
            await _decide(number, desk.handed_on_by, "transfer", to_union=desk.at, role="desk", comment=words)
        await _live(story, number, who, desk.clerk, now)
        await _talk(story, number, who, desk)
    for town_number in range(1, len(places.TOWNS)):
        clock.freeze(_morning(now, workdays_ago=town_number % 4) + timedelta(minutes=town_number))
        await _submit(await _applicant(60 + town_number, town=places.TOWNS[town_number]))
    clock.freeze(_morning(now, workdays_ago=0))
    await _submit(await _applicant(60, town=town, union=county.unions[places.COUNTY]))


async def _live(story: str, number: str, who: Applicant, clerk: Actor, now: datetime) -> None:
    """What the desk and the applicant did about it."""
    match story:
        case "opened":
            await casework.take_up(number=number, actor=clerk)
        case "urged":
            await casework.urge(number=number, actor=who.actor)
        case "returned":
            await _return(number, clerk)
        case "corrected":
            await _return(number, clerk)
            await _correct(number, who)
        case "held":
            until = reference.calendar().add_workdays(clock.local(now).date(), 3)
            await _decide(number, clerk, "hold", until=until, message="正在等待平台开具在职证明，收到后继续办理。")
        case "approved":
            await _decide(number, clerk, "approve", comment="材料核对无误")
        case "rejected":
            await _decide(number, clerk, "reject", comment="不在本县工作，请向工作所在地工会申请。")
        case "withdrawn":
            await casework.withdraw(number=number, actor=who.actor)


async def _talk(story: str, number: str, who: Applicant, desk: Desk) -> None:
    """What is asked, of another desk and between the two sides."""
    if story == "opened":
        union, role = desk.asks
        asked = QuestionInput(to_union=union, role=role, text="这位申请人工作的站点，以前有没有建过会？")
        await casework.ask(number=number, data=asked, actor=desk.clerk)
    elif story == "held":
        text = "平台说下周才能开证明，来得及吗？"
        await casework.messages.write(number=number, text=text, actor=who.actor)
    elif story == "approved":
        text = "会员证已经办好，在“我的”里就能看到。"
        await casework.messages.write_from_desk(number=number, text=text, actor=desk.clerk)


async def _return(number: str, clerk: Actor) -> None:
    flagged = [FieldComment(field="employer", comment="请写平台全称，例如某某快运有限公司星城分公司。")]
    await _decide(number, clerk, "return", corrections=flagged, comment="其余内容没有问题。")


async def _correct(number: str, who: Applicant) -> None:
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
    data = CorrectionsInput(form={"employer": "蓝雀快运有限公司星城分公司"}, version=version)
    await casework.correct(number=number, data=data, actor=who.actor)
