"""Results that many publish at once, and a sheet that comes in meanwhile; with the guards off both go wrong."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any

import pytest

from backend.core import database
from backend.core.errors import AppError
from backend.grading import commands
from tests.grading.world import Chair, County, broken, sheet
from tests.unguarded import without_lock, without_words

VERSION, UNGUARDED = " AND version = %s", " AND 0 < %s"


async def outcomes(*attempts: Coroutine[Any, Any, object]) -> Counter[str]:
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    return Counter(
        one.code if isinstance(one, AppError) else type(one).__name__ if isinstance(one, Exception) else "ok"
        for one in answers
    )


async def publications(county: County) -> Counter[str]:
    """Ten at once, of a period of which nothing is missing."""
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair)
    return await outcomes(*(commands.publish(county.manager, period=period) for _ in range(10)))


async def rounds() -> int:
    return await database.scalar("SELECT round FROM grading_period")


@pytest.mark.race(control="test_control_without_the_version_results_are_published_several_times")
async def test_ten_publications_at_once_are_one(county: County) -> None:
    found = await publications(county)
    assert found["ok"] == 1
    assert set(found) <= {"ok", "grading_period_moved", "grading_window_open"}
    assert await rounds() == 1
    assert await database.scalar("SELECT COUNT(*) FROM grading_result") == 1
    assert await database.scalar("SELECT COUNT(*) FROM outbox WHERE topic = 'grading.ResultsProposed'") == 1
    assert await broken() == []


@pytest.mark.race(is_control=True)
async def test_control_without_the_version_results_are_published_several_times(county: County) -> None:
    with without_lock(), without_words(VERSION, UNGUARDED):
        await publications(county)
    assert await rounds() > 1


async def scored_meanwhile(county: County) -> tuple[Counter[str], Decimal, Decimal | None]:
    """Somebody changes their sheet while others publish; the mean of the sheets then, and the one that was frozen."""
    chair = await county.chair()
    period = await county.period()
    await county.score(period, chair, panel=60)
    attempts: list[Coroutine[Any, Any, object]] = []
    for number in range(10):
        attempts.append(_change(county, period, chair, 63 + 3 * number))
        if number % 2:
            attempts.append(commands.publish(county.manager, period=period))
    found = await outcomes(*attempts)
    totals = [
        Decimal(row["total"])
        for row in await database.rows("SELECT total FROM grading_sheet WHERE assessor = 'panel' AND total <> ''")
    ]
    score = await database.scalar("SELECT score FROM grading_result")
    frozen = (Decimal(score) - Decimal("4.75") - Decimal("13.2")) / Decimal("0.8") if score else None
    return found, sum(totals, Decimal(0)) / len(totals), frozen


async def _change(county: County, period: str, chair: Chair, total: int) -> None:
    await sheet(county.panel[0], period, chair, total)


async def again(times: int, county: County) -> int:
    """How often the result is not what the sheets say."""
    wrong = 0
    for _ in range(times):
        found, mean, frozen = await scored_meanwhile(county)
        assert frozen is not None or found["grading_period_moved"] == 5, found
        wrong += frozen is not None and abs(mean - frozen) > Decimal("0.02")
        for table in ("grading_result", "grading_sheet", "grading_panelist", "grading_candidate", "grading_period"):
            await database.execute(f"DELETE FROM {table}")
    return wrong


@pytest.mark.race(control="test_control_without_the_version_a_sheet_is_not_in_the_result")
async def test_a_sheet_is_in_the_result_or_is_refused(county: County) -> None:
    assert await again(4, county) == 0


@pytest.mark.race(is_control=True)
async def test_control_without_the_version_a_sheet_is_not_in_the_result(county: County) -> None:
    touch = "version = version + 1 WHERE id = %s AND state = %s"
    with without_lock(), without_words(VERSION, UNGUARDED), without_words(touch, touch.replace(" AND ", " OR ")):
        assert await again(8, county)
