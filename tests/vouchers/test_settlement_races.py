"""Many who pay one shop at one instant pay it once; with the guard off they pay it again."""

from collections.abc import Coroutine
from typing import Any

import pytest

from backend.core import database
from backend.vouchers import commands
from backend.vouchers.shop_schemas import SettleInput
from tests.allocation.samples import answers_of
from tests.payments.samples import balances
from tests.unguarded import without_lock, without_words
from tests.vouchers.test_settlement import PRICE, pay, took, weeks
from tests.vouchers.tills import Counter
from tests.vouchers.world import County, broken, opened


def payments(county: County, counter: Counter, count: int) -> list[Coroutine[Any, Any, str]]:
    data = SettleInput(amount_fen=3 * PRICE)
    return [commands.settle(county.treasurer, shop=counter.shop, data=data) for _ in range(count)]


@pytest.mark.race(control="test_control_without_its_condition_a_week_is_paid_several_times")
async def test_twenty_who_pay_at_once_pay_once(county: County) -> None:
    counter = await weeks(county)
    assert await answers_of(*payments(county, counter, 20)) == {"ok": 1, "nothing_to_settle": 19}
    assert await database.scalar("SELECT COUNT(*) FROM settlement") == 1
    sums = await balances()
    assert (sums["paid"], sums["payable"]) == (3 * PRICE, PRICE)
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_week_is_paid_several_times(county: County) -> None:
    counter = await weeks(county)
    # What the running week owes would pay for it: the ledger alone does not stop a second payment.
    campaign = await opened(county, name="四月消费券", face_value_fen=PRICE, threshold_fen=0)
    await took(county, counter, campaign, *(f"D-{number}" for number in range(8)))
    words = " AND live IS NOT NULL AND settlement_id IS NULL"
    with without_words(words, " AND live IS NOT NULL"):
        answers = await answers_of(*payments(county, counter, 4))
    assert answers["ok"] > 1
    assert (await balances())["paid"] > 3 * PRICE
    assert "a settlement paid something else than its redemptions" in await broken()


@pytest.mark.race(control="test_control_without_its_condition_a_settlement_is_reversed_several_times")
async def test_a_settlement_reversed_twenty_times_is_owed_once(county: County) -> None:
    counter = await weeks(county)
    made = await pay(county, counter.shop, 3 * PRICE)
    many = [commands.reverse_settlement(county.treasurer, settlement=made.id, reason="账号写错退回") for _ in range(20)]
    assert await answers_of(*many) == {"ok": 20}
    assert (await balances())["payable"] == 4 * PRICE
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'settlement.reversed'") == 1
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_settlement_is_reversed_several_times(county: County) -> None:
    counter = await weeks(county)
    made = await pay(county, counter.shop, 3 * PRICE)
    many = [
        commands.reverse_settlement(county.treasurer, settlement=made.id, reason=f"账号写错退回 {number}")
        for number in range(20)
    ]
    with without_lock(), without_words(" WHERE id = %s AND reversed_at IS NULL", " WHERE id = %s"):
        await answers_of(*many)
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'settlement.reversed'") > 1


@pytest.mark.race(control="test_control_without_its_condition_a_week_is_paid_several_times")
async def test_paying_and_reversing_at_once_ends_in_one_of_both(county: County) -> None:
    counter = await weeks(county)
    made = await pay(county, counter.shop, 3 * PRICE)
    back = commands.reverse_settlement(county.treasurer, settlement=made.id, reason="账号写错退回")
    await answers_of(back, *payments(county, counter, 10))
    live = await database.scalar("SELECT COUNT(*) FROM settlement WHERE reversed_at IS NULL")
    assert live in (0, 1)
    assert (await balances())["payable"] == PRICE + (0 if live else 3 * PRICE)
    assert await broken() == []
