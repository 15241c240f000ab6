"""Handing out: the list once, each member on it one voucher, however often and wherever it is begun."""

import pytest

from backend.core import database, ids
from backend.core.errors import Conflict
from backend.membership.enums import Outer
from backend.payments import queries as money
from backend.vouchers import commands, queries
from backend.vouchers.commands import distribution
from backend.vouchers.enums import CampaignMode
from tests.allocation.samples import answers_of
from tests.unguarded import without_keys, without_lock, without_words
from tests.vouchers.world import County, broken, opened

RULE = {"target_rule": "member.household_province != 43", "outer": Outer.EXCLUDE}


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "PART", 7)


async def begun(county: County, *, total: int = 100) -> tuple[str, int]:
    """A targeted campaign that is being handed out; its public id and the distribution's."""
    campaign = await opened(county, mode=CampaignMode.TARGETED, total=total, **RULE)
    await commands.distribute(campaign=campaign, actor=county.welfare)
    return campaign, await database.scalar("SELECT id FROM voucher_distribution")


async def finished(distribution_id: int) -> None:
    while not await commands.run(distribution_id):
        pass


async def owners() -> list[int]:
    return [row["member_id"] for row in await database.rows("SELECT member_id FROM voucher ORDER BY member_id")]


async def meant() -> list[int]:
    sql = "SELECT id FROM member WHERE household_province = '44' ORDER BY id"
    return [row["id"] for row in await database.rows(sql)]


async def test_everybody_who_is_meant_has_one(county: County, small_parts: None) -> None:
    await county.roll(30, household="44")
    await county.roll(5)
    await county.roll(3, household="")
    await county.roll(2, household="81")
    campaign, distribution_id = await begun(county)
    await finished(distribution_id)
    assert await owners() == await meant()
    shown = await queries.desk_campaign(campaign, county.welfare)
    assert (shown.eligible, shown.unknown, shown.issued) == (30, 3, 30)
    assert shown.distribution is not None
    assert (shown.distribution.state, shown.distribution.percent) == ("done", 100)
    budget = await money.budget_row(ids.parse(county.budget) or 0)
    assert (budget.held_fen, budget.left_fen) == (70 * 50_00, 1_000_000_00 - 100 * 50_00)
    assert await broken() == []


async def test_a_list_longer_than_the_plan_is_not_begun(county: County) -> None:
    await county.roll(11, household="44")
    campaign, distribution_id = await begun(county, total=10)
    await finished(distribution_id)
    shown = await queries.desk_campaign(campaign, county.welfare)
    assert shown.distribution is not None
    assert (shown.distribution.state, shown.issued) == ("failed", 0)
    assert shown.distribution.problem.startswith("符合条件的会员比批准的总数多")
    await database.execute("DELETE FROM member WHERE id = %s", (await meant())[0])
    await commands.distribute(campaign=campaign, actor=county.welfare)
    await finished(distribution_id)
    assert len(await owners()) == 10
    assert await broken() == []


async def test_it_is_stopped_and_goes_on_where_it_was(county: County, small_parts: None) -> None:
    await county.roll(20, household="44")
    campaign, distribution_id = await begun(county)
    found = await distribution.Distribution.get(id=distribution_id)
    await distribution._freeze(found)
    await distribution._hand_out(await distribution.Distribution.get(id=distribution_id))
    await commands.stop(campaign=campaign, actor=county.welfare)
    await finished(distribution_id)
    assert len(await owners()) == 7
    with pytest.raises(Conflict) as refused:
        await commands.stop(campaign=campaign, actor=county.welfare)
    assert refused.value.code == "distribution_not_running"
    await county.roll(5, household="44")  # who comes later is not on the list
    await commands.distribute(campaign=campaign, actor=county.welfare)
    await finished(distribution_id)
    assert await owners() == (await meant())[:20]
    assert await broken() == []


async def test_starting_it_often_is_starting_it_once(county: County, small_parts: None) -> None:
    await county.roll(20, household="44")
    campaign, distribution_id = await begun(county)
    for _ in range(3):
        await commands.distribute(campaign=campaign, actor=county.welfare)
    await finished(distribution_id)
    await commands.distribute(campaign=campaign, actor=county.welfare)
    await finished(distribution_id)
    assert await owners() == await meant()
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'vouchers.DistributionStarted'") == 1


@pytest.mark.race(control="test_control_without_its_cursor_parts_are_handed_out_again")
async def test_eight_workers_at_once_hand_out_each_part_once(county: County, small_parts: None) -> None:
    await county.roll(40, household="44")
    _, distribution_id = await begun(county)
    await answers_of(*(commands.run(distribution_id) for _ in range(8)))
    await finished(distribution_id)
    assert await owners() == await meant()
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_cursor_parts_are_handed_out_again(county: County, small_parts: None) -> None:
    await county.roll(40, household="44")
    _, distribution_id = await begun(county)
    found = await distribution.Distribution.get(id=distribution_id)
    await distribution._freeze(found)
    stale = await distribution.Distribution.get(id=distribution_id)
    async with without_keys("voucher"), without_keys("ledger_posting"), without_keys("outbox"):
        with without_lock(), without_words(" AND next_part = %s AND state = %s", " AND %s >= 0 AND %s <> ''"):
            for _ in range(2):
                await distribution._hand_out(stale)
        assert len(await owners()) > len(set(await owners()))


async def test_only_a_targeted_campaign_is_handed_out(county: County) -> None:
    campaign = await opened(county)
    with pytest.raises(Conflict) as refused:
        await commands.distribute(campaign=campaign, actor=county.welfare)
    assert refused.value.code == "campaign_not_distributed"
