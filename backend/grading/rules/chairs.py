"""The appraisal of a union's chair: sheets to a score, the score to a grade, the grade to a subsidy.

Scores have two decimals, points and the whole score four at most, so nothing is ever rounded but the panel's mean.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import msgspec

from backend.grading.enums import Assessor, BandRule
from backend.grading.schemes import HUNDRED, Band, ChairVersion, PanelRule

CENT = Decimal("0.01")
ZERO = Decimal(0)
MONTHS = 12


class PartScore(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of assessor gave (`score`, out of a hundred) and what is left of it by its `weight`."""

    assessor: Assessor
    weight: int
    score: Decimal
    points: Decimal


class PanelMean(msgspec.Struct, frozen=True, kw_only=True):
    """`counted` sheets after `dropped` were left out."""

    score: Decimal
    counted: int
    dropped: int


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """`reached` is the band of the score; `band` the grade given, which a veto makes the lowest."""

    parts: tuple[PartScore, ...]
    score: Decimal
    reached: Band
    band: Band


class NextGrade(msgspec.Struct, frozen=True, kw_only=True):
    """`lacking` points of the whole score; `panel` is the mean that would have brought them, the rest as it was, and
    None where even a hundred would not."""

    band: Band
    lacking: Decimal
    panel: Decimal | None


def item_problem(score: Decimal, most: Decimal) -> bool:
    """Whether the points of an item cannot be: outside its range, or finer than two decimals."""
    return not score.is_finite() or not ZERO <= score <= most or score != score.quantize(CENT)


def sheet_total(version: ChairVersion, scores: Mapping[str, Decimal]) -> Decimal:
    """A bonus adds to the rest; together they count a hundred at most. KeyError when an item is not scored."""
    return min(HUNDRED, sum((scores[item.key] for item in version.items), ZERO)).quantize(CENT)


def panel_mean(totals: Sequence[Decimal], rule: PanelRule) -> PanelMean:
    """The mean of the members' totals, half up to two decimals. ValueError when fewer than the rule asks for."""
    if len(totals) < rule.at_least:
        raise ValueError(f"{len(totals)} sheets, the panel needs {rule.at_least}")
    kept = sorted(totals)
    if rule.drop_extremes and len(kept) >= rule.drop_from:
        kept = kept[1:-1]
    mean = (sum(kept, ZERO) / len(kept)).quantize(CENT, ROUND_HALF_UP)
    return PanelMean(score=mean, counted=len(kept), dropped=len(totals) - len(kept))


def band_of(score: Decimal, bands: Sequence[Band], rule: BandRule) -> Band:
    """Bands stand from the highest to the lowest, which begins at nothing."""
    compared = score.quantize(Decimal(1), ROUND_HALF_UP) if rule is BandRule.HALF_UP else score
    return next(band for band in bands if compared >= band.at_least)


def appraise(version: ChairVersion, scores: Mapping[Assessor, Decimal], *, vetoed: bool) -> Appraisal:
    """Every kind of assessor counts with its declared weight, whoever is missing: a score is required of each."""
    parts = tuple(_part(who, version.weight(who), scores[who]) for who in Assessor)
    total = sum((part.points for part in parts), ZERO)
    reached = band_of(total, version.bands, version.band_rule)
    return Appraisal(parts=parts, score=total, reached=reached, band=version.bands[-1] if vetoed else reached)


def _part(who: Assessor, weight: int, score: Decimal) -> PartScore:
    return PartScore(assessor=who, weight=weight, score=score, points=score * weight / HUNDRED)


def months_in_post(year: int, since: date, until: date | None, *, counts_on: int) -> int:
    """Months of the year in which somebody was in post on the day that counts. `until` is the last day in post.

    Whoever follows the day after takes over exactly the months that are left.
    """
    days = [date(year, month, counts_on) for month in range(1, MONTHS + 1)]
    return sum(since <= day and (until is None or day <= until) for day in days)


def subsidy_months(version: ChairVersion, year: int, since: date, until: date | None) -> int:
    """None at all for somebody who left before the end of the year, where the scheme says so."""
    if until is not None and until < date(year, MONTHS, 31) and not version.part_year.leavers:
        return 0
    return months_in_post(year, since, until, counts_on=version.part_year.counts_on)


def subsidy_fen(band: Band, months: int) -> int:
    return band.monthly_fen * months


def pay_day(version: ChairVersion, year: int) -> date:
    return date(year, version.paid_on.month, version.paid_on.day)


def threshold(band: Band, rule: BandRule) -> Decimal:
    """The least score that reaches the band."""
    return Decimal(band.at_least) - (Decimal("0.5") if rule is BandRule.HALF_UP and band.at_least else ZERO)


def next_grade(version: ChairVersion, appraisal: Appraisal) -> NextGrade | None:
    """What the score lacks for the band above the one it reached; None at the top."""
    place = version.bands.index(appraisal.reached)
    if place == 0:
        return None
    above = version.bands[place - 1]
    needed = threshold(above, version.band_rule)
    others = sum((part.points for part in appraisal.parts if part.assessor is not Assessor.PANEL), ZERO)
    panel = ((needed - others) * HUNDRED / version.weight(Assessor.PANEL)).quantize(CENT, ROUND_CEILING)
    return NextGrade(band=above, lacking=needed - appraisal.score, panel=panel if panel <= HUNDRED else None)


def spoken(score: Decimal) -> str:
    """77.1500 → "77.15", 95 → "95.00": at least two decimals, and every one that says something."""
    text = f"{score:.4f}"
    return text[:-2] + text[-2:].rstrip("0")
