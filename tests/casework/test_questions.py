"""Asking another desk: the case stays, the other desk may look and answers once, and the applicant reads no more
than was meant for them."""

import asyncio
from datetime import date
from typing import Any

import pytest

from backend.casework import commands, queries
from backend.casework.commands import questions
from backend.casework.models import Case, CaseQuestion
from backend.casework.schemas import AnswerInput, QuestionInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Conflict, Forbidden, Invalid, NotFound
from backend.home import doctor
from tests.casework.world import World, aid_form, audited, decide, outbox, person, sent
from tests.unguarded import without_lock

AGREE = AnswerInput(verdict="agree", text="符合政策，可以办。")


async def at_town(world: World, owner: Actor | None = None, sequence: int = 1) -> str:
    form = sent(aid_form(world, sequence, target_org=""))
    return await commands.submit(slug="sample-aid", data=form, actor=owner or await person(world))


def to_far(world: World, **more: Any) -> QuestionInput:
    """The town beside this one, which sees none of its cases."""
    asked: dict[str, Any] = {
        "to_union": ids.public(world.far_town.id),
        "role": "desk",
        "text": "这家单位是不是在你们那里？",
    }
    return QuestionInput(**(asked | more))


async def ask(world: World, number: str, **more: Any) -> str:
    return await commands.ask(number=number, data=to_far(world, **more), actor=world.clerk)


async def answer(question: str, actor: Actor, data: AnswerInput = AGREE) -> str:
    return await commands.answer(question=question, data=data, actor=actor)


async def test_the_other_desk_looks_answers_and_looks_no_more(world: World) -> None:
    number = await at_town(world)
    with pytest.raises(NotFound):
        await queries.desk_case(number, world.far_clerk)
    before = await Case.get(number=number)
    question = await ask(world, number)
    seen = await queries.desk_case(number, world.far_clerk)
    assert (seen.may, seen.may_ask, seen.revealable) == ([], False, ["id_no", "mobile", "illness"])
    assert [(one.id, one.may_answer) for one in seen.questions] == [(question, True)]
    assert seen.case.form["id_no"] == "990001********0014"
    with pytest.raises(Forbidden) as elsewhere:
        await decide(number, world.far_clerk, "approve", 1)
    assert elsewhere.value.code == "other_desk"
    opened = await commands.reveal_field(number=number, field="id_no", actor=world.far_clerk)
    assert opened.value == aid_form(world)["id_no"]
    assert await database.scalar("SELECT COUNT(*) FROM access_trace") == 1
    assert await answer(question, world.far_clerk) == number
    with pytest.raises(NotFound):
        await queries.desk_case(number, world.far_clerk)
    with pytest.raises(NotFound):
        await commands.reveal_field(number=number, field="id_no", actor=world.far_clerk)
    after = await Case.get(number=number)
    assert (after.version, after.status, after.due_on, after.desk_union_id, after.open_questions) == (
        before.version,
        before.status,
        before.due_on,
        world.town.id,
        0,
    )
    assert (await audited())[-3:] == ["question.asked", "value.revealed", "question.answered"]
    assert (await outbox())[-2:] == ["casework.QuestionAsked", "casework.QuestionAnswered"]


async def test_due_by_the_flow_by_a_working_day_or_too_late(world: World) -> None:
    number = await at_town(world)
    question = await CaseQuestion.get(id=ids.parse(await ask(world, number)) or 0)
    assert question.due_on == date(2026, 3, 13)  # three working days after Tuesday
    [waiting] = (await queries.asked_of_me(world.far_clerk)).items
    assert (waiting.due_text, waiting.tone, waiting.desk) == ("3月13日前答复", "info", "松坡镇总工会 窗口经办")
    await answer(waiting.id, world.far_clerk)
    weekend = await CaseQuestion.get(id=ids.parse(await ask(world, number, due_on=date(2026, 3, 14))) or 0)
    assert weekend.due_on == date(2026, 3, 16)
    clock.advance(days=7)
    [row] = (await queries.asked_queue(world.far_clerk)).items
    assert (row.number, row.due_text, row.tone, row.asked) == (number, "逾期 1 天", "late", True)
    assert (await queries.desk_counts(world.far_clerk)).asked == 1
    assert (await queries.desk_counts(world.clerk)).asked == 0


async def test_the_asker_reads_the_answer_and_the_queue_shows_that_one_waits(world: World) -> None:
    number = await at_town(world)
    question = await ask(world, number)
    [row] = (await queries.desk_queue(world.clerk, queries.QueueQuery())).items
    assert (row.number, row.asking, row.asked) == (number, True, False)
    await answer(question, world.far_clerk, AnswerInput(verdict="disagree", text=" 不在我们这里 "))
    [row] = (await queries.desk_queue(world.clerk, queries.QueueQuery())).items
    assert not row.asking
    seen = await queries.desk_case(number, world.clerk)
    [shown] = seen.questions
    assert (shown.state_text, shown.verdict_text, shown.answer, shown.due_text) == (
        "已答复",
        "不同意",
        "不在我们这里",
        "",
    )
    assert (shown.asked_by, shown.answered_by) == ("黄枫镇总工会 李*明", "松坡镇总工会 周*华")
    assert [(line.title, line.comment) for line in seen.case.timeline[:2]] == [
        ("松坡镇总工会 答复了征询", "不同意：不在我们这里"),
        ("黄枫镇总工会 征询意见", "松坡镇总工会 窗口经办：这家单位是不是在你们那里？"),
    ]


@pytest.mark.parametrize(("shared", "comments"), [(False, ["", ""]), (True, ["同意：符合政策，可以办。", "问"])])
async def test_the_applicant_reads_that_one_asks_and_the_words_only_if_meant_so(
    world: World, shared: bool, comments: list[str]
) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    question = await ask(world, number, shared=shared, text="问")
    assert (await queries.own_case(number, owner)).asking == ["松坡镇总工会"]
    await answer(question, world.far_clerk)
    own = await queries.own_case(number, owner)
    assert own.asking == []
    assert [line.title for line in own.timeline[:2]] == ["松坡镇总工会 答复了征询", "黄枫镇总工会 征询意见"]
    assert [line.comment.removeprefix("松坡镇总工会 窗口经办：") for line in own.timeline[:2]] == comments


async def test_a_decision_need_not_wait_and_lets_the_question_lapse(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    question = await ask(world, number)
    await decide(number, world.clerk, "approve", 1)
    assert (await Case.get(number=number)).open_questions == 0
    with pytest.raises(Conflict) as late:
        await answer(question, world.far_clerk)
    assert late.value.code == "question_lapsed"
    assert (await queries.asked_of_me(world.far_clerk)).items == []
    [lapsed] = (await queries.asked_of_me(world.far_clerk, status="lapsed")).items
    assert (lapsed.id, lapsed.state_text) == (question, "没有答复，已办结")
    with pytest.raises(NotFound):
        await queries.desk_case(number, world.far_clerk)


async def test_withdrawn_with_a_question_open(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    question = await ask(world, number)
    await commands.withdraw(number=number, actor=owner)
    with pytest.raises(Conflict) as late:
        await answer(question, world.far_clerk)
    assert late.value.code == "question_lapsed"


async def test_at_the_next_desk_the_question_stays_open(world: World) -> None:
    number = await at_town(world)
    question = await ask(world, number)
    transfer = {"to_union": ids.public(world.county.id), "role": "dept_aid"}
    await decide(number, world.clerk, "transfer", 1, **transfer)
    await answer(question, world.far_clerk)
    [seen] = (await queries.desk_case(number, world.aid)).questions
    assert seen.answer == AGREE.text


async def test_a_desk_is_asked_once_at_a_time_and_a_second_time_after_its_answer(world: World) -> None:
    number = await at_town(world)
    question = await ask(world, number)
    with pytest.raises(Conflict) as twice:
        await ask(world, number)
    assert twice.value.code == "question_open"
    await answer(question, world.far_clerk)
    await ask(world, number, text="再问一句")
    assert len((await queries.desk_case(number, world.clerk)).questions) == 2


async def test_who_may_not_ask_or_answer(world: World) -> None:
    owner = await person(world)
    number = await at_town(world, owner)
    with pytest.raises(Forbidden) as other:
        await commands.ask(number=number, data=to_far(world), actor=world.aid)
    assert other.value.code == "other_desk"
    with pytest.raises(NotFound):
        await commands.ask(number=number, data=to_far(world), actor=world.far_clerk)
    question = await ask(world, number)
    for actor in (world.clerk, world.aid, world.officer, owner):
        with pytest.raises(NotFound):
            await answer(question, actor)
    await decide(number, world.clerk, "reject", 1, comment="不符合条件")
    with pytest.raises(Conflict) as closed:
        await ask(world, number)
    assert closed.value.code == "already_decided"


async def test_everything_wrong_with_a_question_at_once(world: World) -> None:
    number = await at_town(world)
    with pytest.raises(Invalid) as wrong:
        await ask(world, number, role="leader", text=" ", due_on=date(2026, 3, 9))
    assert [error.field for error in wrong.value.errors] == ["role", "text", "due_on"]
    with pytest.raises(Invalid) as own:
        await ask(world, number, to_union=ids.public(world.town.id), text="问" * 401)
    assert [error.field for error in own.value.errors] == ["to_union", "text"]
    question = await ask(world, number)
    with pytest.raises(Invalid) as empty:
        await answer(question, world.far_clerk, AnswerInput(verdict="maybe", text=""))
    assert [error.field for error in empty.value.errors] == ["verdict", "text"]
    assert (await Case.get(number=number)).open_questions == 1


async def test_the_second_answer_learns_of_the_first(world: World) -> None:
    question = await ask(world, await at_town(world))
    await answer(question, world.far_clerk)
    with pytest.raises(Conflict) as late:
        await answer(question, world.far_clerk)
    assert (late.value.code, late.value.extra) == (
        "question_answered",
        {"by": "松坡镇总工会 周*华", "at": "2026-03-10T09:00:00+08:00"},
    )


async def test_the_doctor_counts_what_is_open(world: World) -> None:
    number = await at_town(world)
    await ask(world, number)
    await ask(world, number, to_union=ids.public(world.county.id), role="dept_aid")
    wrong = "a case waits for other answers than it counts"
    assert wrong not in {one.check for one in await doctor.examine()}
    await database.execute("UPDATE case_file SET open_questions = 1")
    assert [one.examples for one in await doctor.examine() if one.check == wrong] == [[number]]


async def _both_answer(world: World, sequence: int) -> list[bool]:
    question = await ask(world, await at_town(world, sequence=sequence))

    async def one(text: str) -> bool:
        try:
            await answer(question, world.far_clerk, AnswerInput(verdict="agree", text=text))
        except Conflict:
            return False
        return True

    return list(await asyncio.gather(*(one(text) for text in "甲乙丙丁")))


@pytest.mark.race(control="test_control_without_the_guard_a_question_has_two_answers")
async def test_answered_at_once_by_several_one_answer_stands(world: World) -> None:
    for sequence in range(1, 11):
        assert sorted(await _both_answer(world, sequence)) == [False, False, False, True]
    assert await database.scalar("SELECT COUNT(*) FROM case_event WHERE action = 'answer'") == 10
    assert await database.scalar("SELECT COUNT(*) FROM case_file WHERE open_questions <> 0") == 0


@pytest.mark.race(is_control=True)
async def test_control_without_the_guard_a_question_has_two_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "_unanswered", lambda: ("", []))
    with without_lock():
        assert await _both_answer(world, 1) == [True] * 4


@pytest.mark.race(control="test_control_without_the_count_a_question_waits_at_a_closed_case")
async def test_asked_at_the_moment_of_decision_nothing_waits_at_a_closed_case(world: World) -> None:
    for sequence in range(1, 21):
        await _ask_and_reject(world, sequence)
    open_at_closed = "SELECT COUNT(*) FROM case_question WHERE state = 'open'"
    assert await database.scalar(open_at_closed) == 0


@pytest.mark.race(is_control=True)
async def test_control_without_the_count_a_question_waits_at_a_closed_case(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question goes on after its look at the case, as if the case were still there."""
    number = await at_town(world)
    counted = asyncio.Event()

    async def later(case: Case) -> None:
        await counted.wait()

    monkeypatch.setattr(questions, "_count", later)
    with without_lock():
        asking = asyncio.ensure_future(ask(world, number))
        await asyncio.sleep(0.1)
        await decide(number, world.clerk, "reject", 1, comment="不符合条件")
        counted.set()
        await asking
    assert await database.scalar("SELECT COUNT(*) FROM case_question WHERE state = 'open'") == 1


async def _ask_and_reject(world: World, sequence: int) -> None:
    number = await at_town(world, sequence=sequence)
    rejected = decide(number, world.clerk, "reject", 1, comment="不符合条件")
    answers = await asyncio.gather(ask(world, number), rejected, return_exceptions=True)
    assert answers[1] is None
    assert isinstance(answers[0], str | Conflict)
