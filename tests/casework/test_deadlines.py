"""What time does to cases, by the schedule."""

from datetime import date

from backend.casework import commands, queries
from backend.casework.commands import deadlines
from backend.casework.models import Case
from backend.casework.schemas import AnswerInput, CorrectionsInput, QuestionInput
from backend.core import clock, database, ids
from tests.casework.world import World, decide, flag, join_form, outbox, person, sent


async def joinings(world: World, count: int) -> list[str]:
    courier = await person(world)
    return [
        await commands.submit(slug="member-join", data=sent(join_form(world, sequence)), actor=courier)
        for sequence in range(1, count + 1)
    ]


async def told() -> list[str]:
    return [topic for topic in await outbox() if topic in ("casework.CaseNearDue", "casework.CaseOverdue")]


async def test_near_and_overdue_are_told_once(world: World) -> None:
    await joinings(world, 1)  # due on Friday the 13th
    assert await deadlines.run(10) == 0
    clock.advance(days=2)
    assert await deadlines.run(10) == 1
    assert await deadlines.run(10) == 0
    assert await told() == ["casework.CaseNearDue"]
    clock.advance(days=1)
    assert await deadlines.run(10) == 0
    clock.advance(days=1)  # Saturday
    assert await deadlines.run(10) == 1
    assert await deadlines.run(10) == 0
    assert await told() == ["casework.CaseNearDue", "casework.CaseOverdue"]


async def test_a_new_last_day_is_told_again(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    clock.advance(days=6)
    assert await deadlines.run(10) == 1  # overdue
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等")
    await decide(number, world.officer, "release", 2)
    assert (await Case.get(number=number)).due_on == date(2026, 3, 13)  # it was late and stays as late as it was
    assert await deadlines.run(10) == 1
    # The same last day again: nobody needs to be told twice.
    assert await told() == ["casework.CaseOverdue"]
    await decide(number, world.officer, "return", 3, corrections=[flag("employer")])
    data = CorrectionsInput(form={"employer": "测试快运有限公司"}, version=4)
    clock.advance(days=1)
    await commands.correct(number=number, data=data, actor=courier)
    assert await deadlines.run(10) == 1
    assert (await told()).count("casework.CaseOverdue") == 2


async def test_closed_returned_and_held_cases_are_left_alone(world: World) -> None:
    first, second, third = await joinings(world, 3)
    await decide(first, world.officer, "reject", 1, comment="不符")
    await decide(second, world.officer, "return", 1, corrections=[flag("employer")])
    await decide(third, world.officer, "hold", 1, until=date(2026, 8, 1), message="等")
    clock.advance(days=30)
    assert await deadlines.run(10) == 0


async def test_chunks(world: World) -> None:
    await joinings(world, 5)
    clock.advance(days=10)
    assert await deadlines.run(2) == 2
    assert await deadlines.run(2) == 2
    assert await deadlines.run(2) == 1
    assert await deadlines.run(2) == 0
    assert (await told()).count("casework.CaseOverdue") == 5


async def test_a_question_past_its_day_is_told_once(world: World) -> None:
    [number] = await joinings(world, 1)
    asked = QuestionInput(to_union=ids.public(world.far_town.id), role="desk", text="以前建过会吗？")
    question = await commands.ask(number=number, data=asked, actor=world.officer)  # due on Friday the 13th
    clock.advance(days=3)
    await deadlines.run(10)
    assert "casework.QuestionOverdue" not in await outbox()
    clock.advance(days=1)
    await deadlines.run(10)
    await deadlines.run(10)
    assert (await outbox()).count("casework.QuestionOverdue") == 1
    answer = AnswerInput(verdict="agree", text="没有。")
    await commands.answer(question=question, data=answer, actor=world.far_clerk)
    clock.advance(days=1)
    assert await deadlines.tell_unanswered(10) == 0


async def test_a_clerks_page_stays_good(world: World) -> None:
    number = (await joinings(world, 1))[0]
    clock.advance(days=10)
    await deadlines.run(10)
    await decide(number, world.officer, "approve", 1)


async def test_a_held_case_wakes_on_its_day(world: World) -> None:
    courier = await person(world)
    number = await commands.submit(slug="member-join", data=sent(join_form(world)), actor=courier)
    await decide(number, world.officer, "hold", 1, until=date(2026, 3, 20), message="等证明")
    clock.advance(days=9)
    assert await deadlines.run(10) == 0
    clock.advance(days=1)
    assert await deadlines.run(10) == 1
    case = await queries.own_case(number, courier)
    assert (case.status, case.due_on, case.version) == ("in_review", "2026-03-25", 3)
    assert case.timeline[0].title == "系统恢复办理"
    assert await deadlines.run(10) == 0
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'case.release'") == 1
