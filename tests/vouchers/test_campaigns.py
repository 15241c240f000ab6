"""A campaign from its proposal to its opening: by two people, with the money there is, or not at all."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.errors import AppError, Conflict, Forbidden, Invalid
from backend.membership.enums import Outer
from backend.payments import queries as money
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignMode
from backend.vouchers.schemas import CampaignView, PreviewInput
from tests.casework.world import staff
from tests.vouchers.samples import proposal
from tests.vouchers.world import County, broken, decide, opened, proposed


async def left(county: County) -> int:
    return (await money.budget_row(ids.parse(county.budget) or 0)).left_fen


async def state_of(campaign: str) -> str:
    return await database.scalar("SELECT state FROM voucher_campaign WHERE id = %s", ids.parse(campaign))


async def test_a_campaign_is_proposed_by_one_and_approved_by_another(county: County) -> None:
    made = await proposed(county)
    assert (made.state, await state_of(made.id)) == ("proposed", "proposed")
    assert (await queries.public_campaigns()).items == []
    assert await left(county) == 1_000_000_00
    await decide(made.case_number, county.leader)
    assert await left(county) == 1_000_000_00 - 100 * 50_00
    [shown] = (await queries.public_campaigns()).items
    assert shown == CampaignView(
        id=made.id,
        name="三月消费券",
        text="",
        kind="voucher",
        kind_text="消费券",
        mode="claim",
        mode_text="会员领取",
        face_value_fen=50_00,
        threshold_fen=100_00,
        shops=[],
        target_text="全体在册会员",
        total=100,
        per_member=1,
        left=100,
        entered=None,
        opens_at="2026-03-10T09:00:00+08:00",
        closes_at="2026-03-20T18:00:00+08:00",
        valid_until="2026-03-31",
        phase="open",
    )
    assert await broken() == []


async def test_nobody_approves_what_they_proposed(county: County) -> None:
    both = await staff("郑小全", (county.union, "dept_welfare"), (county.union, "leader"))
    made = await commands.propose(data=proposal(budget_id=county.budget), actor=both)
    with pytest.raises(Forbidden) as refused:
        await decide(made.case_number, both)
    assert refused.value.code == "campaign_own_proposal"
    assert await state_of(made.id) == "proposed"
    await decide(made.case_number, county.leader)
    assert await state_of(made.id) == "open"


async def test_what_was_refused_or_withdrawn_opens_nothing(county: County) -> None:
    made = await proposed(county)
    await decide(made.case_number, county.leader, "reject", comment="预算不合适")
    case_id = await database.scalar("SELECT id FROM case_file WHERE number = %s", made.case_number)
    await commands.refuse(case_id=case_id)
    assert await state_of(made.id) == "refused"
    assert await left(county) == 1_000_000_00
    with pytest.raises(AppError):
        await queries.public_campaign(made.id)


async def test_the_same_nonce_is_one_proposal(county: County) -> None:
    data = proposal(budget_id=county.budget)
    first = await commands.propose(data=data, actor=county.welfare, nonce="tap")
    assert await commands.propose(data=data, actor=county.welfare, nonce="tap") == first
    assert await database.scalar("SELECT COUNT(*) FROM voucher_campaign") == 1


@pytest.mark.parametrize(
    ("field", "changes", "message"),
    [
        ("budget_id", {"total": 1_000_000}, "预算不够，只剩 1,000,000.00 元。"),
        ("budget_id", {"budget_id": "0000000000001"}, "请选择一笔本级工会的预算。"),
        ("closes_at", {"closes_at": datetime(2026, 3, 10, 0, tzinfo=UTC)}, "截止时间要晚于开始时间。"),
        (
            "target_rule",
            {"target_rule": "member.height > 180"},
            "没有“member.height”这一项会员资料，可用的有：",
        ),
        (
            "outer",
            {"target_rule": "member.household_province != 43"},
            "条件里用到了户籍省份，请说明包不包括香港、澳门、台湾户籍的会员。",
        ),
        ("valid_until", {"valid_until": date(2026, 3, 19)}, "有效期不能早于活动截止的那一天。"),
        ("face_value_fen", {"face_value_fen": -1}, "面额要大于 0，最多 100,000.00 元。"),
    ],
)
async def test_what_cannot_be_is_said_and_changes_nothing(
    county: County, field: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Invalid) as refused:
        given = {"budget_id": county.budget} | changes
        await commands.propose(data=proposal(**given), actor=county.welfare)
    [problem] = [one for one in refused.value.errors if one.field == field]
    assert problem.message.startswith(message)
    assert await database.scalar("SELECT COUNT(*) FROM voucher_campaign") == 0
    assert await database.scalar("SELECT COUNT(*) FROM case_file") == 0


async def test_a_budget_that_was_spent_meanwhile_refuses_the_approval(county: County) -> None:
    first, second = await proposed(county, total=15_000), await proposed(county, total=15_000, name="四月消费券")
    await decide(first.case_number, county.leader)
    with pytest.raises(Invalid) as refused:
        await decide(second.case_number, county.leader)
    assert (refused.value.code, refused.value.errors[0].message) == (
        "budget_too_small",
        "预算不够，只剩 250,000.00 元。",
    )
    assert await state_of(second.id) == "proposed"
    assert await broken() == []


async def test_a_plan_whose_time_has_passed_is_not_approved(county: County) -> None:
    made = await proposed(county)
    clock.advance(days=11)
    with pytest.raises(Conflict) as late:
        await decide(made.case_number, county.leader)
    assert late.value.detail == "方案还不能执行，截止时间已经过了，请重新填写。"
    assert await state_of(made.id) == "proposed"
    assert await left(county) == 1_000_000_00


async def test_a_preview_says_who_is_meant_and_of_whom_it_is_not_known(county: County) -> None:
    for household in ("43", "44", "44", "", "81"):
        await county.member(household=household)
    rule = PreviewInput(target_rule="member.household_province != 43", outer=Outer.EXCLUDE)
    seen = await queries.preview(rule, county.welfare)
    assert (seen.eligible, seen.unknown, len(seen.sample), len(seen.unknown_sample)) == (2, 1, 2, 1)
    assert seen.sample[0].name == "王*测"
    both = PreviewInput(target_rule="member.household_province != 43", outer=Outer.INCLUDE)
    assert (await queries.preview(both, county.welfare)).eligible == 3
    with pytest.raises(Forbidden):
        await queries.preview(rule, county.leader)


async def test_the_desk_reads_what_becomes_of_it(county: County) -> None:
    campaign = await opened(county, mode=CampaignMode.CLAIM)
    await county.member()
    shown = await queries.desk_campaign(campaign, county.welfare)
    assert (shown.state_text, shown.eligible, shown.issued, shown.budget_fen) == ("进行中", 1, 0, 5_000_00)
    assert [one.id for one in (await queries.desk_campaigns(county.welfare)).items] == [campaign]
    assert (await queries.desk_campaigns(county.leader)).items == []


async def test_a_campaign_over_its_last_day_gives_back_what_it_held(county: County) -> None:
    campaign, member = await opened(county), await county.member()
    await commands.claim(campaign=campaign, actor=member)
    clock.advance(days=21)  # the last day itself
    assert await commands.expire(10) == 0
    clock.advance(days=1)
    assert await commands.expire(10) == 1
    assert await commands.expire(10) == 0
    assert await left(county) == 1_000_000_00
    [mine] = (await queries.own_vouchers(member)).items
    assert (mine.state, mine.state_text) == ("expired", "已过期")
    with pytest.raises(Conflict):
        await queries.scan_code(mine.id, member)
    assert await broken() == []
