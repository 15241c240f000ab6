"""The last pieces, and one order moved by many at once; with the guards off too many have them."""

import asyncio

import pytest

from backend.core import database
from backend.mall.commands.ordering import end_unpaid
from backend.mall.enums import OrderState
from backend.mall.queries import orders
from tests.allocation.samples import answers_of
from tests.mall.samples import left, on_sale, order, paid, takings
from tests.unguarded import without_lock, without_words
from tests.vouchers.world import County, broken


async def twenty_for_five(county: County) -> dict[str, int]:
    """Twenty buyers for the last five pieces."""
    goods = await on_sale(county, stock=5)
    people = [await county.member() for _ in range(20)]
    return await answers_of(*(order(goods, one) for one in people))


async def ordered() -> int:
    return await database.scalar("SELECT COUNT(*) FROM mall_order WHERE state = 'pending'")


@pytest.mark.race(control="test_control_without_its_condition_more_is_sold_than_there_is")
async def test_twenty_buyers_for_the_last_five_pieces(county: County) -> None:
    assert await twenty_for_five(county) == {"ok": 5, "goods_sold_out": 15}
    assert (await ordered(), await left()) == (5, 0)
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_more_is_sold_than_there_is(county: County) -> None:
    unguarded = without_words(" AND taken + %s <= capacity", " AND %s > 0")
    with without_lock(), unguarded, without_words("capacity - taken", "1000"):
        await twenty_for_five(county)
    assert await ordered() > 5


async def moved_at_once(county: County) -> int:
    """One order paid, cancelled and timed out by thirty at once; how often it moved."""
    goods, member = await on_sale(county, stock=50), await county.member()
    placed = await order(goods, member, 2)
    row = await orders.own_row(placed.id, member)
    for _ in range(5):  # so that there are pieces to be lost
        await order(goods, await county.member(), 5)
    calls = [paid(county, placed, receipt_no=f"NO-{number}") for number in range(10)]
    ends = [end_unpaid(row, OrderState.LAPSED, county.welfare) for _ in range(20)]
    answers = await asyncio.gather(*calls, *ends, return_exceptions=True)
    return sum(one is None or one is True for one in answers)


@pytest.mark.race(control="test_control_without_its_state_an_order_moves_several_times")
async def test_an_order_is_paid_or_over_and_never_both(county: County) -> None:
    assert await moved_at_once(county) == 1
    assert await takings() in (0, 79_80)
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_state_an_order_moves_several_times(county: County) -> None:
    ended = without_words("ended_at = %s WHERE id = %s AND state = %s", "ended_at = %s WHERE id = %s AND %s <> ''")
    counted = without_words("paid_at = %s WHERE id = %s AND state = %s", "paid_at = %s WHERE id = %s AND %s <> ''")
    with without_lock(), ended, counted:
        assert await moved_at_once(county) > 1
