"""The arithmetic of a benefit: the worked cases of the plan, and what holds for every sum."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.aid.plan_enums import BelongYear, BenefitBase, Coordination, Rounding, Scope
from backend.aid.plans import Caps, PlanVersion, Tier
from backend.aid.rules import Costs, Excluded, Line, Used, last_claim_day, work_out, year_of
from tests.aid.plans import VERSION, one_after_another, self_paid, with_rules


@pytest.mark.parametrize(
    ("paid", "benefit"),
    [
        (0, 0),
        (300_00, 0),
        (300_01, 0),  # a fen above the deductible: a third of a fen
        (300_02, 1),  # 0.6 of a fen
        (10_300_00, 3_000_00),
        (10_300_03, 3_000_01),
        (12_300_00, 3_800_00),
        (50_300_00, 19_000_00),
        (100_300_00, 44_000_00),
        (112_300_00, 50_000_00),
        (112_300_02, 50_000_00),
        (900_000_00, 50_000_00),
    ],
)
def test_the_worked_cases(paid: int, benefit: int) -> None:
    assert work_out(VERSION, self_paid(paid)).amount_fen == benefit


def test_the_lines_say_how() -> None:
    found = work_out(VERSION, self_paid(12_300_00))
    assert found.basis == (Line("个人自付", 12_300_00), Line("起付线", -300_00))
    assert found.lines == (Line("10,000.00 元 × 30%", 3_000_00), Line("2,000.00 元 × 40%", 800_00))
    assert (found.base_fen, found.deductible_fen, found.counted_fen) == (12_300_00, 300_00, 12_000_00)
    assert work_out(VERSION, self_paid(300_00)).lines == (Line("不够起付线", 0),)


def test_the_deductible_of_a_year_is_taken_once() -> None:
    first, second = one_after_another(VERSION, [self_paid(200_00), self_paid(12_300_00)])
    assert (first.deductible_fen, first.amount_fen) == (200_00, 0)
    assert (second.deductible_fen, second.counted_fen, second.amount_fen) == (100_00, 12_200_00, 3_880_00)
    each = one_after_another(with_rules(deductible_scope=Scope.PER_STAY), [self_paid(200_00), self_paid(12_300_00)])
    assert [benefit.amount_fen for benefit in each] == [0, 3_800_00]


def test_no_more_than_the_cap_of_the_year() -> None:
    used = Used(amount_fen=49_000_00, deductible_fen=300_00)
    found = work_out(VERSION, self_paid(12_300_00), used=used)
    assert (found.cap_left_fen, found.amount_fen) == (1_000_00, 1_000_00)
    assert found.lines[-1] == Line("超过本年度剩余额度的部分", -2_920_00)
    nothing = work_out(VERSION, self_paid(12_300_00), used=Used(amount_fen=50_000_00, deductible_fen=300_00))
    assert (nothing.cap_left_fen, nothing.amount_fen) == (0, 0)


def test_no_more_than_the_cap_of_a_stay() -> None:
    capped = with_rules(cap_fen=Caps(per_year=50_000_00, per_stay=2_000_00))
    found = work_out(capped, self_paid(12_300_00))
    assert (found.amount_fen, found.lines[-1]) == (2_000_00, Line("超过每次住院最多补助的部分", -1_800_00))


def test_what_others_paid_is_taken_off_where_the_plan_says_so() -> None:
    costs = self_paid(12_300_00, other=2_000_00)
    assert work_out(VERSION, costs).amount_fen == 3_000_00
    assert work_out(VERSION, costs).basis[1] == Line("别处已付", -2_000_00)
    assert work_out(with_rules(coordination=Coordination.NONE), costs).amount_fen == 3_800_00
    assert work_out(VERSION, self_paid(1_000_00, other=5_000_00)).amount_fen == 0


def test_no_more_than_was_really_paid() -> None:
    """Insurance and others have paid nearly all of it."""
    costs = Costs(
        total_fee_fen=20_000_00, insurance_paid_fen=7_700_00, self_pay_fund_fen=12_300_00, other_paid_fen=12_000_00
    )
    found = work_out(with_rules(coordination=Coordination.NONE), costs)
    assert (found.amount_fen, found.lines[-1]) == (300_00, Line("超过个人实际花费的部分", -3_500_00))
    odd = Costs(total_fee_fen=100, insurance_paid_fen=200, self_pay_fund_fen=100)
    assert work_out(with_rules(deductible_fen=0), odd).amount_fen == 0


@pytest.mark.parametrize(
    ("base", "counted"),
    [
        (BenefitBase.SELF_PAY_FUND, 4_000_00),
        (BenefitBase.SELF_PAY, 5_000_00),
        (BenefitBase.IN_POLICY_TOTAL, 9_000_00),
        (BenefitBase.TOTAL, 10_000_00),
    ],
)
def test_the_base_is_what_the_plan_says(base: BenefitBase, counted: int) -> None:
    costs = Costs(
        total_fee_fen=10_000_00, insurance_paid_fen=5_000_00, self_pay_fund_fen=4_000_00, self_fund_fen=1_000_00
    )
    assert work_out(with_rules(base=base), costs).base_fen == counted


def test_a_share_more_adds_what_the_plan_says() -> None:
    plan = with_rules(share_percent=50)
    assert work_out(plan, self_paid(12_300_00), shares=2).amount_fen == 5_700_00
    assert work_out(plan, self_paid(12_300_00), shares=1).amount_fen == 3_800_00
    assert work_out(VERSION, self_paid(12_300_00), shares=2).amount_fen == 3_800_00


def test_too_little_is_not_paid_out() -> None:
    plan = with_rules(min_pay_fen=50_00)
    assert work_out(plan, self_paid(466_60)).amount_fen == 0
    assert work_out(plan, self_paid(466_60)).lines[-1] == Line("不到最低发放的 50.00 元", -49_98)
    assert work_out(plan, self_paid(466_67)).amount_fen == 50_00


def test_rounding() -> None:
    of = {rounding: work_out(with_rules(rounding=rounding), self_paid(302_55)).amount_fen for rounding in Rounding}
    assert of == {Rounding.HALF_UP_FEN: 77, Rounding.FLOOR_FEN: 76, Rounding.HALF_UP_YUAN: 1_00}


def test_what_is_excluded_is_a_line_and_does_not_count() -> None:
    excluded = [Excluded(label="不补助：整形、美容（材料费）", amount_fen=2_000_00)]
    found = work_out(VERSION, self_paid(12_300_00, other=1_000_00), excluded=excluded)
    assert found.basis == (
        Line("个人自付", 12_300_00),
        Line("不补助：整形、美容（材料费）", -2_000_00),
        Line("别处已付", -1_000_00),
        Line("起付线", -300_00),
    )
    assert (found.base_fen, found.counted_fen, found.amount_fen) == (9_300_00, 9_000_00, 2_700_00)


def test_the_last_day_to_claim_and_the_year() -> None:
    assert last_claim_day(VERSION, date(2026, 3, 1)) == date(2026, 8, 28)
    over_new_year = (date(2025, 12, 30), date(2026, 1, 4))
    assert year_of(VERSION, *over_new_year) == 2025
    assert year_of(with_rules(belong_year=BelongYear.DISCHARGE), *over_new_year) == 2026


# ---- what holds for every sum -----------------------------------------------------

fen = st.integers(0, 300_000_00)


@st.composite
def costs(draw: st.DrawFn) -> Costs:
    self_pay, own, insurance = draw(fen), draw(fen), draw(fen)
    total = self_pay + own + insurance
    return Costs(
        total_fee_fen=total,
        insurance_paid_fen=insurance,
        self_pay_fund_fen=self_pay,
        self_fund_fen=own,
        other_paid_fen=draw(st.integers(0, total)),
    )


@st.composite
def versions(draw: st.DrawFn) -> PlanVersion:
    ends = sorted(draw(st.sets(st.integers(1, 200_000_00), max_size=3)))
    percent = st.decimals(0, 100, places=2, allow_nan=False)
    tiers = [Tier(percent=draw(percent), upto_fen=end) for end in ends] + [Tier(percent=draw(percent))]
    per_year = draw(st.integers(1, 100_000_00))
    return with_rules(
        tiers=tuple(tiers),
        tier_scope=draw(st.sampled_from(Scope)),
        deductible_fen=draw(st.integers(0, 2_000_00)),
        deductible_scope=draw(st.sampled_from(Scope)),
        base=draw(st.sampled_from(BenefitBase)),
        coordination=draw(st.sampled_from(Coordination)),
        rounding=draw(st.sampled_from(Rounding)),
        share_percent=draw(st.integers(0, 100)),
        min_pay_fen=draw(st.sampled_from([0, 10_00])),
        cap_fen=Caps(per_year=per_year, per_stay=draw(st.none() | st.integers(1, per_year))),
    )


used_before = st.builds(Used, amount_fen=fen, deductible_fen=st.integers(0, 2_000_00), counted_fen=fen)


@settings(max_examples=300)
@given(versions(), costs(), used_before, st.integers(1, 2))
def test_no_limit_is_ever_passed_and_lines_add_up(version: PlanVersion, sums: Costs, used: Used, shares: int) -> None:
    found = work_out(version, sums, used=used, shares=shares)
    assert 0 <= found.amount_fen <= sums.out_of_pocket_fen
    assert found.amount_fen <= found.cap_left_fen <= version.cap_fen.per_year
    assert version.cap_fen.per_stay is None or found.amount_fen <= version.cap_fen.per_stay
    assert sum(line.amount_fen for line in found.lines) == found.amount_fen
    assert sum(line.amount_fen for line in found.basis) == found.counted_fen >= 0
    assert found.amount_fen == 0 or found.amount_fen >= version.min_pay_fen


@settings(max_examples=200)
@given(versions(), st.lists(costs(), max_size=5))
def test_a_year_never_brings_more_than_its_cap_nor_takes_more_than_its_deductible(
    version: PlanVersion, stays: list[Costs]
) -> None:
    given_in_year = one_after_another(version, stays)
    assert sum(benefit.amount_fen for benefit in given_in_year) <= version.cap_fen.per_year
    if version.deductible_scope is Scope.PER_YEAR:
        assert sum(benefit.deductible_fen for benefit in given_in_year) <= version.deductible_fen


@settings(max_examples=200)
@given(versions(), fen, fen, used_before)
def test_whoever_pays_more_gets_no_less(version: PlanVersion, paid: int, more: int, used: Used) -> None:
    less, greater = (work_out(version, self_paid(sum_), used=used).amount_fen for sum_ in (paid, paid + more))
    assert less <= greater


@settings(max_examples=200)
@given(versions(), st.permutations(range(4)), st.lists(fen, min_size=4, max_size=4))
def test_the_order_of_stays_is_irrelevant_where_the_plan_says_so(
    version: PlanVersion, order: list[int], paid: list[int]
) -> None:
    """Everything for the stay, or everything for the year: the same sum whatever came first."""
    for scope in Scope:
        caps = Caps(per_year=version.cap_fen.per_year)
        changes = {"deductible_scope": scope, "tier_scope": scope, "cap_fen": caps, "min_pay_fen": 0}
        rules = with_rules(
            **changes, tiers=version.tiers, deductible_fen=version.deductible_fen, base=BenefitBase.SELF_PAY_FUND
        )
        stays = [self_paid(sum_) for sum_ in paid]
        sums = [
            sum(benefit.amount_fen for benefit in one_after_another(rules, each))
            for each in (stays, [stays[index] for index in order])
        ]
        assert sums[0] == sums[1]


def test_the_control_with_mixed_scopes_the_order_does_matter() -> None:
    stays = [self_paid(200_00), self_paid(12_300_00)]
    forward, backward = (
        sum(each.amount_fen for each in one_after_another(VERSION, way)) for way in (stays, stays[::-1])
    )
    assert (forward, backward) == (3_880_00, 3_860_00)


def test_parts_of_a_fen_are_not_lost_between_tiers() -> None:
    thirds = (
        Tier(percent=Decimal("33.33"), upto_fen=1),
        Tier(percent=Decimal("33.33"), upto_fen=2),
        Tier(percent=Decimal("33.34")),
    )
    found = work_out(with_rules(tiers=thirds, deductible_fen=0), self_paid(3))
    assert (found.amount_fen, [line.amount_fen for line in found.lines]) == (1, [0, 1, 0])
