"""Plans as shipped and changed, and sums of settlement sheets."""

from typing import Any

import msgspec

from backend.aid import plan_files
from backend.aid.plans import Plan, Plans, PlanVersion
from backend.aid.rules import Benefit, Costs, Used, work_out
from backend.core.settings import CONFIG_DIR


def shipped() -> Plans:
    plans, problems = plan_files.read(CONFIG_DIR)
    assert problems == []
    assert plans is not None
    return plans


PLANS = shipped()
HOSPITAL: Plan = PLANS.usual
VERSION: PlanVersion = HOSPITAL.versions[0]


def with_rules(**changes: Any) -> PlanVersion:
    return msgspec.structs.replace(VERSION, **changes)


def self_paid(fen: int, *, other: int = 0) -> Costs:
    """A stay of which insurance paid seven tenths."""
    return Costs(
        total_fee_fen=fen * 10 // 3 + 1, insurance_paid_fen=fen * 7 // 3, self_pay_fund_fen=fen, other_paid_fen=other
    )


def after(used: Used, benefit: Benefit) -> Used:
    """The year after one more grant."""
    return Used(
        amount_fen=used.amount_fen + benefit.amount_fen,
        deductible_fen=used.deductible_fen + benefit.deductible_fen,
        counted_fen=used.counted_fen + benefit.counted_fen,
    )


def one_after_another(version: PlanVersion, stays: list[Costs]) -> list[Benefit]:
    used, given = Used(), []
    for costs in stays:
        given.append(work_out(version, costs, used=used))
        used = after(used, given[-1])
    return given
