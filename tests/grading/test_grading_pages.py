"""Pages of appraisals: a year is opened, scored on a tablet, proposed, objected to, published and paid."""

from typing import Any

from backend.core import clock, ids
from backend.core.settings import CONFIG_DIR
from backend.grading import commands, queries
from backend.notifications import templates
from tests.casework.browser import browse
from tests.factories.application import drain
from tests.grading.world import County, broken, points, published, sheet


def form(total: Any) -> dict[str, str]:
    return {f"scores.{key}": str(value) for key, value in points(total).items()}


async def test_the_desk_runs_a_year(county: County, app: Any) -> None:
    chair = await county.chair()
    desk = await browse(app, county.manager)
    first = (await desk.get("/desk/grading")).text
    assert "等着开轮次的人" in first and "2026 年度还没有开轮次" in first and 'href="/desk/grading/scheme"' in first
    new = {"union_id": ids.public(county.union.id), "year": "1999"}
    wrong = await desk.post("/desk/grading", data=new)
    assert (wrong.status_code, 'value="1999"' in wrong.text, 'id="f-year-error"' in wrong.text) == (422, True, True)
    opened = await desk.post("/desk/grading", data=new | {"year": "2026"})
    assert opened.status_code == 303
    at = opened.headers["location"].partition("?")[0]
    panel = {"assessors": [ids.public(one.account_id) for one in county.panel]}
    assert (await desk.post(f"{at}/panel", data=panel)).status_code == 303
    shown = (await desk.get(at)).text
    assert "黄枫镇总工会" in shown and "0 / 3" in shown and "评审组：赵评一、钱评二、孙评三" in shown
    blocked = await desk.post(f"{at}/publish")
    assert (blocked.status_code, "还缺 2 项评分" in blocked.text) == (409, True)
    period = at.rpartition("/")[2]
    town = {"town": ids.public(county.towns[0].id), "assessor": ids.public(county.clerks[1].account_id)}
    assert (await desk.post(f"{at}/town-assessor", data=town)).status_code == 303
    away = await desk.post(f"{at}/absence", data={"assessor": ids.public(county.panel[0].account_id)})
    assert (away.status_code, 'id="f-reason-error"' in away.text) == (422, True)
    person = f"{at}/candidates/{chair.id}"
    assert f'href="{person}"' in (await desk.get(f"{at}/candidates")).text
    short = await desk.post(f"{person}/veto", data={"veto": "law"})
    assert (short.status_code, 'id="f-reason-error"' in short.text, 'value="law" selected' in short.text) == (
        422,
        True,
        True,
    )
    assert (await desk.post(f"{person}/veto", data={"veto": "law", "reason": "查实"})).status_code == 303
    assert "违法违纪：查实" in (await desk.get(person)).text
    assert (await desk.post(f"{person}/veto", data={"veto": "", "reason": "查无此事"})).status_code == 303
    times = {"since": "2026-03-01", "until": "2026-02-01"}
    wrong = await desk.post(f"{person}/times", data=times)
    assert (wrong.status_code, 'id="f-until-error"' in wrong.text) == (422, True)
    assert (await desk.post(f"{person}/times", data={"since": "2026-03-01", "until": ""})).status_code == 303
    await county.score(period, chair, at=1)
    run = (await desk.get(f"{at}/dry-run")).text
    assert "77.15" in run and "2,000.00" in run and "去年没有参加" in run
    assert (await desk.post(f"{at}/publish")).headers["location"] == f"{at}?done=proposed"
    clock.advance(days=8)
    assert (await desk.post(f"{at}/publish")).headers["location"] == f"{at}?done=published"
    assert (await desk.post(f"{at}/subsidies")).status_code == 303
    assert "已经列入待付" in (await desk.get(f"{at}?done=subsidies")).text
    paper = (await desk.get(f"{at}/print")).text
    assert "2026 年度非公企业工会主席等级考核名单" in paper and "补贴合计 2,000.00 元" in paper
    assert (await (await browse(app, county.far)).get(at)).status_code == 404
    assert (await (await browse(app, county.panel[0])).get(at)).status_code == 403
    assert await broken() == []


async def test_an_assessor_scores_one_after_another_and_loses_nothing(county: County, app: Any) -> None:
    first, second = await county.chair(), await county.chair()
    period = await county.period()
    tablet, at = await browse(app, county.panel[0]), f"/desk/grading/{period}/scoring"
    assert f'href="{at}"' in (await tablet.get("/desk/grading")).text
    assert f'href="{at}/{first.id}"' in (await tablet.get(at)).text
    page = (await tablet.get(f"{at}/{first.id}")).text
    assert "第 1 / 2 人" in page and page.count('inputmode="decimal"') == 12
    bad = form(88) | {"scores.policy": "11", "scores.training": "十分", "scores.funds": ""}
    wrong = await tablet.post(f"{at}/{first.id}", data=bad)
    assert wrong.status_code == 422
    assert 'value="十分"' in wrong.text and 'id="f-scores.training-error"' in wrong.text
    wrong = await tablet.post(f"{at}/{first.id}", data=bad | {"scores.training": "9"})
    assert 'value="11"' in wrong.text
    assert 'id="f-scores.policy-error"' in wrong.text and 'id="f-scores.funds-error"' in wrong.text
    saved = await tablet.post(f"{at}/{first.id}", data=form(88))
    assert saved.headers["location"] == f"{at}/{second.id}"
    short = await tablet.post(f"{at}/{second.id}/recusal", data={"reason": ""})
    assert (short.status_code, 'id="f-reason-error"' in short.text) == (422, True)
    done = await tablet.post(f"{at}/{second.id}/recusal", data={"reason": "曾是同事"})
    assert done.headers["location"] == at
    own = (await tablet.get(at)).text
    assert "88.00 分" in own and "已回避" in own and "都评完了" in own
    other = await browse(app, county.panel[1])
    assert "88.00" not in (await other.get(at)).text + (await other.get(f"{at}/{first.id}")).text
    assert (await (await browse(app, county.far)).get(f"{at}/{first.id}")).status_code == 404


async def test_a_chair_reads_the_grade_objects_and_takes_the_certificate(county: County, app: Any) -> None:
    templates.load(CONFIG_DIR)
    chair = await county.chair()
    period = await county.period()
    phone = await browse(app, chair.actor)
    assert 'href="/me/grades"' in (await phone.get("/me")).text
    await sheet(county.clerks[0], period, chair, 88)
    await sheet(county.panel[0], period, chair, "73.21")
    running = (await phone.get("/me/grades")).text
    assert "评分中" in running and "乡镇已评" in running and "评审组 1 / 3" in running and "73.21" not in running
    await county.score(period, chair)
    await commands.publish(county.manager, period=period)
    shown = (await phone.get("/me/grades")).text
    for words in (
        "中级",
        "77.15",
        "评审组评价 80% × 74.00",
        "59.20",
        "每月 200.00 元 × 12 个月",
        "¥2,400.00",
        "12月25日",
    ):
        assert words in shown, words
    assert "综合得分还差 12.85 分" in shown and "补贴 200 × 12 = 2,400 元" in shown
    short = await phone.post(f"/me/grades/{chair.id}/appeal", data={"text": "不服"})
    assert (short.status_code, ">不服</textarea>" in short.text, "至少 5 个字" in short.text) == (422, True, True)
    sent = await phone.post(f"/me/grades/{chair.id}/appeal", data={"text": "漏算了市级表彰"})
    assert "申诉已经交上去" in (await phone.get(sent.headers["location"])).text
    desk = await browse(app, county.manager)
    [objection] = (await queries.period(period, county.manager)).objections
    reply = f"/desk/grading/{period}/appeals/{objection.id}"
    wrong = await desk.post(reply, data={"reply": "不行"})
    assert (wrong.status_code, ">不行</textarea>" in wrong.text) == (422, True)
    assert (await desk.post(reply, data={"reply": "表彰已经计入"})).status_code == 303
    clock.advance(days=8)
    await commands.publish(county.manager, period=period)
    await drain()
    final = (await phone.get("/me/grades")).text
    assert "表彰已经计入" in final and "维持原结果" in final
    address = f"/me/grades/{chair.id}/certificate"
    assert f'href="{address}"' in final
    paper = await phone.get(address)
    assert "非公企业工会主席等级考核通知书" in paper.text and "<svg" in paper.text and "/verify/KHT2026-" in paper.text
    pdf = await phone.get(f"{address}?format=pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    other = await county_stranger(county, app)
    assert (await other.get(address)).status_code == 404


async def county_stranger(county: County, app: Any) -> Any:
    stranger = await county.chair(year=2025)
    return await browse(app, stranger.actor)


async def test_the_desk_shows_the_scheme_with_source_and_version(county: County, app: Any) -> None:
    desk = await browse(app, county.manager)
    shown = (await desk.get("/desk/grading/scheme")).text
    for words in (
        "2021年1月1日",
        "非公企业工会主席等级考核办法（示例）",
        "示例，要换成本县的规定",
        "80%",
        "200.00",
        "弄虚作假",
    ):
        assert words in shown, words
    assert (await (await browse(app, county.panel[0])).get("/desk/grading/scheme")).status_code == 403


async def test_nobody_without_sheets_sees_an_empty_desk(county: County, app: Any) -> None:
    empty = (await (await browse(app, county.panel[0])).get("/desk/grading")).text
    assert "现在没有要评的人" in empty and "开一轮考核" not in empty
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair)
    await published(county, period)
    closed = (await (await browse(app, county.panel[0])).get(f"/desk/grading/{period}/scoring/{chair.id}")).text
    assert "评分不能再改" in closed
