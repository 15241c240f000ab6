"""A voucher for joining: one each while there are some and the campaign is open, however often the news comes."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.core import clock, database
from backend.core.settings import CONFIG_DIR
from backend.membership.enums import Outer
from backend.membership.events import MemberAdmitted
from backend.notifications import templates
from backend.vouchers import commands, queries
from backend.vouchers.enums import CampaignKind, CampaignMode
from tests.unguarded import without_lock, without_words
from tests.vouchers.world import County, broken, opened
from workers import reactions


async def welcomes(county: County, **more: Any) -> str:
    return await opened(county, kind=CampaignKind.WELCOME, mode=CampaignMode.TARGETED, **more)


async def owners() -> list[int]:
    return [row["member_id"] for row in await database.rows("SELECT member_id FROM voucher ORDER BY id")]


async def test_who_joins_has_one_and_is_told_once(county: County) -> None:
    templates.load(CONFIG_DIR)
    await welcomes(county, name="入会礼券")
    member = await county.member()
    for _ in range(2):
        assert await reactions.vouchers.give_welcome(MemberAdmitted(member_id=member.member_id or 0), "again")
    [voucher] = (await queries.own_vouchers(member)).items
    assert (voucher.name, voucher.state) == ("入会礼券", "issued")
    told = await database.rows("SELECT account_id, event FROM notification")
    assert [(row["account_id"], row["event"]) for row in told] == [(member.account_id, "voucher.issued")]
    assert await broken() == []


async def test_none_is_left_none_is_given(county: County) -> None:
    await welcomes(county, total=2)
    people = [await county.member() for _ in range(4)]
    given = [len(await commands.welcome(one.member_id or 0)) for one in people]
    assert given == [1, 1, 0, 0]
    assert await owners() == [one.member_id for one in people[:2]]
    assert await broken() == []


async def test_only_those_who_are_meant_and_only_while_it_is_open(county: County) -> None:
    await welcomes(county, target_rule="member.household_province != 43", outer=Outer.EXCLUDE)
    meant, other, unknown = [await county.member(household=code) for code in ("44", "43", "")]
    assert [len(await commands.welcome(one.member_id or 0)) for one in (meant, other, unknown)] == [1, 0, 0]
    clock.freeze(datetime(2026, 3, 20, 10, 0, tzinfo=UTC))
    late = await county.member(household="44")
    assert await commands.welcome(late.member_id or 0) == []
    assert await owners() == [meant.member_id]


async def test_what_was_not_given_goes_back_to_the_budget(county: County) -> None:
    campaign = await welcomes(county, total=10)
    await commands.welcome((await county.member()).member_id or 0)
    clock.freeze(datetime(2026, 4, 2, tzinfo=UTC))
    assert await commands.expire(20) == 1
    shown = await queries.desk_campaign(campaign, county.welfare)
    assert (shown.issued, shown.expired, shown.state) == (1, 1, "closed")
    assert await broken() == []


async def twenty_for_five(county: County) -> int:
    """Twenty join at once while five are left; how many vouchers there are then."""
    await welcomes(county, total=5)
    people = [await county.member() for _ in range(20)]
    await asyncio.gather(*(commands.welcome(one.member_id or 0) for one in people), return_exceptions=True)
    return len(await owners())


@pytest.mark.race(control="test_control_without_its_condition_too_many_are_given")
async def test_twenty_at_once_get_the_five_that_are_there(county: County) -> None:
    assert await twenty_for_five(county) == 5
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_too_many_are_given(county: County) -> None:
    """Nor without the money: the hold is worth five."""
    unguarded = without_words(" AND taken + %s <= capacity", " AND %s > 0")
    no_money = without_words("(balance_fen + %s >= 0 OR kind = %s)", "%s <> 0 AND %s <> ''")
    with without_lock(), unguarded, without_words("capacity - taken", "1000"), no_money:
        assert await twenty_for_five(county) > 5
