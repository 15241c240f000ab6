"""What a household has a month and person, and the class that its figures suggest. No input, no clock, no database."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from backend.aid.hardship_enums import GRADE_TEXT, Basis, Grade
from backend.core import predicates
from backend.core.money import yuan

SUDDEN = ("illness", "accident")  # causes that an accident's class may rest on


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """What holds from `since` on."""

    since: date
    basis: Basis
    source: str
    dibao_line_fen: int
    relative_percent: int
    accident_percent: int
    review_months: int
    warn_days: int

    @property
    def relative_line_fen(self) -> int:
        return self.dibao_line_fen * self.relative_percent // 100


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a whole household and a year."""

    income_fen: int
    expense_fen: int
    people: int
    sudden: bool = False  # an illness or an accident is among the causes


class Suggestion(msgspec.Struct, frozen=True):
    per_capita_fen: int
    grade: Grade | None
    text: str


def per_capita_fen(figures: Figures) -> int:
    """Income less what cannot be saved, by months and people; never below nothing, half a fen counts as one."""
    left = Decimal(max(0, figures.income_fen - figures.expense_fen))
    return int((left / 12 / max(1, figures.people)).quantize(Decimal(1), ROUND_HALF_UP))


def suggest(figures: Figures, lines: Lines) -> Suggestion:
    """Whoever decides may see it otherwise."""
    each = per_capita_fen(figures)
    grade, why = _grade(figures, each, lines)
    said = f"按 {figures.people} 口人算，人均月收入约 {yuan(each)} 元，{why}"
    return Suggestion(each, grade, f"{said}，建议：{GRADE_TEXT[grade]}" if grade else f"{said}，不建议建档")


def _grade(figures: Figures, each: int, lines: Lines) -> tuple[Grade | None, str]:
    if each < lines.dibao_line_fen:
        return Grade.DEEP, f"低于低保标准 {yuan(lines.dibao_line_fen)} 元"
    if each < lines.relative_line_fen:
        return Grade.RELATIVE, f"低于相对困难线 {yuan(lines.relative_line_fen)} 元"
    if figures.sudden and figures.expense_fen * 100 >= figures.income_fen * lines.accident_percent:
        return Grade.ACCIDENT, f"因病或意外的支出达到全年收入的 {lines.accident_percent}%"
    return None, f"不低于相对困难线 {yuan(lines.relative_line_fen)} 元"


def review_day(looked_at: date, lines: Lines) -> date:
    """The last day by which a file is to be looked at again."""
    return predicates.back(looked_at, -lines.review_months, "m")
