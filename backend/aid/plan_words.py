"""A plan in words, for the desk and for whoever wants to know how it counts."""

from collections.abc import Iterator
from datetime import date

from backend.aid.claim_schemas import PlanLine, PlanVersionView, PlanView
from backend.aid.plan_enums import (
    AUDIENCE_TEXT,
    BASE_TEXT,
    BASIS_TEXT,
    ROUNDING_TEXT,
    SCOPE_TEXT,
    YEAR_TEXT,
    Coordination,
)
from backend.aid.plans import Plan, PlanVersion, Tier, version_name
from backend.core.money import yuan


def plan_view(plan: Plan, today: date) -> PlanView:
    now = plan.on(today)
    return PlanView(
        slug=plan.slug,
        name=plan.name,
        usual=plan.usual,
        file=f"config/benefits/{plan.slug}.yaml",
        versions=[_version_view(plan, version, in_force=version is now) for version in reversed(plan.versions)],
    )


def _version_view(plan: Plan, version: PlanVersion, *, in_force: bool) -> PlanVersionView:
    return PlanVersionView(
        name=version_name(plan, version),
        since=version.since.isoformat(),
        until=version.until.isoformat() if version.until else None,
        in_force=in_force,
        basis_text=BASIS_TEXT[version.basis],
        source=version.source,
        figures=[PlanLine(label=label, text=text) for label, text in _figures(version)],
        exclusions=[one.name for one in version.exclusions],
    )


def _figures(version: PlanVersion) -> Iterator[tuple[str, str]]:
    yield "谁可以参加", "、".join(AUDIENCE_TEXT[one] for one in version.audience)
    yield "互助费", f"每份 {yuan(version.fee_fen)} 元，最多 {version.max_shares} 份"
    if version.share_percent:
        yield "多一份", f"多补助 {version.share_percent}%"
    yield "保障期", f"{version.months} 个月"
    yield "什么时候参加", f"上年 {version.window.opens_month} 月 1 日到当年 {version.window.closes_month} 月底"
    yield "等待期", f"{version.wait_days} 天，续保断开不超过 {version.renew_gap_days} 天的没有"
    reduced = "，先减去别处已付的" if version.coordination is Coordination.REDUCE_BY_OTHER_PAID else ""
    yield "按什么算", BASE_TEXT[version.base] + reduced
    yield "起付线", f"{SCOPE_TEXT[version.deductible_scope]} {yuan(version.deductible_fen)} 元"
    if version.tiers:
        yield "分段比例", f"{SCOPE_TEXT[version.tier_scope]}：{'；'.join(_tiers(version.tiers))}"
    for lump in version.lump_sums:
        beyond = "" if lump.beyond_cost else "，不超过个人实际花费"
        yield lump.name, f"定额 {yuan(lump.amount_fen)} 元{beyond}"
    yield "最多补助", "，".join(_caps(version))
    if version.min_pay_fen:
        yield "最低发放", f"{yuan(version.min_pay_fen)} 元"
    yield "申请期限", f"出院后 {version.claim_deadline_days} 天"
    yield "算在哪一年", YEAR_TEXT[version.belong_year]
    yield "尾数", ROUNDING_TEXT[version.rounding]


def _tiers(tiers: tuple[Tier, ...]) -> Iterator[str]:
    start = 0
    for tier in tiers:
        share = f"补助 {tier.percent.normalize():f}%"
        yield f"{yuan(start)} 元以上 {share}" if tier.upto_fen is None else f"到 {yuan(tier.upto_fen)} 元 {share}"
        start = tier.upto_fen or start


def _caps(version: PlanVersion) -> Iterator[str]:
    if version.cap_fen.per_stay is not None:
        yield f"每次住院 {yuan(version.cap_fen.per_stay)} 元"
    yield f"一年 {yuan(version.cap_fen.per_year)} 元"
