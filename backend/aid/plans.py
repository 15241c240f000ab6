"""The plans of config/benefits/, frozen: one file each, with a version for every date on which the rules changed.

What was granted keeps the date of the version that it was made by, and its figures: a changed file changes nothing
settled.
"""

from calendar import monthrange
from datetime import date
from decimal import Decimal

import msgspec

from backend.aid.plan_enums import BelongYear, BenefitBase, Coordination, PlanAudience, PlanBasis, Rounding, Scope


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the sum, up to so much, and what is paid of it. Only the last one has no end."""

    percent: Decimal
    upto_fen: int | None = None


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    per_year: int
    per_stay: int | None = None


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the plan never pays for."""

    code: str
    name: str


class LumpSum(msgspec.Struct, frozen=True, kw_only=True):
    """A fixed sum for something that happened, beside what the tiers bring. Never more than was really paid, unless
    it is owed `beyond_cost`: for a death, or for a limb."""

    code: str
    name: str
    amount_fen: int
    beyond_cost: bool = False


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """When one may enrol for a year: from the first day of a month of the year before to the last day of a month of
    the year itself."""

    opens_month: int
    closes_month: int

    def days(self, year: int) -> tuple[date, date]:
        last = monthrange(year, self.closes_month)[1]
        return date(year - 1, self.opens_month, 1), date(year, self.closes_month, last)


class PlanVersion(msgspec.Struct, frozen=True, kw_only=True):
    """`until` is the last day, where it is known; without it the version holds until the next one begins.

    `share_percent`: what each share beyond the first adds, in percent of what one share brings.
    """

    since: date
    until: date | None = None
    basis: PlanBasis
    source: str
    audience: tuple[PlanAudience, ...]
    fee_fen: int
    months: int
    window: Window
    max_shares: int
    share_percent: int
    wait_days: int
    renew_gap_days: int
    base: BenefitBase
    deductible_fen: int
    deductible_scope: Scope
    tiers: tuple[Tier, ...]
    tier_scope: Scope
    lump_sums: tuple[LumpSum, ...] = ()
    cap_fen: Caps
    min_pay_fen: int
    coordination: Coordination
    claim_deadline_days: int  # after the discharge
    belong_year: BelongYear
    rounding: Rounding
    exclusions: tuple[Exclusion, ...]

    @property
    def only_women(self) -> bool:
        return self.audience == (PlanAudience.WOMAN,)

    def lump_sum(self, code: str) -> LumpSum | None:
        return next((one for one in self.lump_sums if one.code == code), None)

    def exclusion(self, code: str) -> Exclusion | None:
        return next((one for one in self.exclusions if one.code == code), None)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`usual`: the one that is meant where nobody names a plan. Exactly one is."""

    slug: str
    name: str
    usual: bool = False
    versions: tuple[PlanVersion, ...]

    def on(self, day: date) -> PlanVersion | None:
        """The version in force on `day`; they stand in the order of their dates."""
        found = next((version for version in reversed(self.versions) if version.since <= day), None)
        return None if found is None or (found.until is not None and found.until < day) else found

    def of_stay(self, admit: date, discharge: date) -> PlanVersion | None:
        """The version that a stay belongs to: that of its admission, or where that one says so of its discharge."""
        version = self.on(admit)
        if version is None or version.belong_year is BelongYear.ADMIT:
            return version
        return self.on(discharge) or version

    def of_year(self, year: int, asked_on: date) -> PlanVersion | None:
        """The version by which somebody enrols for a year: that of the day on which they ask, and for a year that has
        not begun that of its first day."""
        return self.on(max(asked_on, date(year, 1, 1)))

    def version(self, since: date) -> PlanVersion | None:
        return next((one for one in self.versions if one.since == since), None)


class Plans(msgspec.Struct, frozen=True):
    """All of them, the usual one first."""

    all: tuple[Plan, ...]

    @property
    def usual(self) -> Plan:
        return self.all[0]

    def named(self, slug: str) -> Plan | None:
        return next((plan for plan in self.all if plan.slug == slug), None)


def version_name(plan: Plan, version: PlanVersion) -> str:
    """hospital@2026-01-01: what an estimate and a grant say they were made by."""
    return f"{plan.slug}@{version.since}"
