"""People who enrol, and cases that enrol them, without the case around it."""

from datetime import date
from typing import Any

from backend.aid import commands
from backend.aid.policy_rules import Terms
from backend.aid.schemas import Enrolment, FeeIn
from backend.core import clock, national
from tests.casework.world import World

TERMS = Terms(fee_fen=60_00, waiting_days=30, gap_days=0, max_age=60, refundable=True, months=12)
Person = tuple[int, str, str, int]


def number(sequence: int = 1, birth: date = date(1990, 3, 7)) -> str:
    """Odd is a man."""
    return national.synthetic_id_no(birth, sequence)


def alone(world: World, case: int = 1, sequence: int = 1, *, account_id: int | None = None, **more: Any) -> Enrolment:
    how: dict[str, Any] = {"plan": "hospital", "plan_name": "住院", "year": 2026, "shares": 1} | more
    people = ((0, "王小测", number(sequence), how.pop("shares")),)
    return Enrolment(
        case_id=case,
        case_number=f"HB2026-{case:06d}",
        union_id=world.unit.id,
        account_id=account_id,
        people=people,
        **how,
    )


def together(world: World, people: list[Person], case: int = 1, **more: Any) -> Enrolment:
    how: dict[str, Any] = {"plan": "hospital", "plan_name": "住院", "year": 2026} | more
    return Enrolment(
        case_id=case,
        case_number=f"HB2026-{case:06d}",
        union_id=world.unit.id,
        account_id=None,
        people=tuple(people),
        **how,
    )


def fee(people: int = 1, amount_fen: int = 60_00, act: int = 1) -> FeeIn:
    return FeeIn(act_id=act, people=people, amount_fen=amount_fen, day=clock.today())


_acts = iter(range(10**6, 10**9))


async def paid(world: World, enrolment: Enrolment, people: int = 1, amount_fen: int = 60_00) -> None:
    arrived = fee(people, amount_fen, next(_acts))
    await commands.note_fee(world.aid, enrolment=enrolment, terms=TERMS, fee=arrived)


async def enrolled(world: World, enrolment: Enrolment, people: int = 1, amount_fen: int = 60_00) -> dict[str, Any]:
    await paid(world, enrolment, people, amount_fen)
    return await commands.open_policies(world.aid, enrolment=enrolment, terms=TERMS)
