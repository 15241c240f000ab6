"""From sheets to a subsidy, to the hundredth of a point and to the fen."""

import ast
import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.settings import ROOT
from backend.grading.enums import Assessor, BandRule
from backend.grading.rules import chairs
from backend.grading.schemes import ChairVersion, PanelRule
from tests.grading.samples import CHAIRS, FLOOR, HALF_UP, of

SCORES = st.decimals(0, 100, places=2)
ALL = {item.key: item.most for item in CHAIRS.items}


@pytest.mark.parametrize(
    ("score", "floor", "half_up"),
    [
        ("100", "高级", "高级"),
        ("90", "高级", "高级"),
        ("89.99", "中级", "高级"),
        ("89.5", "中级", "高级"),
        ("89.4999", "中级", "中级"),
        ("89", "中级", "中级"),
        ("75", "中级", "中级"),
        ("74.99", "初级", "中级"),
        ("74.5", "初级", "中级"),
        ("60", "初级", "初级"),
        ("59.99", "未定等级", "初级"),
        ("59.5", "未定等级", "初级"),
        ("59.4999", "未定等级", "未定等级"),
        ("59", "未定等级", "未定等级"),
        ("0", "未定等级", "未定等级"),
    ],
)
def test_boundaries_in_both_rules(score: str, floor: str, half_up: str) -> None:
    found = [chairs.band_of(Decimal(score), CHAIRS.bands, rule).name for rule in (BandRule.FLOOR, BandRule.HALF_UP)]
    assert found == [floor, half_up]


@pytest.mark.parametrize("score", [100, 90, "89.99", "89.5", 89, 75, "74.99", 60, "59.99", 59, 0])
@pytest.mark.parametrize("version", [FLOOR, HALF_UP], ids=["floor", "half_up"])
def test_equal_scores_of_all_three_stay_that_score(score: object, version: ChairVersion) -> None:
    """No weight adds or loses anything on the way."""
    made = chairs.appraise(version, of(score, score, score), vetoed=False)
    assert made.score == Decimal(str(score))
    assert made.band == chairs.band_of(Decimal(str(score)), version.bands, version.band_rule)


@pytest.mark.parametrize(
    ("scores", "points", "total", "floor", "half_up"),
    [
        ((95, 88, 74), ("4.75", "13.20", "59.20"), "77.15", "中级", "中级"),
        ((100, 100, 87), ("5.00", "15.00", "69.60"), "89.60", "中级", "高级"),
        ((100, 100, 50), ("5.00", "15.00", "40.00"), "60.00", "初级", "初级"),
    ],
)
def test_worked_cases(
    scores: tuple[int, int, int], points: tuple[str, ...], total: str, floor: str, half_up: str
) -> None:
    made = chairs.appraise(FLOOR, of(*scores), vetoed=False)
    assert tuple(chairs.spoken(part.points) for part in made.parts) == points
    assert [part.weight for part in made.parts] == [5, 15, 80]
    assert (chairs.spoken(made.score), made.band.name) == (total, floor)
    assert chairs.appraise(HALF_UP, of(*scores), vetoed=False).band.name == half_up


def test_a_veto_takes_the_grade_and_keeps_the_score() -> None:
    made = chairs.appraise(FLOOR, of(95, 95, 95), vetoed=True)
    assert (made.score, made.reached.name, made.band.name) == (Decimal(95), "高级", "未定等级")
    assert chairs.subsidy_fen(made.band, 12) == 0


@given(SCORES, SCORES, SCORES)
def test_the_score_is_the_weighted_sum_exactly(self_: Decimal, town: Decimal, panel: Decimal) -> None:
    made = chairs.appraise(FLOOR, of(self_, town, panel), vetoed=False)
    assert Fraction(made.score) == (Fraction(self_) * 5 + Fraction(town) * 15 + Fraction(panel) * 80) / 100
    assert sum(part.points for part in made.parts) == made.score
    assert 0 <= made.score <= 100
    assert Decimal(chairs.spoken(made.score)) == made.score


@given(SCORES, SCORES, SCORES, st.sampled_from(list(Assessor)), st.decimals(0, 100, places=2))
def test_more_points_never_mean_less(
    self_: Decimal, town: Decimal, panel: Decimal, who: Assessor, more: Decimal
) -> None:
    lower = of(self_, town, panel)
    higher = {**lower, who: max(lower[who], more)}
    for version in (FLOOR, HALF_UP):
        before = chairs.appraise(version, lower, vetoed=False)
        after = chairs.appraise(version, higher, vetoed=False)
        assert after.score >= before.score
        assert after.band.at_least >= before.band.at_least
        assert chairs.subsidy_fen(after.band, 12) >= chairs.subsidy_fen(before.band, 12)
        vetoed = chairs.appraise(version, higher, vetoed=True)
        assert (vetoed.score, vetoed.band) == (after.score, version.bands[-1])


@given(SCORES)
def test_rounding_half_up_never_gives_less_than_the_floor(score: Decimal) -> None:
    floor, half_up = (chairs.band_of(score, CHAIRS.bands, rule) for rule in (BandRule.FLOOR, BandRule.HALF_UP))
    assert half_up.at_least >= floor.at_least
    assert half_up.at_least - score <= Decimal("0.5")


def test_a_sheet_adds_its_items_and_a_bonus_lifts_to_a_hundred_at_most() -> None:
    assert chairs.sheet_total(CHAIRS, ALL) == 100
    assert chairs.sheet_total(CHAIRS, dict.fromkeys(ALL, Decimal(0))) == 0
    some = {**dict.fromkeys(ALL, Decimal("7.35")), "honours": Decimal(5), "experience": Decimal("2.5")}
    assert chairs.sheet_total(CHAIRS, some) == Decimal("81.00")
    with pytest.raises(KeyError):
        chairs.sheet_total(CHAIRS, {key: most for key, most in ALL.items() if key != "funds"})


@pytest.mark.parametrize("wrong", ["-0.01", "10.01", "9.999", "NaN", "Infinity"])
def test_points_of_an_item_that_cannot_be(wrong: str) -> None:
    assert chairs.item_problem(Decimal(wrong), Decimal(10))
    assert not any(chairs.item_problem(Decimal(fine), Decimal(10)) for fine in ("0", "10", "9.99", "9.990", "1E1"))


def rule(**changes: object) -> PanelRule:
    return msgspec.structs.replace(CHAIRS.panel, **changes)


def test_the_panels_mean() -> None:
    totals = [Decimal(each) for each in (70, 80, 81)]
    assert chairs.panel_mean(totals, rule()) == chairs.PanelMean(score=Decimal("77.00"), counted=3, dropped=0)
    assert chairs.panel_mean([*totals, Decimal("80.02")], rule()).score == Decimal("77.76")  # 77.755
    with pytest.raises(ValueError, match="2 sheets, the panel needs 3"):
        chairs.panel_mean(totals[:2], rule())


def test_the_highest_and_the_lowest_are_left_out_only_when_enough_remain() -> None:
    dropping = rule(drop_extremes=True, drop_from=5)
    four = [Decimal(each) for each in (0, 70, 80, 100)]
    assert chairs.panel_mean(four, dropping) == chairs.PanelMean(score=Decimal("62.50"), counted=4, dropped=0)
    five = [*four, Decimal(75)]
    assert chairs.panel_mean(five, dropping) == chairs.PanelMean(score=Decimal("75.00"), counted=3, dropped=2)
    assert chairs.panel_mean(five, rule()).score == Decimal("65.00")
    # Of equal ones a single sheet goes.
    same = [Decimal(90)] * 4 + [Decimal(60)]
    assert chairs.panel_mean(same, dropping).score == Decimal("90.00")


@given(st.lists(SCORES, min_size=3, max_size=40), st.booleans(), st.randoms())
def test_the_mean_lies_between_and_the_order_is_irrelevant(
    totals: list[Decimal], drop: bool, chance: random.Random
) -> None:
    dropping = rule(drop_extremes=drop)
    mean = chairs.panel_mean(totals, dropping)
    shuffled = list(totals)
    chance.shuffle(shuffled)
    assert chairs.panel_mean(shuffled, dropping) == mean
    assert min(totals) <= mean.score <= max(totals)
    assert mean.counted + mean.dropped == len(totals)
    assert mean.counted >= 3


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        (date(2020, 5, 1), None, 12),
        (date(2025, 1, 15), None, 12),
        (date(2025, 1, 16), None, 11),
        (date(2025, 12, 15), None, 1),
        (date(2025, 12, 16), None, 0),
        (date(2026, 1, 1), None, 0),
        (date(2020, 5, 1), date(2025, 6, 15), 6),
        (date(2020, 5, 1), date(2025, 6, 14), 5),
        (date(2020, 5, 1), date(2024, 12, 31), 0),
        (date(2025, 3, 16), date(2025, 4, 14), 0),
    ],
)
def test_a_month_counts_for_whoever_is_there_on_the_fifteenth(since: date, until: date | None, months: int) -> None:
    assert chairs.months_in_post(2025, since, until, counts_on=15) == months


@given(st.dates(date(2024, 6, 1), date(2026, 6, 30)), st.integers(1, 28))
def test_two_chairs_of_a_year_share_its_months(handover: date, counts_on: int) -> None:
    before = chairs.months_in_post(2025, date(2020, 1, 1), handover - timedelta(days=1), counts_on=counts_on)
    after = chairs.months_in_post(2025, handover, None, counts_on=counts_on)
    assert before + after == 12


def test_whoever_left_is_paid_or_not_as_the_scheme_says() -> None:
    left = (date(2020, 1, 1), date(2025, 6, 30))
    assert chairs.subsidy_months(CHAIRS, 2025, *left) == 6
    strict = msgspec.structs.replace(CHAIRS, part_year=msgspec.structs.replace(CHAIRS.part_year, leavers=False))
    assert chairs.subsidy_months(strict, 2025, *left) == 0
    assert chairs.subsidy_months(strict, 2025, date(2020, 1, 1), date(2025, 12, 31)) == 12
    assert chairs.subsidy_months(strict, 2025, date(2020, 1, 1), date(2026, 2, 1)) == 12
    assert chairs.pay_day(CHAIRS, 2025) == date(2025, 12, 25)


def test_the_reported_year_costs_what_it_cost() -> None:
    """None of the highest grade, four of the middle one, ten of the lowest, all of them a whole year."""
    scores = [of(95, 88, 74)] * 4 + [of(90, 80, 60)] * 10
    made = [chairs.appraise(FLOOR, each, vetoed=False) for each in scores]
    assert Counter(each.band.name for each in made) == {"中级": 4, "初级": 10}
    assert chairs.subsidy_fen(made[0].band, 12) == 2_400_00
    assert sum(chairs.subsidy_fen(each.band, 12) for each in made) == 21_600_00


def test_what_is_missing_for_the_next_grade() -> None:
    made = chairs.appraise(FLOOR, of(95, 88, 74), vetoed=False)
    assert chairs.next_grade(FLOOR, made) == chairs.NextGrade(
        band=FLOOR.bands[0], lacking=Decimal("12.85"), panel=Decimal("90.07")
    )
    assert chairs.next_grade(HALF_UP, made) == chairs.NextGrade(
        band=FLOOR.bands[0], lacking=Decimal("12.35"), panel=Decimal("89.44")
    )
    assert chairs.next_grade(FLOOR, chairs.appraise(FLOOR, of(90, 90, 90), vetoed=False)) is None
    hopeless = chairs.next_grade(FLOOR, chairs.appraise(FLOOR, of(0, 0, 85), vetoed=False))
    assert hopeless is not None
    assert (hopeless.band.name, hopeless.panel) == ("中级", Decimal("93.75"))
    beyond = chairs.next_grade(FLOOR, chairs.appraise(FLOOR, of(0, 0, 94), vetoed=False))
    assert beyond is not None
    assert (beyond.band.name, beyond.lacking, beyond.panel) == ("高级", Decimal("14.8"), None)


@given(SCORES, SCORES, SCORES)
def test_the_panel_that_is_said_to_be_enough_is_enough_and_a_hundredth_less_is_not(
    self_: Decimal, town: Decimal, panel: Decimal
) -> None:
    for version in (FLOOR, HALF_UP):
        made = chairs.appraise(version, of(self_, town, panel), vetoed=False)
        wanted = chairs.next_grade(version, made)
        if wanted is None or wanted.panel is None:
            continue
        reached = chairs.appraise(version, of(self_, town, wanted.panel), vetoed=False)
        assert reached.band.at_least >= wanted.band.at_least
        short = chairs.appraise(version, of(self_, town, wanted.panel - chairs.CENT), vetoed=False)
        assert short.band.at_least < wanted.band.at_least


def test_a_whole_year_of_a_large_county() -> None:
    """1,500 chairs, each scored by themselves, the township and a panel of 25, against whole numbers."""
    chance = random.Random(20251231)
    paid = 0
    for _ in range(1_500):
        self_, town = (Decimal(chance.randint(4_000, 10_000)) / 100 for _ in range(2))
        panel = [Decimal(chance.randint(3_000, 10_000)) / 100 for _ in range(25)]
        mean = chairs.panel_mean(panel, CHAIRS.panel).score
        made = chairs.appraise(FLOOR, of(self_, town, mean), vetoed=chance.random() < 0.02)
        cents = sum(int(each * 100) for each in panel)
        assert int(mean * 100) == (2 * cents + 25) // 50
        e4 = int(self_ * 100) * 5 + int(town * 100) * 15 + int(mean * 100) * 80
        assert int(made.score * 10_000) == e4
        assert made.reached.at_least == next(least for least in (90, 75, 60, 0) if e4 >= least * 10_000)
        months = chairs.subsidy_months(FLOOR, 2025, date(2025, chance.randint(1, 12), chance.randint(1, 28)), None)
        paid += chairs.subsidy_fen(made.band, months)
        assert chairs.subsidy_fen(made.band, months) <= 300_00 * 12
    assert paid % 100_00 == 0
    assert paid > 0


def test_the_arithmetic_knows_no_floats() -> None:
    for path in (ROOT / "backend" / "grading" / "rules").glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "float" not in names, path
        literals = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        assert not any(isinstance(value, float) for value in literals), path
