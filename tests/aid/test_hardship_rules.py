"""What a household has a month and person, the class that it suggests, and the lines of config/hardship.yaml."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.aid import hardship_lines
from backend.aid import hardship_rules as rules
from backend.aid.hardship_enums import Basis, Grade
from backend.aid.hardship_lines import LinesError
from backend.aid.hardship_rules import Figures, Lines
from backend.core.settings import CONFIG_DIR

LINES = Lines(
    since=date(2024, 1, 1),
    basis=Basis.SAMPLE,
    source="示例",
    dibao_line_fen=650_00,
    relative_percent=150,
    accident_percent=60,
    review_months=12,
    warn_days=30,
)


def figures(income: int, expense: int = 0, people: int = 3, *, sudden: bool = False) -> Figures:
    return Figures(income_fen=income, expense_fen=expense, people=people, sudden=sudden)


@pytest.mark.parametrize(
    ("income", "expense", "people", "expected"),
    [
        (36_000_00, 0, 3, 1_000_00),
        (36_000_00, 12_600_00, 3, 650_00),
        (36_000_00, 40_000_00, 3, 0),
        (10_000_00, 0, 7, 119_05),  # 11,904.76… fen
        (18, 0, 1, 2),  # half a fen counts as one
        (17, 0, 1, 1),
    ],
)
def test_income_a_month_and_person(income: int, expense: int, people: int, expected: int) -> None:
    assert rules.per_capita_fen(figures(income, expense, people)) == expected


@pytest.mark.parametrize(
    ("each", "expected"),
    [(0, Grade.DEEP), (649_99, Grade.DEEP), (650_00, Grade.RELATIVE), (974_99, Grade.RELATIVE), (975_00, None)],
)
def test_the_lines_divide_the_classes(each: int, expected: Grade | None) -> None:
    assert rules.suggest(figures(each * 12, people=1), LINES).grade is expected


def test_an_illness_that_eats_the_income_is_a_class_of_its_own() -> None:
    rich = figures(200_000_00, 120_000_00, 2, sudden=True)
    assert rules.suggest(rich, LINES).grade is Grade.ACCIDENT
    assert rules.suggest(figures(200_000_00, 119_999_99, 2, sudden=True), LINES).grade is None
    assert rules.suggest(figures(200_000_00, 120_000_00, 2), LINES).grade is None
    assert rules.suggest(figures(10_000_00, 120_000_00, 2, sudden=True), LINES).grade is Grade.DEEP


def test_the_words_say_how() -> None:
    assert rules.suggest(figures(36_000_00, 14_400_00), LINES).text == (
        "按 3 口人算，人均月收入约 600.00 元，低于低保标准 650.00 元，建议：深度困难"
    )
    assert rules.suggest(figures(36_000_00), LINES).text == (
        "按 3 口人算，人均月收入约 1,000.00 元，不低于相对困难线 975.00 元，不建议建档"
    )


@given(
    income=st.integers(0, 10**9), expense=st.integers(0, 10**9), people=st.integers(1, 15), more=st.integers(0, 10**8)
)
def test_more_income_never_looks_poorer(income: int, expense: int, people: int, more: int) -> None:
    one, other = figures(income, expense, people), figures(income + more, expense, people)
    assert rules.per_capita_fen(one) <= rules.per_capita_fen(other)
    assert abs(Decimal(rules.per_capita_fen(one)) - Decimal(max(0, income - expense)) / 12 / people) <= Decimal("0.5")


def test_a_review_is_due_a_year_later() -> None:
    assert rules.review_day(date(2026, 3, 10), LINES) == date(2027, 3, 10)
    assert rules.review_day(date(2024, 2, 29), LINES) == date(2025, 2, 28)


# ---- the file ----------------------------------------------------------------------

SHIPPED = (CONFIG_DIR / "hardship.yaml").read_text("utf-8")


def test_the_shipped_lines_hold_from_their_day_on(tmp_path: Path) -> None:
    later = SHIPPED + "  - {since: 2027-01-01, basis: county, source: 文件, dibao_line_fen: 70000,"
    later += " relative_percent: 200, accident_percent: 50, review_months: 6, warn_days: 10}\n"
    (tmp_path / "hardship.yaml").write_text(later, "utf-8")
    hardship_lines.load(tmp_path)
    assert hardship_lines.on(date(2020, 1, 1)).dibao_line_fen == 650_00
    assert hardship_lines.on(date(2026, 12, 31)).relative_line_fen == 975_00
    assert hardship_lines.on(date(2027, 1, 1)).relative_line_fen == 1_400_00
    hardship_lines.load(CONFIG_DIR)


SLIPS = [
    ("dibao_line_fen: 65000", "dibao_line_fen: 0", "0 要在 1 到 10000000 之间"),
    ("relative_percent: 150", "relative_percent: 99", "99 要在 100 到 1000 之间"),
    ("accident_percent: 60", "accident_percent: 0", "0 要在 1 到 1000 之间"),
    ("review_months: 12", "review_months: 61", "61 要在 1 到 60 之间"),
    ("warn_days: 30", "warn_days: 181", "181 要在 0 到 180 之间"),
]


@pytest.mark.parametrize(("right", "slip", "words"), SLIPS)
def test_a_slip_is_named_with_its_line(tmp_path: Path, right: str, slip: str, words: str) -> None:
    assert right in SHIPPED
    text = SHIPPED.replace(right, slip)
    (tmp_path / "hardship.yaml").write_text(text, "utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if slip in one)
    assert hardship_lines.check(tmp_path) == [f"config/hardship.yaml:{line}: {words}"]
    with pytest.raises(LinesError):
        hardship_lines.load(tmp_path)


def test_versions_follow_one_another_and_none_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "hardship.yaml"
    body = SHIPPED.partition("versions:\n")[2]
    file.write_text(f"versions:\n{body}{body}", "utf-8")
    assert "版本要按日期先后写" in hardship_lines.check(tmp_path)[0]
    file.write_text("versions: []\n", "utf-8")
    assert "至少要有一个版本" in hardship_lines.check(tmp_path)[0]
    file.unlink()
    assert "没有这个文件" in hardship_lines.check(tmp_path)[0]
