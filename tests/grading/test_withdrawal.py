"""Somebody leaves the post in the middle of a year: nobody waits for their sheets, and what is there stays."""

from datetime import date
from typing import Any

import msgspec
import pytest

from backend.core import clock, database
from backend.core.settings import CONFIG_DIR
from backend.grading import commands, queries
from backend.grading.chair_inputs import VetoInput, WithdrawalInput
from backend.grading.schemes import ChairScheme, Schemes
from backend.notifications import templates
from tests.casework.browser import browse
from tests.factories.application import drain
from tests.grading.samples import CHAIRS, SCHEMES
from tests.grading.test_rounds import refusal, send
from tests.grading.world import Chair, County, broken, grade, published, sheet

LEFT = date(2026, 6, 30)


async def withdraw(
    county: County, period: str, chair: Chair, on: date | None = LEFT, why: str = "调到外地工作"
) -> None:
    data = WithdrawalInput(candidate=chair.id, on=on, reason=why)
    await commands.withdraw(county.manager, period=period, data=data)


def without_leavers() -> Schemes:
    rule = msgspec.structs.replace(CHAIRS.part_year, leavers=False)
    version = msgspec.structs.replace(CHAIRS, part_year=rule)
    return Schemes(ChairScheme(slug="chair-grading", name="考核", versions=(version,)), SCHEMES.workers)


async def test_a_round_waits_no_longer_for_whoever_left(county: County, app: Any) -> None:
    """By the door: one sheet of three is there, it stays, and the other chair is published without waiting."""
    stays, leaves = await county.chair(), await county.chair(town=1)
    period = await county.period()
    await county.score(period, stays)
    await sheet(county.panel[0], period, leaves, 80)
    at = f"/desk/grading/{period}"
    assert (await send(app, county.manager, f"{at}/publish", status=409))["code"] == "grading_missing"
    body = {"candidate": leaves.id, "on": "2026-06-30", "reason": "调到外地工作"}
    shown = {one["id"]: one for one in await send(app, county.manager, f"{at}/withdrawals", body)}
    out = shown[leaves.id]
    assert (out["withdrawn_on"], out["withdrawn_reason"], out["graded"]) == ("2026-06-30", "调到外地工作", False)
    assert (out["missing"], out["months"], shown[stays.id]["withdrawn_on"]) == ([], 6, None)
    assert [one["state"] for one in out["sheets"]].count("已评分") == 1
    progress = await queries.period(period, county.manager)
    assert (progress.missing, [one.name for one in progress.towns]) == ([], ["黄枫镇总工会"])
    assert [(one.done, one.wanted) for one in progress.panel] == [(1, 1)] * 3
    assert await refusal(sheet(county.panel[1], period, leaves, 70)) == "grading_withdrawn"
    assert (await send(app, county.manager, f"{at}/publish"))["state"] == "proposed"
    assert await database.scalar("SELECT COUNT(*) FROM grading_result") == 1
    assert await database.scalar("SELECT COUNT(*) FROM grading_sheet WHERE state = 'scored'") == 5
    run = await queries.dry_run(period, county.manager)
    assert [one.candidate for one in run.lines] == [stays.id]
    assert [(one.name, one.on, one.reason, one.graded) for one in run.withdrawn] == [
        ("王小三", LEFT, "调到外地工作", False)
    ]
    mine = await grade(leaves)
    assert (mine.status, mine.status_text, mine.subsidy) == ("withdrawn", "已退出考核", None)
    assert mine.progress == ["2026年6月30日离任，已经退出这一轮考核：调到外地工作"]
    clock.advance(days=8)
    await commands.publish(county.manager, period=period)
    assert (await commands.record_subsidies(county.manager, period=period)).count == 1
    assert await commands.issue_certificates(await database.scalar("SELECT id FROM grading_period"))
    assert (await grade(leaves)).certificate == ""
    detail = await database.scalar("SELECT detail FROM audit WHERE action = 'grading.withdrawn'")
    assert "2026-06-30" in detail and "调到外地工作" in detail
    assert await broken() == []


@pytest.mark.parametrize(("leavers", "subsidy"), [(True, 1_200_00), (False, None)])
async def test_part_of_a_year_is_paid_where_the_scheme_says_so(
    county: County, schemes: Any, leavers: bool, subsidy: int | None
) -> None:
    """All sheets are there: with 77.15 points the middle grade for six months of 200 yuan, or nothing at all."""
    schemes(SCHEMES if leavers else without_leavers())
    chair, other = await county.chair(), await county.chair()
    period = await county.period()
    for one in (chair, other):
        await county.score(period, one)
    await withdraw(county, period, chair)
    await published(county, period)
    found = await grade(chair)
    assert (found.subsidy.total_fen if found.subsidy else None) == subsidy
    assert (found.grade_name, found.score) == (("中级", "77.15") if leavers else ("", ""))
    if leavers:
        assert "2026-06-30 离任退出考核，按已有的评分和任职的月数算。" in found.explanation
        assert "当年在任 6 个月，每月 15 日在任算一个月。" in found.explanation
    made = await commands.record_subsidies(county.manager, period=period)
    assert made.total_fen == 2_400_00 + (subsidy or 0)
    [line] = (await queries.dry_run(period, county.manager)).withdrawn
    assert line.graded is leavers
    assert await broken() == []


async def test_after_results_are_shown_only_their_own_result_follows(county: County, schemes: Any) -> None:
    chair, other = await county.chair(), await county.chair()
    period = await county.period()
    for one in (chair, other):
        await county.score(period, one)
    await commands.publish(county.manager, period=period)
    await withdraw(county, period, chair, date(2026, 3, 14))
    found = (await grade(chair)).subsidy
    assert found is not None and (found.months, found.total_fen) == (2, 400_00)
    whole = (await grade(other)).subsidy
    assert whole is not None and whole.total_fen == 2_400_00
    assert await refusal(withdraw(county, period, chair, None, "登记错了")) == "grading_not_scoring"
    clock.advance(days=8)
    await commands.publish(county.manager, period=period)
    assert await refusal(withdraw(county, period, other)) == "grading_published_already"
    assert await broken() == []


async def test_a_withdrawal_is_checked_and_can_be_taken_back(county: County) -> None:
    chair = await county.chair(since=date(2026, 2, 1))
    period = await county.period()
    for day in (date(2026, 1, 31), date(2026, 12, 2)):
        assert await refusal(withdraw(county, period, chair, day)) == "grading_withdrawn_outside"
    assert await refusal(withdraw(county, period, chair, why=" ")) == "grading_reason_missing"
    assert await refusal(withdraw(county, period, chair, None)) == "grading_not_withdrawn"
    data = WithdrawalInput(candidate=chair.id, on=LEFT, reason="离任")
    assert await refusal(commands.withdraw(county.far, period=period, data=data)) == "not_found"
    await withdraw(county, period, chair)
    assert await refusal(withdraw(county, period, chair)) == "grading_withdrawn_already"
    assert await refusal(commands.publish(county.manager, period=period)) == "grading_nobody"
    await withdraw(county, period, chair, None, "登记错了")
    [back] = await queries.candidates(period, county.manager)
    assert (back.withdrawn_on, back.months, len(back.missing)) == (None, 11, 2)
    await county.score(period, chair)
    await commands.set_veto(county.manager, period=period, data=VetoInput(candidate=chair.id, reason="没有"))
    assert (await commands.publish(county.manager, period=period)).state == "proposed"
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'grading.returned'") == 1


async def test_whoever_is_withdrawn_is_told(county: County) -> None:
    templates.load(CONFIG_DIR)
    chair = await county.chair()
    period = await county.period()
    await withdraw(county, period, chair)
    for _ in range(2):
        await drain()
    told = await database.rows(
        "SELECT title, text FROM notification WHERE account_id = %s AND event = 'grade.withdrawn'",
        chair.actor.account_id,
    )
    assert [one["title"] for one in told] == ["您已退出这一年的等级考核"]
    assert "2026年6月30日 离任" in told[0]["text"]


async def test_the_desk_withdraws_on_the_page_of_a_candidate(county: County, app: Any) -> None:
    chair, other = await county.chair(), await county.chair()
    period = await county.period()
    await county.score(period, other)
    desk, at = await browse(app, county.manager), f"/desk/grading/{period}"
    person = f"{at}/candidates/{chair.id}"
    wrong = await desk.post(f"{person}/withdrawal", data={"on": "2027-01-01", "reason": "调走了"})
    assert (wrong.status_code, "调走了" in wrong.text, 'id="f-w-on-error"' in wrong.text) == (422, True, True)
    made = await desk.post(f"{person}/withdrawal", data={"on": "2026-06-30", "reason": "调走了"})
    assert made.headers["location"] == f"{person}?done=withdrawn"
    shown = (await desk.get(f"{person}?done=withdrawn")).text
    assert "已退出考核，6月30日离任" in shown and "撤销退出" in shown and "评过的分还在" in shown
    assert "已退出" in (await desk.get(f"{at}/candidates")).text
    for page in ("", "/dry-run", "/print"):
        text = (await desk.get(f"{at}{page}")).text
        assert "退出考核的人" in text and "6月30日离任：调走了" in text, page
    tablet = await browse(app, county.panel[0])
    assert "已退出" in (await tablet.get(f"{at}/scoring")).text
    assert "这个人已退出考核" in (await tablet.get(f"{at}/scoring/{chair.id}")).text
    assert "已退出考核" in (await (await browse(app, chair.actor)).get("/me/grades")).text
    assert (
        (await desk.post(f"{person}/withdrawal", data={"reason": "登记错了"})).headers["location"].endswith("returned")
    )
    assert "这个人已退出考核" not in (await tablet.get(f"{at}/scoring/{chair.id}")).text
