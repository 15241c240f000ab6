"""The page on which a campaign is drawn up: counted before it is proposed, mistakes at their fields, nothing lost."""

import re
from typing import Any

from backend.vouchers import queries
from tests.casework.browser import browse, hidden
from tests.vouchers.tills import shop_of
from tests.vouchers.world import County, decide

AT = "/desk/voucher-campaigns/new"
SHOP = "望城老街饭店"


def typed(county: County, **changes: Any) -> dict[str, Any]:
    given = {
        "name": "春季消费券",
        "kind": "voucher",
        "face_value_fen": "50",
        "threshold_fen": "100.00",
        "total": "200",
        "text": "一次用一张",
        "mode": "claim",
        "per_member": "2",
        "aim": "all",
        "opens_at": "2026-03-11T09:00",
        "closes_at": "2026-03-20T18:00",
        "valid_until": "2026-03-31",
        "budget_id": county.budget,
        "submission_key": "typed once",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def errors_of(page: str) -> dict[str, str]:
    """What is said beside each field, by the id of its message."""
    return dict(re.findall(r'id="f-(\w+)-error">.*?<span>([^<]+)</span>', page))


async def test_a_plan_is_drawn_up_and_goes_to_approval(county: County, app: Any) -> None:
    await shop_of(county)
    desk = await browse(app, county.welfare)
    assert 'href="/desk/voucher-campaigns/new"' in (await desk.get("/desk/voucher-campaigns")).text
    page = (await desk.get(AT)).text
    assert "2026 年 普惠消费券，剩 1,000,000.00 元" in page and SHOP in page
    made = await desk.post(AT, data=typed(county, submission_key=hidden(page, "submission_key"), shops=[SHOP]))
    assert made.status_code == 303
    shown = await queries.desk_campaign(made.headers["location"].rpartition("/")[2], county.welfare)
    assert (shown.name, shown.state, shown.total, shown.budget_fen) == ("春季消费券", "proposed", 200, 10_000_00)
    await decide(shown.case_number, county.leader)
    [public] = (await queries.public_campaigns()).items
    assert (public.face_value_fen, public.threshold_fen, public.per_member) == (50_00, 100_00, 2)
    assert (public.opens_at, public.shops) == ("2026-03-11T09:00:00+08:00", [SHOP])


async def test_the_same_page_sent_twice_is_one_plan(county: County, app: Any) -> None:
    desk = await browse(app, county.welfare)
    first, second = [await desk.post(AT, data=typed(county)) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]


async def test_who_is_meant_is_counted_before_anything_is_proposed(county: County, app: Any) -> None:
    await county.roll(30, household="44")
    await county.roll(4, household="")
    await county.roll(6, household="99")
    desk = await browse(app, county.welfare)
    given = typed(county, aim="outside", outer="exclude", mode="targeted", total="20")
    page = (await desk.post("/desk/voucher-campaigns/preview", data=given)).text
    assert "户籍省份不是本省（不包括香港、澳门、台湾户籍）" in page
    assert "30 人</strong>" in page and "有 4 人的资料里缺少条件要看的一项" in page and "总数不够" in page
    assert 'value="春季消费券"' in page and "王*测" in page and "1,000.00 元" in page
    assert (await queries.desk_campaigns(county.welfare)).items == []


async def test_groups_are_ticked_and_make_a_rule(county: County, app: Any) -> None:
    for group in ("courier", "courier", "ride"):
        await county.member(group=group)
    desk = await browse(app, county.welfare)
    given = typed(county, aim="groups", groups=["courier", "delivery"])
    assert "就业群体是快递员、外卖配送员" in (await desk.post("/desk/voucher-campaigns/preview", data=given)).text
    made = await desk.post(AT, data=given)
    shown = await queries.desk_campaign(made.headers["location"].rpartition("/")[2], county.welfare)
    assert (shown.target_text, shown.eligible) == ("就业群体是快递员、外卖配送员", 2)


async def test_every_mistake_is_said_beside_its_field_and_nothing_is_lost(county: County, app: Any) -> None:
    desk = await browse(app, county.welfare)
    wrong = typed(
        county, name="春", face_value_fen="五十", threshold_fen="-3", total="", aim="groups", valid_until="哪天"
    )
    refused = await desk.post(AT, data=wrong)
    assert refused.status_code == 422
    said = errors_of(refused.text)
    assert {"face_value_fen", "threshold_fen", "total", "groups", "valid_until"} == set(said)
    assert said["threshold_fen"] == "金额不能是负数。" and said["groups"] == "请至少选一个群体。"
    assert 'value="五十"' in refused.text and 'value="春"' in refused.text and "一次用一张" in refused.text
    cases = {
        "closes_at": ({"closes_at": "2026-03-11T08:00"}, "截止时间要晚于开始时间。"),
        "name": ({"name": "春"}, "名称要 2 到 60 个字。"),
        "budget_id": ({"total": "900000"}, ""),
        "target_rule": ({"aim": "rule", "target_rule": "member.salary > 3"}, ""),
        "outer": ({"aim": "outside"}, ""),
    }
    for field, (change, words) in cases.items():
        page = await desk.post(AT, data=typed(county, submission_key=field, **change))
        said = errors_of(page.text)
        assert page.status_code in (422, 409) and set(said) == {field}, (field, said)
        assert said[field] == words or not words
    assert (await queries.desk_campaigns(county.welfare)).items == []


async def test_a_rule_that_is_not_understood_is_said_at_the_preview(county: County, app: Any) -> None:
    desk = await browse(app, county.welfare)
    page = await desk.post("/desk/voucher-campaigns/preview", data=typed(county, aim="rule", target_rule="member.x =="))
    assert page.status_code == 422 and set(errors_of(page.text)) == {"target_rule"}
    assert 'value="member.x =="' in page.text


async def test_a_budget_that_is_too_small_is_said_at_the_budget(county: County, app: Any) -> None:
    desk = await browse(app, county.welfare)
    page = await desk.post(AT, data=typed(county, face_value_fen="5000", total="100000"))
    assert set(errors_of(page.text)) == {"budget_id"} and "剩 1,000,000.00 元" in page.text


async def test_nobody_else_draws_up_a_plan(county: County, app: Any) -> None:
    other = await browse(app, county.leader)
    assert (await other.get(AT)).status_code == 403
    assert (await other.post(AT, data=typed(county))).status_code == 403
