"""What the demo county gives out: a budget, a campaign to claim from, and one that is handed out by a rule."""

from datetime import timedelta

from backend.casework import commands as casework
from backend.casework.schemas import DecisionInput
from backend.core import clock, database, ids
from backend.demo import places
from backend.demo.tree import County
from backend.payments import commands as payments
from backend.payments.schemas import NewBudget
from backend.vouchers import commands as vouchers
from backend.vouchers.enums import CampaignMode, Outer
from backend.vouchers.schemas import CampaignInput

BUDGET_FEN = 500_000_00
OUTSIDE = "member.household_province != 43"


async def give_out(county: County) -> None:
    """Proposed by one and approved by another, as everywhere."""
    budget = NewBudget(
        key="demo:vouchers",
        union_id=ids.parse(county.unions[places.COUNTY]) or 0,
        name="普惠消费券",
        year=clock.today().year,
        amount_fen=BUDGET_FEN,
    )
    budget_id = ids.public(await payments.open_budget(county.staff["demo-admin"], budget=budget))
    claimed = _round("会员消费券", CampaignMode.CLAIM, budget_id, total=500, threshold_fen=100_00)
    await _open(county, claimed)
    await _open(county, _round("外省籍会员消费券", CampaignMode.TARGETED, budget_id, total=300, rule=OUTSIDE))


def _round(
    name: str, mode: CampaignMode, budget_id: str, *, total: int, threshold_fen: int = 0, rule: str = ""
) -> CampaignInput:
    now = clock.now()
    return CampaignInput(
        name=name,
        text="在挂牌的会员优惠商户使用，一次用一张。",
        mode=mode,
        face_value_fen=50_00,
        threshold_fen=threshold_fen,
        total=total,
        opens_at=now,
        closes_at=now + timedelta(days=30),
        valid_until=clock.today() + timedelta(days=60),
        target_rule=rule,
        outer=Outer.INCLUDE if rule else None,
        budget_id=budget_id,
    )


async def _open(county: County, plan: CampaignInput) -> None:
    made = await vouchers.propose(data=plan, actor=county.staff["demo-county"])
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", made.case_number)
    data = DecisionInput(action="approve", version=version, comment="预算够用，同意发放")
    await casework.decide(number=made.case_number, data=data, actor=county.staff["demo-admin"])
