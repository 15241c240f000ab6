"""One voucher at two tills at one instant is used once; with the guards off it is used several times."""

import asyncio

import pytest

from backend.core import database, ids
from backend.vouchers import commands
from tests.allocation.samples import answers_of
from tests.payments.samples import balances
from tests.unguarded import without_keys, without_lock, without_words
from tests.vouchers.tills import Counter, redeem, shop_of, voucher_of
from tests.vouchers.world import County, broken, opened


async def uses() -> int:
    return await database.scalar("SELECT COUNT(*) FROM redemption WHERE live IS NOT NULL")


async def at_two_tills(county: County) -> tuple[Counter, str]:
    """Of several vouchers in members' hands one, so that there is money to be lost."""
    counter = await shop_of(county)
    campaign = await opened(county)
    for _ in range(9):
        await voucher_of(county, campaign)
    return counter, (await voucher_of(county, campaign))[0].code


@pytest.mark.race(control="test_control_without_state_and_keys_a_voucher_is_used_several_times")
async def test_sixty_four_uses_of_one_voucher_are_one(county: County) -> None:
    counter, code = await at_two_tills(county)
    tills = (counter.first, counter.second)
    answers = await answers_of(*(redeem(tills[number % 2], code, f"A-{number}") for number in range(64)))
    assert answers == {"ok": 1, "already_redeemed": 63}
    assert await uses() == 1
    assert (await balances())["payable"] == 50_00
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_state_and_keys_a_voucher_is_used_several_times(county: County) -> None:
    counter, code = await at_two_tills(county)
    # Without a key of its own a use without its state is stopped by the next guard; both are off here.
    words = "version = version + 1 WHERE id = %s AND state = %s"
    async with without_keys("redemption"):
        with without_lock(), without_words(words, "version = version + 1 WHERE id = %s AND %s <> ''"):
            answers = await answers_of(*(redeem(counter.first, code, f"A-{number}") for number in range(20)))
        assert answers["ok"] > 1
        assert await uses() > 1


@pytest.mark.race(control="test_control_without_state_and_keys_a_voucher_is_used_several_times")
async def test_one_receipt_fifty_times_is_one_use(county: County) -> None:
    counter, code = await at_two_tills(county)
    made = await asyncio.gather(*(redeem(counter.first, code) for _ in range(50)))
    assert len({one.id for one in made}) == 1
    assert (await uses(), (await balances())["payable"]) == (1, 50_00)


@pytest.mark.race(control="test_control_without_state_and_keys_a_voucher_is_used_several_times")
async def test_one_receipt_for_many_vouchers_is_one_use(county: County) -> None:
    counter = await shop_of(county)
    campaign = await opened(county)
    many = [(await voucher_of(county, campaign))[0].code for _ in range(16)]
    answers = await answers_of(*(redeem(counter.first, code) for code in many))
    assert answers == {"ok": 1, "receipt_used": 15}
    assert await database.scalar("SELECT COUNT(*) FROM voucher WHERE state = 'redeemed'") == 1
    assert await broken() == []


@pytest.mark.race(control="test_control_without_its_condition_a_use_is_undone_several_times")
async def test_a_use_undone_twenty_times_comes_back_once(county: County) -> None:
    counter, code = await at_two_tills(county)
    taken = await redeem(counter.first, code)
    many = [commands.undo(redemption=taken.id, reason="误刷", actor=counter.first) for _ in range(20)]
    assert len({one.undone_at for one in await asyncio.gather(*many)}) == 1
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'redemption.undone'") == 1
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_a_use_is_undone_several_times(county: County) -> None:
    counter, code = await at_two_tills(county)
    taken = await redeem(counter.first, code)
    undoing = without_words(" WHERE id = %s AND live IS NOT NULL", " WHERE id = %s")
    words = "version = version + 1 WHERE id = %s AND state = %s"
    tills = (counter.first, counter.second)  # in turn: a row is changed where it says something else than before
    with without_lock(), undoing, without_words(words, "version = version + 1 WHERE id = %s AND %s <> ''"):
        await answers_of(
            *(commands.undo(redemption=taken.id, reason="误刷", actor=tills[number % 2]) for number in range(20))
        )
    assert await database.scalar("SELECT COUNT(*) FROM audit WHERE action = 'redemption.undone'") > 1


@pytest.mark.race(control="test_control_without_state_and_keys_a_voucher_is_used_several_times")
async def test_using_and_undoing_at_once_ends_in_one_of_both(county: County) -> None:
    counter, code = await at_two_tills(county)
    for number in range(5):
        taken = await redeem(counter.first, code, f"A-{number}")
        await answers_of(
            commands.undo(redemption=taken.id, reason="误刷", actor=counter.second),
            *(redeem(till, code, f"B-{number}-{till.account_id}") for till in (counter.first, counter.second)),
        )
        assert await broken() == []
        live = await database.rows("SELECT id FROM redemption WHERE live IS NOT NULL")
        for row in live:
            await _undo(counter, row["id"])


async def _undo(counter: Counter, redemption_id: int) -> None:
    await commands.undo(redemption=ids.public(redemption_id), reason="误刷", actor=counter.first)
