"""The arithmetic of a benefit: integer fen go in, lines that add up come out. No clock, no database."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

import msgspec

from backend.aid.plan_enums import BASE_TEXT, BelongYear, BenefitBase, Coordination, Rounding, Scope
from backend.aid.plans import LumpSum, PlanVersion, Tier
from backend.core.money import yuan

_HUNDRED = Decimal(100)
_OVER_COST = "超过个人实际花费的部分"
_UNITS = {
    Rounding.HALF_UP_FEN: (1, ROUND_HALF_UP),
    Rounding.FLOOR_FEN: (1, ROUND_FLOOR),
    Rounding.HALF_UP_YUAN: (100, ROUND_HALF_UP),
}


class Costs(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of a settlement sheet, in fen."""

    total_fee_fen: int
    insurance_paid_fen: int
    self_pay_fund_fen: int
    self_fund_fen: int = 0
    other_paid_fen: int = 0

    @property
    def out_of_pocket_fen(self) -> int:
        """What nobody else has paid."""
        return max(0, self.total_fee_fen - self.insurance_paid_fen - self.other_paid_fen)


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What the person has had in the year before: granted, taken as deductible, and counted after it."""

    amount_fen: int = 0
    deductible_fen: int = 0
    counted_fen: int = 0


class Line(msgspec.Struct, frozen=True):
    label: str
    amount_fen: int


class Excluded(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the costs for which the plan never pays, in words."""

    label: str
    amount_fen: int


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """`basis` adds up to `counted_fen`, of which a part is paid; `lines` add up to `amount_fen`."""

    base_fen: int
    deductible_fen: int
    counted_fen: int
    cap_left_fen: int
    amount_fen: int
    basis: tuple[Line, ...]
    lines: tuple[Line, ...]


NOTHING_USED = Used()


def work_out(
    version: PlanVersion,
    costs: Costs,
    *,
    used: Used = NOTHING_USED,
    shares: int = 1,
    lump_sum: LumpSum | None = None,
    excluded: Iterable[Excluded] = (),
) -> Benefit:
    """What the plan pays for one stay after what it has paid in the year, for what is not excluded of it."""
    basis = [Line(BASE_TEXT[version.base], _base(version.base, costs))]
    basis += [Line(one.label, -one.amount_fen) for one in excluded]
    if version.coordination is Coordination.REDUCE_BY_OTHER_PAID and costs.other_paid_fen:
        basis.append(Line("别处已付", -min(costs.other_paid_fen, _sum(basis))))
    base = _sum(basis)
    deductible = min(base, deductible_left(version, used))
    if deductible:
        basis.append(Line("起付线", -deductible))
    counted, left = base - deductible, cap_left(version, used)
    lines = _tier_lines(version, counted, used.counted_fen if version.tier_scope is Scope.PER_YEAR else 0)
    if shares > 1 and version.share_percent:
        more = _with_shares(version, _sum(lines), shares) - _sum(lines)
        lines.append(Line(f"共 {shares} 份，每多一份加 {version.share_percent}%", more))
    if lump_sum is not None:
        if lump_sum.beyond_cost:
            _limit(lines, costs.out_of_pocket_fen, _OVER_COST)
        lines.append(Line(f"{lump_sum.name}定额", _with_shares(version, lump_sum.amount_fen, shares)))
    _limit(lines, version.cap_fen.per_stay, "超过每次住院最多补助的部分")
    _limit(lines, left, "超过本年度剩余额度的部分")
    if lump_sum is None or not lump_sum.beyond_cost:
        _limit(lines, costs.out_of_pocket_fen, _OVER_COST)
    if 0 < (amount := _sum(lines)) < version.min_pay_fen:
        lines.append(Line(f"不到最低发放的 {yuan(version.min_pay_fen)} 元", -amount))
    return Benefit(
        base_fen=base,
        deductible_fen=deductible,
        counted_fen=counted,
        cap_left_fen=left,
        amount_fen=_sum(lines),
        basis=tuple(basis),
        lines=tuple(lines) or (Line("不够起付线" if version.tiers else "没有可以定额补助的情形", 0),),
    )


def _with_shares(version: PlanVersion, fen: int, shares: int) -> int:
    more = Decimal(fen) * version.share_percent * (shares - 1) / _HUNDRED
    return fen + _rounded(more, version.rounding)


def deductible_left(version: PlanVersion, used: Used) -> int:
    taken = used.deductible_fen if version.deductible_scope is Scope.PER_YEAR else 0
    return max(0, version.deductible_fen - taken)


def cap_left(version: PlanVersion, used: Used) -> int:
    return max(0, version.cap_fen.per_year - used.amount_fen)


def year_of(version: PlanVersion, admit: date, discharge: date) -> int:
    """The year whose cap and deductible a stay draws on."""
    return (admit if version.belong_year is BelongYear.ADMIT else discharge).year


def last_claim_day(version: PlanVersion, discharge: date) -> date:
    return discharge + timedelta(days=version.claim_deadline_days)


def _base(base: BenefitBase, costs: Costs) -> int:
    match base:
        case BenefitBase.SELF_PAY_FUND:
            return costs.self_pay_fund_fen
        case BenefitBase.SELF_PAY:
            return costs.self_pay_fund_fen + costs.self_fund_fen
        case BenefitBase.IN_POLICY_TOTAL:
            return costs.insurance_paid_fen + costs.self_pay_fund_fen
        case BenefitBase.TOTAL:
            return costs.total_fee_fen


def _tier_lines(version: PlanVersion, counted: int, before: int) -> list[Line]:
    """A line for each tier that the sum reaches into, above what was counted before. Rounded as a running sum, so
    that parts never add up to another amount than the whole."""
    lines, start, exact = [], 0, Decimal(0)
    paid = _rounded(_exact(version.tiers, before), version.rounding)
    for tier in version.tiers:
        end = before + counted if tier.upto_fen is None else min(tier.upto_fen, before + counted)
        inside, begun = max(0, end - max(start, before)), max(0, min(end, before) - start)
        exact += Decimal(inside + begun) * tier.percent / _HUNDRED
        if inside:
            reached = _rounded(exact, version.rounding)
            lines.append(Line(f"{yuan(inside)} 元 × {_percent(tier)}%", reached - paid))
            paid = reached
        start = tier.upto_fen if tier.upto_fen is not None else start
    return lines


def _exact(tiers: Iterable[Tier], counted: int) -> Decimal:
    exact, start = Decimal(0), 0
    for tier in tiers:
        end = counted if tier.upto_fen is None else min(tier.upto_fen, counted)
        exact += Decimal(max(0, end - start)) * tier.percent / _HUNDRED
        start = tier.upto_fen if tier.upto_fen is not None else start
    return exact


def _percent(tier: Tier) -> str:
    return f"{tier.percent.normalize():f}"


def _limit(lines: list[Line], most: int | None, label: str) -> None:
    if most is not None and (over := _sum(lines) - most) > 0:
        lines.append(Line(label, -over))


def _rounded(exact: Decimal, rounding: Rounding) -> int:
    unit, how = _UNITS[rounding]
    return int((exact / unit).quantize(Decimal(1), rounding=how)) * unit


def _sum(lines: Iterable[Line]) -> int:
    return sum(line.amount_fen for line in lines)
