"""Every plan that ships: worked to the fen, and what holds for every sum."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.aid import estimates, plan_files, policy_rules
from backend.aid.claim_schemas import EstimateInput
from backend.aid.plan_enums import Scope
from backend.aid.plans import Plan
from backend.aid.rules import Costs, Used, work_out
from backend.core.settings import CONFIG_DIR
from tests.aid.plans import PLANS, one_after_another, self_paid
from tests.aid.test_benefit_rules import costs, fen, used_before

SHIPPED = st.sampled_from([(plan, version) for plan in PLANS.all for version in plan.versions])
SLIP = EstimateInput(
    admit_date=date(2026, 5, 1),
    discharge_date=date(2026, 5, 10),
    total_fee_fen=60_000_00,
    insurance_paid_fen=30_000_00,
    self_pay_fund_fen=22_000_00,
    self_fund_fen=8_000_00,
)


def plan(slug: str) -> Plan:
    found = PLANS.named(slug)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def shipped_again() -> Iterator[None]:
    plan_files.load(CONFIG_DIR)
    yield
    plan_files.load(CONFIG_DIR)


@pytest.mark.parametrize(
    ("slug", "event", "benefit"),
    [
        ("hospital", None, 7_680_00),  # 21,700: 10,000 x 30 % + 11,700 x 40 %
        ("critical", None, 4_000_00),  # 20,000 x 20 %
        ("critical", "cancer", 14_000_00),
        ("female", None, 6_600_00),  # 22,000 x 30 %
        ("female", "breast", 15_000_00),  # 16,600, and 15,000 at most for a stay
        ("accident", None, 21_920_00),  # 29,900: 10,000 x 60 % + 19,900 x 80 %
        ("accident", "death", 30_000_00),  # at most for a stay
    ],
)
def test_the_worked_cases_of_each_kind(slug: str, event: str | None, benefit: int) -> None:
    found = estimates.estimate(msgspec.structs.replace(SLIP, plan=slug, event=event))
    assert found.benefit_fen == benefit == sum(line.amount_fen for line in found.lines)
    assert found.plan_version == f"{slug}@2024-01-01"
    assert found.exclusions


def test_who_may_take_part_how_long_and_for_what() -> None:
    found = {
        each.slug: (version.fee_fen, version.months, version.wait_days, version.only_women)
        for each in PLANS.all
        for version in each.versions
    }
    assert found == {
        "hospital": (60_00, 12, 30, False),
        "critical": (100_00, 36, 90, False),
        "female": (40_00, 24, 60, True),
        "accident": (20_00, 12, 0, False),
    }


def test_a_death_is_owed_beyond_the_cost() -> None:
    version = plan("accident").versions[0]
    nothing = Costs(total_fee_fen=0, insurance_paid_fen=0, self_pay_fund_fen=0)
    assert work_out(version, nothing, lump_sum=version.lump_sum("death")).amount_fen == 30_000_00
    critical = plan("critical").versions[0]
    assert work_out(critical, self_paid(5_000_00), lump_sum=critical.lump_sum("cancer")).amount_fen <= 5_000_01


def test_the_window_of_a_year() -> None:
    assert plan("hospital").versions[0].window.days(2026) == (date(2025, 10, 1), date(2026, 12, 31))


@settings(max_examples=200, deadline=None)
@given(SHIPPED, costs(), used_before, st.integers(1, 2), st.data())
def test_no_plan_passes_its_limits(
    shipped: tuple[Plan, object], sums: Costs, used: Used, shares: int, data: st.DataObject
) -> None:
    version = data.draw(st.sampled_from(shipped[0].versions))
    lump = data.draw(st.sampled_from([None, *version.lump_sums]))
    found = work_out(version, sums, used=used, shares=shares, lump_sum=lump)
    assert 0 <= found.amount_fen <= found.cap_left_fen <= version.cap_fen.per_year
    assert version.cap_fen.per_stay is None or found.amount_fen <= version.cap_fen.per_stay
    assert (lump is not None and lump.beyond_cost) or found.amount_fen <= sums.out_of_pocket_fen
    assert sum(line.amount_fen for line in found.lines) == found.amount_fen


@settings(max_examples=200, deadline=None)
@given(SHIPPED, fen, fen, used_before)
def test_no_plan_gives_less_for_more(shipped: tuple[Plan, object], paid: int, more: int, used: Used) -> None:
    for version in shipped[0].versions:
        less, greater = (work_out(version, self_paid(sum_), used=used).amount_fen for sum_ in (paid, paid + more))
        assert less <= greater


@settings(max_examples=200, deadline=None)
@given(st.lists(fen, min_size=3, max_size=3), st.permutations(range(3)))
def test_the_order_of_stays_is_irrelevant_where_both_scopes_agree(paid: list[int], order: list[int]) -> None:
    agreeing = [one for each in PLANS.all for one in each.versions if one.tier_scope is one.deductible_scope]
    assert {version.tier_scope for version in agreeing} == set(Scope)
    for version in agreeing:
        ways = [paid, [paid[index] for index in order]]
        sums = [sum(b.amount_fen for b in one_after_another(version, [self_paid(p) for p in way])) for way in ways]
        assert sums[0] == sums[1]


# ---- a file that is edited in the middle of a year -----------------------------------------


def test_a_new_version_is_for_whoever_asks_after_it(tmp_path: Path) -> None:
    base = shutil.copytree(CONFIG_DIR / "benefits", tmp_path / "benefits").parent
    path = base / "benefits" / "hospital.yaml"
    text = path.read_text("utf-8")
    changed = text[text.index("  - since:") :].replace("2024-01-01", "2026-07-01")
    changed = changed.replace("fee_fen: 6000", "fee_fen: 8000").replace("wait_days: 30", "wait_days: 60")
    path.write_text(text + changed.replace("deductible_fen: 30000", "deductible_fen: 50000"), "utf-8")
    plan_files.load(base)
    hospital = plan_files.current().usual
    by_day = {
        (2026, date(2026, 6, 30)): (60_00, 30),
        (2026, date(2026, 7, 1)): (80_00, 60),
        (2027, date(2026, 6, 30)): (80_00, 60),  # for a year that begins by the new version
    }
    for (year, day), expected in by_day.items():
        version = hospital.of_year(year, day)
        assert version is not None
        terms = policy_rules.terms_of(version, max_age=60, refundable=True)
        assert (terms.fee_fen, terms.waiting_days) == expected
    before = estimates.estimate(SLIP)  # a stay in May, whenever it is worked out
    after = estimates.estimate(
        msgspec.structs.replace(SLIP, admit_date=date(2026, 7, 1), discharge_date=date(2026, 7, 9))
    )
    assert (before.benefit_fen, before.plan_version) == (7_680_00, "hospital@2024-01-01")
    assert (after.benefit_fen, after.plan_version) == (7_600_00, "hospital@2026-07-01")
