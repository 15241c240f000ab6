"""What the demo county gives out: a budget, two shops, two stations with gifts, and campaigns of every kind: one to
claim from, one handed out by a rule, one by lot with some who take part, and one of which nothing is left."""

from datetime import timedelta

import msgspec

from backend.casework import commands as casework
from backend.casework.schemas import DecisionInput
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.demo import places
from backend.demo.tree import PASSWORD, County
from backend.membership.enums import Outer
from backend.payments import commands as payments
from backend.payments.schemas import NewBudget
from backend.vouchers import commands as vouchers
from backend.vouchers.enums import CampaignKind, CampaignMode
from backend.vouchers.schemas import CampaignInput
from backend.vouchers.shop_schemas import CashierInput, ManagerInput, ShopInput
from backend.vouchers.station_schemas import HandoverInput, StationInput, StockInput

BUDGET_FEN = 500_000_00
OUTSIDE = "member.household_province != 43"
# Name, address, township, what members get there, and who stands at the till.
SHOPS = (
    ("高桥老街饭店", "高桥街道老街 8 号", "990121001", "会员满 100 元减 10 元", ("demo-cashier", "邹小收")),
    ("黄枫便民超市", "黄枫镇新街 21 号", "990121100", "会员价商品九折", ("cashier-02", "李小收")),
)
# Who says who stands at the tills of both.
MANAGER = ("demo-merchant", "赵小店")
# Name, address, hours, and how many gifts there are.
STATIONS = (
    ("高桥职工驿站", "高桥街道老街 15 号", "每天 8:00–20:00", 40),
    ("黄枫职工驿站", "黄枫镇新街 3 号", "周一到周五 9:00–17:00", 20),
)


async def give_out(county: County) -> None:
    """Proposed by one and approved by another, as everywhere. What is claimed is good in both shops."""
    for name, address, division, offers, cashier in SHOPS:
        data = ShopInput(name=name, address=address, division=division, offers=offers, offline_limit_fen=2_000_00)
        data = msgspec.structs.replace(data, phone="0731-99990000", hours="每天 9:00 到 21:00")
        await _open_shop(county, data, cashier)
    budget = NewBudget(
        key="demo:vouchers",
        union_id=ids.parse(county.unions[places.COUNTY]) or 0,
        name="普惠消费券",
        year=clock.today().year,
        amount_fen=BUDGET_FEN,
    )
    budget_id = ids.public(await payments.open_budget(county.staff["demo-admin"], budget=budget))
    await _bring_gifts(county, budget_id)
    both = [shop for shop, *_ in SHOPS]
    claimed = _round("会员消费券", CampaignMode.CLAIM, budget_id, total=500, threshold_fen=100_00, shops=both)
    await _open(county, claimed)
    takers = await _members()
    scarce = await _open(county, _round("早餐消费券", CampaignMode.CLAIM, budget_id, total=len(takers), shops=both))
    lots = await _open(county, _round("电影票抽签", CampaignMode.LOTTERY, budget_id, total=2, shops=[]))
    for taker in takers:
        await vouchers.claim(campaign=scarce, actor=taker)
        await vouchers.enter(campaign=lots, actor=taker)
    outside = _round("外省籍会员消费券", CampaignMode.TARGETED, budget_id, total=300, rule=OUTSIDE, shops=both[:1])
    await _open(county, outside)


async def _bring_gifts(county: County, budget_id: str) -> None:
    """At both stations; the towns' own people hand them over. One is gone and one is waited for."""
    plan = _round("夏送清凉礼包", CampaignMode.CLAIM, budget_id, total=60, shops=[])
    words = "毛巾、花露水、凉茶一份，凭领取码到领取点领。"
    gift = msgspec.structs.replace(plan, kind=CampaignKind.GIFT, text=words, face_value_fen=35_00)
    campaign, welfare, stations = await _open(county, gift), county.staff["demo-county"], []
    for town, (name, address, hours, stock) in zip(places.TOWNS, STATIONS, strict=False):
        data = StationInput(name=name, address=address, hours=hours)
        union = county.unions[f"{town.name}总工会"]
        stations.append(await vouchers.open_station(welfare, data=data, union=union, nonce=name))
        stocked = StockInput(station=stations[-1], stock=stock)
        await vouchers.set_stock(welfare, campaign=campaign, data=stocked)
    codes = [
        (await vouchers.claim(campaign=campaign, actor=taker, station=stations[0])).code
        for taker in (await _members())[:2]
    ]
    handover = HandoverInput(station=stations[0], code=codes[0])
    await vouchers.hand_over(data=handover, actor=county.staff["demo-town"])


async def _members() -> list[Actor]:
    """Members with accounts, but for the first: something is left for whoever tries the demo."""
    found = await database.rows(
        "SELECT id, member_id, display FROM account WHERE member_id IS NOT NULL ORDER BY id LIMIT 6"
    )
    return [
        Actor(kind="person", account_id=one["id"], member_id=one["member_id"], display=one["display"])
        for one in found[1:]
    ]


async def _open_shop(county: County, data: ShopInput, cashier: tuple[str, str]) -> None:
    welfare, (username, display) = county.staff["demo-county"], cashier
    shop = await vouchers.open_shop(welfare, data=data, union=county.unions[places.COUNTY], nonce=data.name)
    person = CashierInput(username=username, display=display)
    await vouchers.add_cashier(welfare, shop=shop, data=person, lasting_password=PASSWORD)
    username, display = MANAGER
    manager = ManagerInput(username=username, display=display)
    await vouchers.add_manager(welfare, shop=shop, data=manager, lasting_password=PASSWORD)


def _round(
    name: str,
    mode: CampaignMode,
    budget_id: str,
    *,
    total: int,
    shops: list[str],
    threshold_fen: int = 0,
    rule: str = "",
) -> CampaignInput:
    now = clock.now()
    return CampaignInput(
        name=name,
        text="在挂牌的会员优惠商户使用，一次用一张。",
        mode=mode,
        face_value_fen=50_00,
        threshold_fen=threshold_fen,
        total=total,
        shops=shops,
        opens_at=now,
        closes_at=now + timedelta(days=30),
        valid_until=clock.today() + timedelta(days=60),
        target_rule=rule,
        outer=Outer.INCLUDE if rule else None,
        budget_id=budget_id,
    )


async def _open(county: County, plan: CampaignInput) -> str:
    """Its public id."""
    made = await vouchers.propose(data=plan, actor=county.staff["demo-county"])
    version = await database.scalar("SELECT version FROM case_file WHERE number = %s", made.case_number)
    data = DecisionInput(action="approve", version=version, comment="预算够用，同意发放")
    await casework.decide(number=made.case_number, data=data, actor=county.staff["demo-admin"])
    return made.id
