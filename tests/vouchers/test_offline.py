"""What a till takes without a connection: booked once, within its limit, and what cannot be is listed."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import Forbidden, Invalid
from backend.vouchers import codes, commands, queries
from backend.vouchers.enums import ShopState
from backend.vouchers.shop_schemas import OfflineAnswer, OfflineInput, OfflineItem, OfflineOffer, OfflineTerms
from backend.web import limits
from tests.payments.samples import balances
from tests.unguarded import without_lock, without_words
from tests.vouchers.tills import redeem, scanned, shop_of, voucher_of
from tests.vouchers.world import County, broken, opened


@pytest.fixture(autouse=True)
async def _count_afresh(settings: Any) -> None:
    limits.configure(settings)


def item(code: str, receipt_no: str, *, amount_fen: int = 120_00, at: datetime | None = None) -> OfflineItem:
    return OfflineItem(code=code, amount_fen=amount_fen, receipt_no=receipt_no, scanned_at=at or clock.now())


async def sync(cashier: Actor, *items: OfflineItem) -> OfflineAnswer:
    return await commands.sync(data=OfflineInput(items=list(items)), actor=cashier)


def told(answer: OfflineAnswer) -> list[tuple[str, str]]:
    return [(one.receipt_no, one.code or "ok") for one in answer.items]


async def test_what_was_taken_without_a_connection_is_booked_and_conflicts_are_listed(county: County) -> None:
    here, there = await shop_of(county, offline_limit_fen=500_00), await shop_of(county, "黄枫超市")
    campaign = await opened(county)
    brought = [await voucher_of(county, campaign) for _ in range(3)]
    pictures = [await scanned(*one) for one in brought]
    taken_at = clock.now()
    clock.advance(minutes=30)
    await redeem(there.first, brought[1][0].code, "B-1")
    clock.advance(hours=15)
    items = [
        item(pictures[0], "A-1", at=taken_at),
        item(pictures[1], "A-2", at=taken_at),
        item(pictures[2], "A-3", at=taken_at, amount_fen=99_99),
        item(pictures[2], "A-4", at=taken_at + timedelta(seconds=91)),
        item(brought[2][0].code, "A-5", at=taken_at),
        item(pictures[2], "", at=taken_at),
        item(pictures[2], "A-1", at=taken_at),
    ]
    answer = await sync(here.first, *items)
    assert told(answer) == [
        ("A-1", "ok"),
        ("A-2", "already_redeemed"),
        ("A-3", "below_threshold"),
        ("A-4", "code_stale"),
        ("A-5", "voucher_unknown"),
        ("", "invalid_fields"),
        ("A-1", "receipt_used"),
    ]
    assert (answer.accepted, answer.conflicts) == (1, 6)
    assert answer.items[1].detail == "这张券已经用过：3月10日 09:30 在“黄枫超市”由收银员01核销。"
    booked = answer.items[0].redemption
    assert booked is not None
    assert (booked.at, booked.day, booked.offline) == ("2026-03-10T09:00:00+08:00", "2026-03-11", True)
    assert await sync(here.second, *items) == answer
    assert (await balances())["payable"] == 100_00
    assert await database.scalar("SELECT SUM(used_fen) FROM shop_offline_day") == 50_00
    assert await broken() == []


async def test_a_till_is_told_with_what_it_goes_on(county: County) -> None:
    counter = await shop_of(county, offline_limit_fen=80_00)
    voucher, member = await voucher_of(county)
    picture = await scanned(voucher, member)
    await opened(county, name="只在别处用", shops=["黄枫超市"])
    [mine] = [one for one in (await queries.public_campaigns()).items if one.shops == []]
    offer = OfflineOffer(
        campaign_id=mine.id, name=mine.name, worth_fen=50_00, least_fen=100_00, valid_until=mine.valid_until
    )
    assert await queries.offline_terms(counter.first) == OfflineTerms(
        shop_id=counter.shop,
        public_key=codes.public_key(),
        scan_seconds=60,
        limit_fen=80_00,
        left_fen=80_00,
        keep_hours=72,
        shop_name="望城老街饭店",
        offers=[offer],
    )
    await sync(counter.first, item(picture, "A-1"))
    assert (await queries.offline_terms(counter.second)).left_fen == 30_00
    assert codes.holds_for((await queries.offline_terms(counter.first)).public_key, picture)
    with pytest.raises(Forbidden):
        await queries.offline_terms(county.welfare)


async def test_what_is_over_the_limit_is_not_booked(county: County) -> None:
    counter, strict = await shop_of(county, offline_limit_fen=50_00), await shop_of(county, "黄枫超市")
    campaign = await opened(county)
    pictures = [await scanned(*await voucher_of(county, campaign)) for _ in range(2)]
    items = [item(picture, f"A-{number}") for number, picture in enumerate(pictures)]
    answer = await sync(counter.first, *items)
    assert told(answer) == [("A-0", "ok"), ("A-1", "offline_over_limit")]
    assert answer.items[1].detail == "超过门店当天的离线核销限额 50.00 元，这一笔没有核销。"
    assert await database.scalar("SELECT COUNT(*) FROM redemption") == 1
    assert told(await sync(strict.first, items[1])) == [("A-1", "offline_over_limit")]
    assert await broken() == []


async def test_a_till_keeps_what_it_took_for_three_days(county: County) -> None:
    counter = await shop_of(county, offline_limit_fen=500_00)
    campaign = await opened(county)
    pictures = [await scanned(*await voucher_of(county, campaign)) for _ in range(2)]
    taken_at = clock.now()
    clock.advance(hours=72)
    # Without an offset it is meant in China.
    in_time = item(pictures[0], "A-1", at=clock.local(taken_at).replace(tzinfo=None))
    assert told(await sync(counter.first, in_time)) == [("A-1", "ok")]
    clock.advance(seconds=1)
    for at, code in (
        (taken_at, "offline_too_late"),
        (clock.now() + timedelta(seconds=31), "offline_future"),
        (datetime(1, 1, 1), "offline_too_late"),  # noqa: DTZ001 - a till that says nothing of its offset
    ):
        answer = await sync(counter.first, item(pictures[1], "A-2", at=at))
        assert told(answer) == [("A-2", code)]
        assert answer.items[0].detail.endswith("。")
    # What was booked once has its answer for ever.
    assert told(await sync(counter.first, in_time)) == [("A-1", "ok")]


async def test_a_stopped_shop_and_too_many_at_once(county: County) -> None:
    counter = await shop_of(county, offline_limit_fen=500_00)
    picture = await scanned(*await voucher_of(county))
    with pytest.raises(Invalid) as many:
        await sync(counter.first, *[item(picture, "A-1")] * 201)
    assert many.value.code == "offline_too_many"
    await commands.set_shop_state(county.welfare, shop=counter.shop, state=ShopState.STOPPED)
    assert told(await sync(counter.first, item(picture, "A-1"))) == [("A-1", "shop_stopped")]


async def at_once(county: County) -> tuple[int, int]:
    """Six uses from six connections against a limit of two: how many were booked, and what was counted."""
    counter = await shop_of(county, offline_limit_fen=100_00)
    campaign = await opened(county)
    pictures = [await scanned(*await voucher_of(county, campaign)) for _ in range(6)]
    answers = await asyncio.gather(
        *(sync(counter.first, item(picture, f"A-{number}")) for number, picture in enumerate(pictures))
    )
    shop_id = ids.parse(counter.shop)
    used = await database.scalar("SELECT used_fen FROM shop_offline_day WHERE id LIKE %s", f"{shop_id}:%")
    return sum(answer.accepted for answer in answers), used


@pytest.mark.race(control="test_control_without_its_condition_the_limit_is_none")
async def test_six_at_once_stay_within_the_limit(county: County) -> None:
    assert await at_once(county) == (2, 100_00)
    assert await database.scalar("SELECT COUNT(*) FROM redemption") == 2
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_the_limit_is_none(county: County) -> None:
    with without_lock(), without_words("used_fen + %s <= %s", "%s <= %s + used_fen + 100000000"):
        accepted, used = await at_once(county)
    assert accepted > 2
    assert used > 100_00
