"""Claims of one person that are granted at once: the cap of the year holds, and without its guard it does not."""

from datetime import date

import pytest

from backend.aid import commands
from backend.aid.claim_schemas import Grant
from backend.core import database
from tests.aid.plans import VERSION
from tests.allocation.samples import answers_of
from tests.casework.world import World
from tests.unguarded import without_words


def grant(case_id: int, amount_fen: int) -> Grant:
    return Grant(
        case_id=case_id,
        case_number=f"MA2026-{case_id:06d}",
        person_index="a" * 32,
        plan="hospital",
        plan_since=VERSION.since,
        year=2026,
        admitted_on=date(2026, 5, 1),
        base_fen=amount_fen,
        deductible_fen=0,
        amount_fen=amount_fen,
    )


async def granted() -> int:
    return int(await database.scalar("SELECT COALESCE(SUM(amount_fen), 0) FROM aid_benefit"))


async def ten_at_once(world: World) -> dict[str, int]:
    """Ten claims of 6,000 yuan, of which eight fit under the cap."""
    return await answers_of(*(commands.grant_benefit(world.aid, grant=grant(case, 6_000_00)) for case in range(1, 11)))


@pytest.mark.race(control="test_control_without_its_condition_the_cap_is_passed")
async def test_the_cap_of_a_year_holds(world: World) -> None:
    assert await ten_at_once(world) == {"ok": 8, "benefit_year_moved": 2}
    assert await granted() == 48_000_00 == await database.scalar("SELECT amount_fen FROM aid_year")


@pytest.mark.race(is_control=True)
async def test_control_without_its_condition_the_cap_is_passed(world: World) -> None:
    with without_words(" AND amount_fen + %s <= %s", " AND %s <= %s"):
        await ten_at_once(world)
    assert await granted() == 60_000_00


async def test_one_case_is_granted_once(world: World) -> None:
    answers = [await commands.grant_benefit(world.aid, grant=grant(1, fen)) for fen in (6_000_00, 7_000_00)]
    assert answers == [6_000_00, 6_000_00]
    assert await granted() == 6_000_00
