"""A year of appraisals by the commands and by the doors: sheets, what blocks, results, objections, subsidies."""

from datetime import date
from typing import Any

import httpx
import msgspec
import pytest

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import AppError, Invalid, NotFound
from backend.grading import commands, queries
from backend.grading.chair_inputs import (
    AbsenceInput,
    AppealInput,
    NewPeriod,
    PanelInput,
    PostInput,
    RecusalInput,
    ReplyInput,
    SheetInput,
    TownInput,
    VetoInput,
)
from backend.grading.enums import BandRule
from backend.grading.schemes import ChairScheme, Schemes
from tests.casework.browser import browse
from tests.casework.world import staff
from tests.grading.samples import CHAIRS, SCHEMES
from tests.grading.world import County, broken, grade, points, published, sheet


async def refusal(awaitable: Any) -> str:
    with pytest.raises(AppError) as caught:
        await awaitable
    return caught.value.code


async def send(app: Any, actor: Actor, path: str, body: Any = None, status: int = 200) -> Any:
    answer: httpx.Response = await (await browse(app, actor)).post(f"/api/v1{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_year_from_the_sheets_to_the_grades(county: County, app: Any) -> None:
    """By the doors of the contract: self 95, town 88, panel 74 are 77.15 points, the middle grade, 2,400 yuan."""
    chair = await county.chair()
    at = "/desk/grading"
    union = ids.public(county.union.id)
    period = (await send(app, county.manager, at, {"union_id": union, "year": 2026}, 201))["period"]["id"]
    panel = [ids.public(one.account_id) for one in county.panel]
    await send(app, county.manager, f"{at}/{period}/panel", {"assessors": panel})
    early = await send(app, county.manager, f"{at}/{period}/publish", status=409)
    assert early["code"] == "grading_missing"
    assert [line["what"] for line in early["missing"]] == ["乡镇评价：邹小镇", "评审组：赵评一、钱评二、孙评三"]
    body = {"candidate": chair.id, "scores": {key: str(value) for key, value in points(88).items()}}
    made = await send(app, county.clerks[0], f"{at}/{period}/sheets", body, 201)
    assert (made["assessor"], made["total"]) == ("town", "88.00")
    for member, total in zip(county.panel, (70, 74, 78), strict=True):
        scores = {key: float(value) for key, value in points(total).items()}
        await send(app, member, f"{at}/{period}/sheets", {"candidate": chair.id, "scores": scores}, 201)
    shown = await send(app, county.manager, f"{at}/{period}/publish")
    assert (shown["state"], shown["objections_until"]) == ("proposed", "2026-12-08")
    early = await send(app, county.manager, f"{at}/{period}/publish", status=409)
    assert (early["code"], "2026-12-08" in early["detail"]) == ("grading_window_open", True)
    clock.advance(days=8)
    assert (await send(app, county.manager, f"{at}/{period}/publish"))["state"] == "published"
    again = await send(app, county.manager, f"{at}/{period}/publish", status=409)
    assert again["code"] == "grading_published_already"
    mine = (await (await browse(app, chair.actor)).get("/api/v1/me/grades")).json()["items"]
    [mine] = mine
    assert (mine["scheme"], mine["period"], mine["status"]) == ("chair-grading", "2026", "published")
    assert (mine["grade"], mine["grade_name"], mine["score"]) == ("middle", "中级", "77.15")
    assert mine["parts"] == [
        {"name": "自评", "weight": 5, "score": "95.00", "points": "4.75"},
        {"name": "乡镇评价", "weight": 15, "score": "88.00", "points": "13.20"},
        {"name": "评审组评价", "weight": 80, "score": "74.00", "points": "59.20"},
    ]
    assert mine["subsidy"] == {"monthly_fen": 200_00, "months": 12, "total_fen": 2_400_00, "paid_on": "2026-12-25"}
    assert mine["veto"] is None
    assert mine["next"] == {
        "grade": "高级",
        "missing": ["综合得分还差 12.85 分", "自评和乡镇评价不变，评审组平均分要到 90.07 分"],
        "on": None,
    }
    assert mine["explanation"][0] == "综合得分 4.75 + 13.20 + 59.20 = 77.15 分。"
    assert mine["explanation"][-1] == "补贴 200 × 12 = 2,400 元，年终一次发给本人。"
    assert await broken() == []


LINES = (90, "89.99", "89.5", 89, 75, "74.99", 60, "59.99", 59, 0, 100)
FLOOR = ("高级", "中级", "中级", "中级", "中级", "初级", "初级", "未定等级", "未定等级", "未定等级", "高级")
HALF_UP = ("高级", "高级", "高级", "中级", "中级", "中级", "初级", "初级", "未定等级", "未定等级", "高级")


@pytest.mark.parametrize(("rule", "wanted"), [(BandRule.FLOOR, FLOOR), (BandRule.HALF_UP, HALF_UP)])
async def test_boundaries_of_the_bands(
    county: County, app: Any, schemes: Any, rule: BandRule, wanted: tuple[str, ...]
) -> None:
    """The same score of everybody is the score of the whole."""
    version = msgspec.structs.replace(CHAIRS, band_rule=rule)
    schemes(Schemes(ChairScheme(slug="chair-grading", name="考核", versions=(version,)), SCHEMES.workers))
    chairs = [await county.chair(self_score=str(line)) for line in LINES]
    period = await county.period()
    for chair, line in zip(chairs, LINES, strict=True):
        await county.score(period, chair, town=line, panel=line)
    await commands.publish(county.manager, period=period)
    found = []
    for chair, line in zip(chairs, LINES, strict=True):
        [mine] = (await (await browse(app, chair.actor)).get("/api/v1/me/grades")).json()["items"]
        assert float(mine["score"]) == float(line)
        found.append(mine["grade_name"])
    assert tuple(found) == wanted


async def test_a_whole_year_costs_what_was_reported_and_is_due_once(county: County, app: Any) -> None:
    """None of the highest grade, four of the middle, ten of the lowest: 9,600 + 12,000 = 21,600 yuan."""
    chairs = [await county.chair(town=number % 2) for number in range(14)]
    period = await county.period()
    for number, chair in enumerate(chairs):
        await county.score(period, chair, panel=74 if number < 4 else 58, at=number % 2)
    at = f"/desk/grading/{period}"
    assert (await send(app, county.manager, f"{at}/subsidies", status=409))["code"] == "grading_not_published"
    await published(county, period)
    for recorded in (14, 0):
        made = await send(app, county.manager, f"{at}/subsidies")
        assert made == {"recorded": recorded, "count": 14, "total_fen": 21_600_00}
    assert await refusal(commands.publish(county.manager, period=period)) == "grading_published_already"
    dues = await database.rows("SELECT programme, amount_fen FROM payment_due ORDER BY amount_fen DESC")
    assert [one["amount_fen"] for one in dues] == [2_400_00] * 4 + [1_200_00] * 10
    assert {one["programme"] for one in dues} == {"chair-grading"}
    run = await queries.dry_run(period, county.manager)
    assert (run.total_fen, [(one.name, one.count) for one in run.grades]) == (
        21_600_00,
        [("高级", 0), ("中级", 4), ("初级", 10), ("未定等级", 0)],
    )
    assert await broken() == []


async def test_subsidies_wait_for_the_end_of_the_year(county: County) -> None:
    clock.advance(days=-60)
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair)
    await commands.publish(county.manager, period=period)
    clock.advance(days=20)
    await commands.publish(county.manager, period=period)
    assert await refusal(commands.record_subsidies(county.manager, period=period)) == "grading_pay_early"


async def test_one_person_is_appraised_once_a_year_of_however_many_unions(county: County) -> None:
    await county.chair(id_no="110101198005060019")
    second = county.chair(town=1, id_no="110101198005060019")
    assert await refusal(second) == "grading_enrolled_already"
    again = await county.chair(case_id=1)
    assert again.id == county.chairs[0].id
    assert await database.scalar("SELECT COUNT(*) FROM grading_candidate") == 1


async def test_months_in_post_make_the_subsidy(county: County) -> None:
    """Two chairs of one union share its year."""
    left = await county.chair(until=date(2026, 6, 14))
    came = await county.chair(since=date(2026, 6, 15))
    period = await county.period()
    for chair in (left, came):
        await county.score(period, chair)
    late = PostInput(candidate=came.id, since=date(2026, 6, 16))
    await commands.set_time_in_post(county.manager, period=period, data=late)
    await commands.publish(county.manager, period=period)
    subsidies = [(await grade(chair)).subsidy for chair in (left, came)]
    assert [(one.months, one.total_fen) for one in subsidies if one] == [(5, 1_000_00), (6, 1_200_00)]


async def test_a_veto_takes_grade_and_subsidy_and_keeps_the_score(county: County, app: Any) -> None:
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair, panel=95)
    at = f"/desk/grading/{period}/vetoes"
    wrong = await send(app, county.manager, at, {"candidate": chair.id, "veto": "weather", "reason": "下雨"}, 422)
    assert wrong["code"] == "grading_veto_unknown"
    await send(app, county.manager, at, {"candidate": chair.id, "veto": "fraud", "reason": "虚报活动两场"})
    await commands.publish(county.manager, period=period)
    found = await grade(chair)
    assert (found.grade_name, found.score, found.subsidy) == ("未定等级", "93.95", None)
    assert found.veto is not None and (found.veto.name, found.veto.reason) == ("弄虚作假", "虚报活动两场")
    assert found.next is not None and (found.next.grade, found.next.missing) == ("高级", ["没有一票否决情形"])


async def test_who_is_missing_blocks_and_is_named(county: County) -> None:
    chair = await county.chair()
    period = await county.period()
    await sheet(county.clerks[0], period, chair, 88)
    for member in county.panel[:2]:
        await sheet(member, period, chair, 74)
    assert await refusal(commands.publish(county.manager, period=period)) == "grading_missing"
    away = AbsenceInput(assessor=ids.public(county.panel[2].account_id), reason="住院")
    nobody = AbsenceInput(assessor=ids.public(county.clerks[0].account_id), reason="出差")
    refused = commands.mark_absent(county.manager, period=period, data=nobody)
    assert await refusal(refused) == "grading_absent_only_panel"
    assert await commands.mark_absent(county.manager, period=period, data=away) == 1
    # Two are fewer than the scheme asks for: the weight is not spread over whoever is left.
    [missing] = (await queries.period(period, county.manager)).missing
    assert missing.what == "评审组只有 2 张评分，至少要 3 张"
    fourth = await staff("李评四", (county.union, "leader"))
    panel = [ids.public(one.account_id) for one in (*county.panel, fourth)]
    await commands.set_panel(county.manager, period=period, data=PanelInput(assessors=panel))
    await sheet(fourth, period, chair, 77)
    await commands.publish(county.manager, period=period)
    assert (await grade(chair)).parts[2].score == "75.00"


async def test_a_township_without_an_assessor_is_given_one_and_weights_stay(county: County) -> None:
    second = await staff("黄小二", (county.towns[0], "desk"))  # two at one desk: nobody is chosen by chance
    chair = await county.chair()
    period = await county.period()
    found = await queries.period(period, county.manager)
    assert found.missing[0].what == "没有指定乡镇评价人"
    town = TownInput(assessor=ids.public(second.account_id), town=ids.public(county.towns[0].id))
    await commands.set_town_assessor(county.manager, period=period, data=town)
    assert await refusal(sheet(county.clerks[0], period, chair, 60)) == "not_found"
    recusal = RecusalInput(candidate=chair.id, reason="是我表弟")
    await commands.recuse(second, period=period, data=recusal)
    found = await queries.period(period, county.manager)
    assert found.missing[0].what == "乡镇评价人黄小二回避，要另行指定"
    other = TownInput(assessor=ids.public(county.clerks[0].account_id), candidate=chair.id)
    await commands.set_town_assessor(county.manager, period=period, data=other)
    await county.score(period, chair, town=60)
    await commands.publish(county.manager, period=period)
    assert [(part.weight, part.score) for part in (await grade(chair)).parts][1] == (15, "60.00")


async def test_recusal_in_the_panel_and_no_second_sheet_for_the_township(county: County) -> None:
    """The township's own assessor sits in the panel: of that candidate they have one sheet and are not waited for."""
    chair, other = await county.chair(), await county.chair(town=1)
    period = await county.period()
    both = [ids.public(one.account_id) for one in (*county.panel, county.clerks[0])]
    await commands.set_panel(county.manager, period=period, data=PanelInput(assessors=both))
    await county.score(period, chair)
    await sheet(county.clerks[0], period, other, 80)
    await county.score(period, other, at=1)
    assert (await queries.period(period, county.manager)).missing == []
    reason = RecusalInput(candidate=chair.id, reason="曾是同事")
    await commands.recuse(county.panel[0], period=period, data=reason)
    [missing] = (await queries.period(period, county.manager)).missing
    assert missing.what == "评审组只有 2 张评分，至少要 3 张"
    again = TownInput(assessor=ids.public(county.panel[1].account_id), candidate=chair.id)
    refused = commands.set_town_assessor(county.manager, period=period, data=again)
    assert await refusal(refused) == "grading_scored_twice"


async def test_nobody_scores_themselves_or_sits_in_their_own_panel(county: County) -> None:
    period = await county.period()
    refused = county.chair(account_id=county.panel[0].account_id)
    assert await refusal(refused) == "grading_is_panelist"
    await county.chair(account_id=county.clerks[1].account_id)
    panel = PanelInput(assessors=[ids.public(county.clerks[1].account_id)])
    refused = commands.set_panel(county.manager, period=period, data=panel)
    assert await refusal(refused) == "grading_is_panelist"


async def test_the_highest_and_the_lowest_are_left_out_when_the_scheme_says_so(county: County, schemes: Any) -> None:
    rule = msgspec.structs.replace(CHAIRS.panel, drop_extremes=True)
    version = msgspec.structs.replace(CHAIRS, panel=rule)
    schemes(Schemes(ChairScheme(slug="chair-grading", name="考核", versions=(version,)), SCHEMES.workers))
    county.panel = [*county.panel, *[await staff(name, (county.union, "leader")) for name in ("李评四", "周评五")]]
    chair = await county.chair()
    period = await county.period()
    await sheet(county.clerks[0], period, chair, 88)
    for member, total in zip(county.panel, (0, 70, 75, 80, 100), strict=True):
        await sheet(member, period, chair, total)
    await commands.publish(county.manager, period=period)
    found = await grade(chair)
    assert found.parts[2].score == "75.00"
    assert "评审组得分是 3 张评分的平均分，去掉最高分和最低分共 2 张。" in found.explanation


async def test_a_sheet_names_every_item_that_is_wrong(county: County) -> None:
    chair = await county.chair()
    period = await county.period()
    scores = points(88) | {"policy": points(88)["policy"] + 1, "weather": points(1)["policy"]}
    del scores["funds"]
    data = SheetInput(candidate=chair.id, scores=scores)
    with pytest.raises(Invalid) as caught:
        await commands.score(county.panel[0], period=period, data=data)
    assert [(one.field, one.message) for one in caught.value.errors] == [
        ("scores.policy", "“熟悉工会政策和劳动法规”要打 0 到 10 分，最多两位小数。"),
        ("scores.funds", "请给“经费收缴和管理”打分。"),
        ("scores", "有一项不在考核办法里，请刷新后重新打分。"),
    ]


async def test_nobody_sees_the_sheet_of_another(county: County, app: Any) -> None:
    """An assessor finds their own, the manager who is done, another county nothing; and the chair only numbers."""
    chair = await county.chair()
    period = await county.period()
    await sheet(county.clerks[0], period, chair, "87.65")
    await sheet(county.panel[0], period, chair, "76.54")
    at, api = f"/desk/grading/{period}", "/api/v1"
    secret = ("87.65", "76.54", "7.65", "6.54")
    for actor in (county.panel[1], county.manager, county.far, chair.actor):
        browser = await browse(app, actor)
        for path in ("", "/candidates", "/sheets", "/dry-run"):
            text = (await browser.get(f"{api}{at}{path}")).text
            assert not [one for one in secret if one in text], (actor.display, path)
        assert not [one for one in secret if one in (await browser.get(f"{api}/me/grades")).text]
    own = (await (await browse(app, county.panel[0])).get(f"{api}{at}/sheets")).json()
    assert own[0]["total"] == "76.54"
    for actor in (county.far, county.clerks[1]):
        assert (await (await browse(app, actor)).get(f"{api}{at}/sheets")).status_code == 404
    assert (await (await browse(app, county.far)).get(f"{api}{at}")).status_code == 404
    assert (await (await browse(app, county.far)).get(f"{api}/desk/grading")).json() == {"items": []}
    assert (await (await browse(app, county.panel[0])).get(f"{api}{at}")).status_code == 403
    with pytest.raises(NotFound):
        await sheet(county.far, period, chair, 80)
    mine = await grade(chair)
    assert (mine.status, mine.grade, mine.progress) == (
        "scoring",
        "",
        ["自评 95.00 分", "乡镇已评", "评审组 1 / 3"],
    )


async def test_a_chair_reads_their_grade_and_nobody_elses_sheet(county: County, app: Any) -> None:
    chair, other = await county.chair(), await county.chair()
    period = await county.period()
    await county.score(period, chair)
    await county.score(period, other, panel=90)
    await commands.publish(county.manager, period=period)
    browser = await browse(app, chair.actor)
    [mine] = (await browser.get("/api/v1/me/grades")).json()["items"]
    assert (mine["id"], mine["grade"]) == (chair.id, "middle")
    refused = await browser.post(f"/api/v1/me/grades/{other.id}/appeals", json={"text": "他的分数太高了"})
    assert refused.status_code == 404
    stranger = await browse(app, await staff("路人甲", (county.union, "panel")))
    assert (await stranger.get("/api/v1/me/grades")).status_code == 403


async def test_an_objection_that_holds_opens_the_scores_again(county: County, app: Any) -> None:
    chair, other = await county.chair(), await county.chair()
    period = await county.period()
    for one in (chair, other):
        await county.score(period, one)
    early = await send(app, chair.actor, f"/me/grades/{chair.id}/appeals", {"text": "先申诉一下"}, 409)
    assert early["code"] == "grading_appeal_closed"
    await commands.publish(county.manager, period=period)
    assert (await grade(chair)).may_appeal
    await send(app, chair.actor, f"/me/grades/{chair.id}/appeals", {"text": "漏算了市级表彰"}, 201)
    twice = commands.appeal(chair.actor, grade=chair.id, data=AppealInput(text="漏算了市级表彰"))
    assert await refusal(twice) == "grading_appealed_already"
    await commands.appeal(other.actor, grade=other.id, data=AppealInput(text="评审太严格了"))
    clock.advance(days=8)
    assert await refusal(commands.publish(county.manager, period=period)) == "grading_objections_open"
    first, second = (await queries.period(period, county.manager)).objections[::-1]
    at = f"/desk/grading/{period}/appeals"
    await send(app, county.manager, f"{at}/{second.id}/reply", {"upheld": False, "reply": "评分没有差错"})
    await send(app, county.manager, f"{at}/{first.id}/reply", {"upheld": True, "reply": "补上市级表彰"})
    done = await send(app, county.manager, f"{at}/{first.id}/reply", {"upheld": True, "reply": "补上市级表彰"}, 409)
    assert done["code"] == "grading_answered_already"
    found = await grade(chair)
    assert (found.status, found.grade, found.appeal and found.appeal.state_text) == (
        "scoring",
        "",
        "申诉成立，重新评分",
    )
    for member in county.panel:
        await sheet(member, period, chair, 79)
    await published(county, period)
    assert [(await grade(one)).score for one in (chair, other)] == ["81.15", "77.15"]
    assert await database.scalar("SELECT round FROM grading_period") == 2
    assert await broken() == []


async def test_a_scheme_that_changes_in_the_year_leaves_rounds_and_results_as_they_were(
    county: County, schemes: Any
) -> None:
    chair, late = await county.chair(), await county.chair(year=2025)
    period = await county.period()
    await county.score(period, chair)
    await commands.publish(county.manager, period=period)
    before = msgspec.json.encode(await grade(chair))
    bands = tuple(msgspec.structs.replace(band, monthly_fen=band.monthly_fen * 2) for band in CHAIRS.bands)
    weights = {"self": 10, "town": 10, "panel": 80}
    newer = msgspec.structs.replace(CHAIRS, bands=bands, weights=weights)  # edited in place, under the same date
    schemes(Schemes(ChairScheme(slug="chair-grading", name="考核", versions=(newer,)), SCHEMES.workers))
    assert msgspec.json.encode(await grade(chair)) == before
    clock.advance(days=8)
    await commands.publish(county.manager, period=period)
    made = await commands.record_subsidies(county.manager, period=period)
    assert made.total_fen == 2_400_00
    # The period that is opened afterwards goes by the new rules.
    second = await county.period(2025)
    await county.score(second, late)
    await commands.publish(county.manager, period=second)
    found = await grade(late)
    assert ([part.weight for part in found.parts], found.subsidy and found.subsidy.monthly_fen) == (
        [10, 10, 80],
        400_00,
    )


async def test_a_dry_run_shows_what_changed_since_the_year_before(county: County) -> None:
    number = "110101198005060019"
    last = await county.chair(year=2025, id_no=number)
    before = await county.period(2025)
    await county.score(before, last, panel=58)
    await published(county, before)
    now = await county.chair(id_no=number)
    new, waiting = await county.chair(), await county.chair()
    period = await county.period()
    for chair in (now, new):
        await county.score(period, chair)
    run = await queries.dry_run(period, county.manager)
    assert [(line.grade_name, line.before_grade, line.before_score, line.change) for line in run.lines] == [
        ("中级", "初级", "64.35", "初级 → 中级"),
        ("中级", "", "", "去年没有参加"),
    ]
    assert {line.candidate for line in run.missing} == {waiting.id}
    assert (run.total_fen, run.before_total_fen) == (4_800_00, 1_200_00)
    assert [(one.count, one.before) for one in run.grades] == [(0, 0), (2, 0), (0, 1), (0, 0)]
    assert await database.scalar("SELECT COUNT(*) FROM grading_result WHERE period_id = %s", ids.parse(period)) == 0


async def test_a_period_takes_in_who_waited_for_it(county: County) -> None:
    chair = await county.chair()
    assert (await grade(chair)).status == "enrolled"
    assert [one.what for one in await queries.unplaced(county.manager)] == ["2026 年度还没有开轮次"]
    assert await queries.unplaced(county.far) == []
    town = NewPeriod(union_id=ids.public(county.towns[0].id), year=2026)
    assert await refusal(commands.open_period(county.manager, data=town)) == "grading_needs_county"
    await county.period()
    assert (await grade(chair)).status == "scoring"
    assert await refusal(county.period()) == "grading_period_exists"
    assert await refusal(county.period(2027)) == "grading_year_wrong"
    assert await queries.unplaced(county.manager) == []


async def test_no_self_assessment_counts_nothing_or_blocks_as_the_scheme_says(county: County, schemes: Any) -> None:
    none = await county.chair(self_score=None)
    period = await county.period()
    await county.score(period, none, town=100, panel=75)
    await commands.publish(county.manager, period=period)
    found = await grade(none)
    assert (found.parts[0].points, found.score) == ("0.00", "75.00")
    assert "没有自评，自评按 0 分算。" in found.explanation
    strict = msgspec.structs.replace(CHAIRS, missing_self="blocks")
    strict = msgspec.convert(msgspec.to_builtins(strict), type(CHAIRS))
    schemes(Schemes(ChairScheme(slug="chair-grading", name="考核", versions=(strict,)), SCHEMES.workers))
    other = await county.chair(self_score=None, year=2025)
    period = await county.period(2025)
    await county.score(period, other)
    [missing] = (await queries.period(period, county.manager)).missing
    assert missing.what == "没有自评"
    excused = AbsenceInput(assessor="self", reason="本人病重")
    await commands.mark_absent(county.manager, period=period, data=excused)
    assert (await queries.period(period, county.manager)).missing == []


async def test_a_closed_round_takes_nobody_and_no_sheet(county: County) -> None:
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair)
    await commands.publish(county.manager, period=period)
    assert await refusal(county.chair()) == "grading_not_scoring"
    assert await refusal(sheet(county.panel[0], period, chair, 99)) == "grading_not_scoring"
    veto = VetoInput(candidate=chair.id, veto="law", reason="查实")
    assert await refusal(commands.set_veto(county.manager, period=period, data=veto)) == "grading_not_scoring"
    assert await refusal(commands.reply(county.manager, period=period, objection="0000000000001",
                                        data=ReplyInput(upheld=True, reply="没有这件事"))) == "not_found"  # fmt: skip
