"""The second clock of a flow: calendar days from the submission, which nothing stops."""

from datetime import date

import msgspec
import pytest

from backend.casework import commands, queries
from backend.casework.catalogue import Catalogue
from backend.casework.commands import deadlines
from backend.casework.flows import CalendarClock
from backend.casework.models import Case
from backend.casework.queries import QueueQuery
from backend.casework.schemas import CorrectionsInput
from backend.core import clock, database
from tests.casework.browser import browse
from tests.casework.world import World, aid_form, decide, flag, join_form, outbox, person, sent

TEXT = "四日内没有结果可以申请仲裁"


@pytest.fixture
def second_clock(samples: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four calendar days, before the five working days are over."""
    flow = msgspec.structs.replace(samples.flow("sample-aid"), calendar_clock=CalendarClock(days=4, text=TEXT))
    monkeypatch.setitem(samples.flows, flow.slug, flow)
    monkeypatch.setitem(samples._versions, (flow.slug, flow.version), flow)


async def days(number: str) -> tuple[date | None, date | None, date | None]:
    case = await Case.get(number=number)
    return case.due_on, case.calendar_due_on, case.next_due_on


WORKING, CALENDAR = date(2026, 3, 17), date(2026, 3, 14)


@pytest.mark.usefixtures("second_clock")
async def test_it_runs_on_while_the_other_stands_still(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    assert await days(number) == (WORKING, CALENDAR, CALENDAR)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等回函")
    assert await days(number) == (None, CALENDAR, CALENDAR)
    await decide(number, world.officer, "release", 2)
    assert await days(number) == (WORKING, CALENDAR, CALENDAR)
    await decide(number, world.officer, "return", 3, corrections=[flag("reason")])
    assert await days(number) == (None, CALENDAR, CALENDAR)
    clock.advance(days=1)
    await commands.correct(number=number, data=CorrectionsInput(form={"reason": "车祸"}, version=4), actor=worker)
    assert await days(number) == (date(2026, 3, 18), CALENDAR, CALENDAR)
    await decide(number, world.officer, "reject", 5, comment="不符")
    assert await days(number) == (None, CALENDAR, None)
    assert (await queries.own_case(number, worker)).calendar_due_on is None


async def test_without_one_the_working_days_are_all_there_is(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    assert await days(number) == (WORKING, None, WORKING)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等回函")
    assert await days(number) == (None, None, None)


@pytest.mark.usefixtures("second_clock")
async def test_the_queue_goes_by_the_earlier_day(world: World) -> None:
    worker = await person(world)
    clock.advance(days=-1)
    joining = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=worker)  # due on Thursday
    clock.advance(days=1)
    aid = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    later = await commands.submit(slug="member-join", data=sent(join_form(world, 2)), actor=worker)  # on Friday
    rows = (await queries.desk_queue(world.officer, QueueQuery())).items
    assert [row.number for row in rows] == [joining, later, aid]
    assert (rows[2].due_on, rows[2].calendar_due_on, rows[2].due_text) == ("2026-03-17", "2026-03-14", "3月14日")
    page = await queries.desk_queue(world.officer, QueueQuery(), limit=2)
    rest = await queries.desk_queue(world.officer, QueueQuery(), limit=2, cursor=page.next_cursor)
    assert [row.number for row in rest.items] == [aid]
    clock.freeze(clock.start_of(date(2026, 3, 14)))
    assert [row.number for row in (await queries.desk_queue(world.officer, QueueQuery(due="today"))).items] == [aid]
    clock.freeze(clock.start_of(date(2026, 3, 15)))
    late = [row.number for row in (await queries.desk_queue(world.officer, QueueQuery(overdue=True))).items]
    assert late == [joining, later, aid]
    assert (await queries.desk_counts(world.officer)).overdue == 3
    assert (await queries.own_case(aid, worker)).tone == "late"


@pytest.mark.usefixtures("second_clock")
async def test_the_desk_is_reminded_of_it_even_while_the_case_waits(world: World) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等回函")
    clock.freeze(clock.start_of(date(2026, 3, 13)))
    assert await deadlines.run(10) == 1
    clock.freeze(clock.start_of(date(2026, 3, 15)))
    assert await deadlines.run(10) == 1
    assert (await outbox())[-2:] == ["casework.CaseNearDue", "casework.CaseOverdue"]
    told = await database.scalar("SELECT payload FROM outbox ORDER BY id DESC LIMIT 1")
    assert msgspec.json.decode(told)["due_on"] == "2026-03-14"


@pytest.mark.usefixtures("second_clock")
async def test_both_faces_show_it_beside_the_other(world: World, app: object) -> None:
    worker = await person(world)
    number = await commands.submit(slug="sample-aid", data=sent(aid_form(world)), actor=worker)
    case = await queries.own_case(number, worker)
    assert (case.due_on, case.calendar_due_on, case.calendar_text) == ("2026-03-17", "2026-03-14", TEXT)
    assert case.days_left == 5
    shown = (await (await browse(app, worker)).get(f"/cases/{number}")).text
    assert f"{TEXT}：" in shown
    assert "3月14日" in shown
    desk = await browse(app, world.officer)
    opened = (await desk.get(f"/desk/cases/{number}")).text
    assert "工作日期限 3月17日" in opened
    assert f"{TEXT} 3月14日" in opened
    assert "自然日期限 3月14日" in opened
