"""From the application to the round: the form that ships, the township and the county, and the notices after it."""

from typing import Any

from backend.casework import commands as casework
from backend.casework import queries as cases
from backend.casework.schemas import DecisionInput, SubmitInput
from backend.core import clock, database, ids, national
from backend.core.settings import CONFIG_DIR
from backend.documents import queries as documents
from backend.grading import commands, queries
from backend.grading.chair_inputs import AppealInput, ReplyInput
from backend.notifications import templates
from tests.factories.application import drain
from tests.grading.world import BIRTHDAY, Chair, County, grade, person, published


def form(county: County, **changes: Any) -> dict[str, Any]:
    return {
        "year": 2026,
        "chair_name": "陈小兰",
        "chair_id": national.synthetic_id_no(BIRTHDAY, 77),
        "post_kind": "chair",
        "union_ref": ids.public(county.units[0].id),
        "in_post_since": "2020-05-01",
        "bank_card": "9999990000000014",
        "self_scores": [{"item": "专业能力", "score": "18.5"}, {"item": "组织能力", "score": "20"}],
        "bonus_items": [{"item": "市级表彰", "score": "5"}],
        "truth_ok": True,
    } | changes


async def apply(county: County, **changes: Any) -> tuple[str, Chair]:
    """Approved by the township and by the county."""
    actor = await person(900)
    number = await casework.submit(slug="chair-grading", data=SubmitInput(form=form(county, **changes)), actor=actor)
    for clerk in (county.clerks[0], county.manager):
        version = await database.scalar("SELECT version FROM case_file WHERE number = %s", number)
        await casework.decide(number=number, data=DecisionInput(action="approve", version=version), actor=clerk)
    found = await database.scalar("SELECT id FROM grading_candidate WHERE case_number = %s", number)
    return number, Chair(ids.public(found), actor)


async def test_an_approved_application_is_in_the_round_with_its_self_assessment(county: County) -> None:
    period = await county.period()
    number, chair = await apply(county)
    assert (await cases.own_case(number, chair.actor)).outcome == {
        "grade": chair.id,
        "text": "编入当年考核，由乡镇总工会和评审组评分",
    }
    [found] = await queries.candidates(period, county.manager)
    assert (found.name, found.self_score, found.months, found.town_name) == ("陈小兰", "43.50", 12, "黄枫镇总工会")
    assert (found.case_number, found.town_assessor_name) == (number, "邹小镇")
    mine = await grade(chair)
    assert (mine.case_number, mine.status) == (number, "scoring")


async def test_more_than_a_hundred_points_of_a_self_assessment_are_a_hundred(county: County) -> None:
    lines = [{"item": f"第{number}项", "score": "20"} for number in range(7)]
    _, chair = await apply(county, self_scores=lines)
    assert (await grade(chair)).progress[0] == "自评 100.00 分"


async def test_the_graded_are_told_and_have_a_certificate_that_can_be_verified(county: County) -> None:
    templates.load(CONFIG_DIR)
    period = await county.period()
    _, chair = await apply(county)
    await county.score(period, chair)
    await commands.publish(county.manager, period=period)
    await drain()
    told = "SELECT event, text FROM notification WHERE account_id = %s AND event LIKE 'grade.%%' ORDER BY id"
    [first] = await database.rows(told, chair.actor.account_id)
    assert first["text"] == (
        "您 2026 年度工会主席等级考核的结果已经算出，正在公示。对结果不服的，12月8日 前在“我的等级”里申诉。"
    )
    assert (await grade(chair)).certificate == ""
    await commands.appeal(chair.actor, grade=chair.id, data=AppealInput(text="请再核实一下"))
    [objection] = (await queries.period(period, county.manager)).objections
    answer = ReplyInput(upheld=False, reply="评分没有差错")
    await commands.reply(county.manager, period=period, objection=objection.id, data=answer)
    clock.advance(days=8)
    await commands.publish(county.manager, period=period)
    await drain()
    titles = [row["event"] for row in await database.rows(told, chair.actor.account_id)]
    assert titles == ["grade.proposed", "grade.answered", "grade.published"]
    assert (await grade(chair)).certificate == f"/me/grades/{chair.id}/certificate"
    paper = await queries.own_certificate(chair.id, chair.actor)
    assert paper.body.table is not None
    assert paper.body.table.rows[2] == ["评审组评价", "80%", "74.00", "59.20"]
    number, code = paper.verify_url.split("/")[-2:]
    verified = await documents.verified(number, code)
    assert verified is not None
    assert (verified.number, verified.subject) == (paper.number, "陈*兰")


async def test_a_published_year_is_paid_to_the_card_of_the_application(county: County) -> None:
    period = await county.period()
    number, chair = await apply(county)
    await county.score(period, chair)
    await published(county, period)
    await commands.record_subsidies(county.manager, period=period)
    [due] = await database.rows("SELECT case_number, payee_name, account_id, amount_fen, card_masked FROM payment_due")
    assert due == {
        "case_number": number,
        "payee_name": "陈小兰",
        "account_id": chair.actor.account_id,
        "amount_fen": 1_200_00,
        "card_masked": national.mask_bank_card("9999990000000014"),
    }
