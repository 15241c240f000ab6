"""The chairs of a world: a year that is published, one to object to, one to be published and one to score."""

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from backend.core import clock, database, ids
from backend.grading import commands as grading
from backend.grading import scheme_files
from backend.grading.chair_inputs import AppealInput, Enrolment, NewPeriod, PanelInput, ReplyInput, SheetInput

if TYPE_CHECKING:
    from tests.factories.world import World

PUBLISHED, PROPOSED, SCORED, RUNNING = 2023, 2024, 2025, 2026
PANEL = ("leader", "panel", "dept_legal")
CASES = {"member": "approved", "person": "submitted"}  # what they applied for


def full_sheet() -> dict[str, Decimal]:
    """Half the points of every item."""
    return {item.key: item.most / 2 for item in scheme_files.current().chairs.versions[0].items}


async def appraise(world: "World") -> None:
    """Two chairs each, who are the world's two people."""
    admin = await world.actor("admin")
    for year in (PUBLISHED, PROPOSED, SCORED, RUNNING):
        chairs = [await _enrol(world, role, year) for role in ("member", "person")]
        period = await grading.open_period(admin, data=NewPeriod(union_id=world.county, year=year))
        panel = PanelInput(assessors=[world.accounts[role] for role in PANEL])
        await grading.set_panel(admin, period=period, data=panel)
        world.note("appraisal", period)
        world.note("candidate", *chairs)
        world.note("grade", *chairs)
        if year != RUNNING:
            for role in ("desk", *PANEL):
                for chair in chairs:
                    data = SheetInput(candidate=chair, scores=full_sheet())
                    await grading.score(await world.actor(role), period=period, data=data)
        if year in (PUBLISHED, PROPOSED):
            await grading.publish(admin, period=period)
        if year == PUBLISHED:
            await _appeal(world, period, chairs[0])
        if year == PUBLISHED:
            await wait_for_window(period)
            await grading.publish(admin, period=period)


async def _appeal(world: "World", period: str, grade: str) -> None:
    """One that did not hold."""
    await grading.appeal(await world.actor("member"), grade=grade, data=AppealInput(text="漏算了表彰"))
    found = await database.scalar("SELECT id FROM grading_objection WHERE period_id = %s", ids.parse(period))
    world.note("appeal", ids.public(found))
    data = ReplyInput(upheld=False, reply="评分没有差错")
    await grading.reply(await world.actor("admin"), period=period, objection=ids.public(found), data=data)


async def wait_for_window(period: str) -> None:
    """The time for objections is over."""
    await database.execute(
        "UPDATE grading_period SET objections_until = %s WHERE id = %s",
        clock.today() - timedelta(days=1),
        ids.parse(period),
    )


async def _enrol(world: "World", role: str, year: int) -> str:
    person, actor = getattr(world, role), await world.actor(role)
    data = Enrolment(
        case_id=ids.new_id(),
        case_number=world.cases[CASES[role]],
        year=year,
        id_no=person.id_no,
        name=person.name,
        post="chair",
        union_id=ids.parse(world.unit) or 0,
        since=date(2020, 1, 1),
        until=None,
        self_score=Decimal(90),
        account_id=actor.account_id,
        member_id=actor.member_id,
    )
    return await grading.enrol(await world.actor("admin"), data=data)
