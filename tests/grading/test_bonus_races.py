"""Ten decide about the same person's bonus of a year at once: one is granted and paid; without the key several are."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

import pytest

from backend.bindings import workers
from backend.core import database, ids
from backend.core.errors import AppError
from backend.grading import commands
from backend.grading.enums import YearResult
from tests.grading.register import Register, number_of
from tests.grading.test_worker_cases import approved
from tests.grading.world import County, published
from tests.unguarded import without_keys, without_words

VERSION, UNGUARDED = " WHERE id = %s AND version = %s", " WHERE id = %s AND 0 < %s"


async def appraised(register: Register) -> str:
    worker = await register.hire(date(2020, 6, 1))
    await register.appraised(worker, (2025, YearResult.COMPETENT))
    return await number_of(worker)


async def grant_and_pay(register: Register, number: str, case: int) -> int:
    """Of one case: granted by its approval, then due."""
    bonus = {"biz_kind": "bonus", "worker_id": number, "appraise_year": 2025, "bonus_amount": 300_000}
    decided = approved(register, case, **bonus)
    await workers.write_worker(decided, {})
    return (await workers.pay_worker_bonus(decided, {}))["due_fen"]


async def ten_at_once(register: Register, number: str) -> Counter[str]:
    answers = await asyncio.gather(
        *(grant_and_pay(register, number, case) for case in range(1, 11)), return_exceptions=True
    )
    return Counter(one.code if isinstance(one, AppError) else str(one) for one in answers)


async def due_fen() -> int:
    return await database.scalar("SELECT CAST(COALESCE(SUM(amount_fen), 0) AS SIGNED) FROM payment_due")


@pytest.mark.race(control="test_control_without_its_key_a_bonus_is_paid_several_times")
async def test_a_bonus_of_a_year_is_paid_once_of_ten_at_once(register: Register) -> None:
    found = await ten_at_once(register, await appraised(register))
    assert found["300000"] == 1
    assert set(found) <= {"300000", "bonus_granted", "worker_changed"}
    assert await database.scalar("SELECT COUNT(*) FROM social_worker_bonus") == 1
    assert await due_fen() == 300_000


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_bonus_is_paid_several_times(register: Register) -> None:
    number = await appraised(register)
    async with without_keys("social_worker_bonus"):
        with without_words(VERSION, UNGUARDED):
            await ten_at_once(register, number)
    assert await due_fen() > 300_000


async def test_the_same_bonus_paid_twice_pays_nothing_more(register: Register) -> None:
    number = await appraised(register)
    assert await grant_and_pay(register, number, 1) == 300_000
    assert await grant_and_pay(register, number, 1) == 300_000
    with pytest.raises(AppError) as other:
        await grant_and_pay(register, number, 2)
    assert other.value.code == "bonus_granted"
    assert await due_fen() == 300_000


async def subsidies_at_once(county: County) -> list[int]:
    """Ten write down the subsidies of one published year: 2,400 yuan of one chair. How many each says are new."""
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair)
    await published(county, period)
    made = await asyncio.gather(
        *(commands.record_subsidies(county.manager, period=period) for _ in range(10)), return_exceptions=True
    )
    return [one.recorded for one in made if not isinstance(one, BaseException)]


@pytest.mark.race(control="test_control_without_its_key_a_subsidy_is_due_several_times")
async def test_a_subsidy_is_due_once_of_ten_at_once_and_never_again(
    county: County, freeze: Callable[[str], datetime]
) -> None:
    recorded = await subsidies_at_once(county)
    assert (sum(recorded), await due_fen()) == (1, 2_400_00)
    clock_says = freeze("2026-12-28T09:00:00+08:00")
    assert clock_says.year == 2026
    period = (await database.rows("SELECT id FROM grading_period"))[0]["id"]
    again = await commands.record_subsidies(county.manager, period=ids.public(period))
    assert (again.recorded, again.total_fen, await due_fen()) == (0, 2_400_00, 2_400_00)


@pytest.mark.race(is_control=True)
async def test_control_without_its_key_a_subsidy_is_due_several_times(county: County) -> None:
    absent = " ON CONFLICT(`key`) DO NOTHING" if database.is_sqlite() else " ON DUPLICATE KEY UPDATE `key` = `key`"
    async with without_keys("payment_due"):
        with without_words(absent):
            recorded = await subsidies_at_once(county)
        total = await due_fen()
    assert sum(recorded) > 1
    assert total > 2_400_00
