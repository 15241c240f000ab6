"""The schemes of config/grading/, frozen: one file each, with a version for every date on which the rules changed.

A result keeps the date of the version that it was made by, and its figures: a changed file changes nothing settled.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

import msgspec

from backend.grading.enums import Assessor, BandRule, Basis, MissingSelf, Post, YearResult

HUNDRED = Decimal(100)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a score sheet, from nothing to `most` points."""

    key: str
    name: str
    most: Decimal


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """`bonus` points come on top; a sheet counts a hundred at most all the same."""

    key: str
    name: str
    items: tuple[Item, ...]
    bonus: bool = False


class Veto(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A grade from so many points on, and what it brings in fen a month."""

    grade: str
    name: str
    at_least: int
    monthly_fen: int


class PanelRule(msgspec.Struct, frozen=True, kw_only=True):
    """`at_least` sheets have to count. `drop_from`: so many sheets or more lose the highest and the lowest one."""

    at_least: int
    drop_extremes: bool
    drop_from: int = 5


class PartYear(msgspec.Struct, frozen=True, kw_only=True):
    """A month counts for whoever was in post on its day `counts_on`. `leavers`: whether it is paid to those who left
    before the year was over."""

    counts_on: int
    leavers: bool


class PayDay(msgspec.Struct, frozen=True, kw_only=True):
    month: int
    day: int


class ChairVersion(msgspec.Struct, frozen=True, kw_only=True):
    since: date
    basis: Basis
    source: str
    weights: dict[str, int]  # Assessor → percent
    panel: PanelRule
    missing_self: MissingSelf
    parts: tuple[Part, ...]
    vetoes: tuple[Veto, ...]
    bands: tuple[Band, ...]  # the highest first
    band_rule: BandRule
    part_year: PartYear
    objection_workdays: int
    paid_on: PayDay  # of the year that was appraised

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for part in self.parts for item in part.items)

    def weight(self, assessor: Assessor) -> int:
        return self.weights[assessor.value]

    def veto(self, key: str) -> Veto | None:
        return next((veto for veto in self.vetoes if veto.key == key), None)


class PostRange(msgspec.Struct, frozen=True, kw_only=True):
    """The grades of a post, and how many excellent years a change to it takes."""

    post: Post
    name: str
    lowest: int
    highest: int
    excellent: int


class Pay(msgspec.Struct, frozen=True, kw_only=True):
    """A month's pay in fen: by grade, by post, and what the employer adds in percent of the base."""

    base_fen: tuple[int, ...]  # of grade 1, 2, …
    performance_fen: dict[str, int]  # Post → fen
    allowance_fen: dict[str, int]
    welfare_percent: Decimal


class Bonus(msgspec.Struct, frozen=True, kw_only=True):
    """For a year that was appraised with one of `results`, within these limits."""

    least_fen: int
    most_fen: int
    results: tuple[YearResult, ...]


class Training(msgspec.Struct, frozen=True, kw_only=True):
    every_years: int
    warn_days: int


class WorkerVersion(msgspec.Struct, frozen=True, kw_only=True):
    since: date
    basis: Basis
    source: str
    grades: int
    posts: tuple[PostRange, ...]  # the lowest first
    years_per_grade: int
    breaks_count: bool  # whether service goes on counting through a break
    failed_year_counts: bool
    change_restarts_clock: bool
    pay: Pay
    bonus: Bonus
    training: Training

    def range_of(self, post: Post) -> PostRange:
        return next(one for one in self.posts if one.post is post)


class ChairScheme(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    versions: tuple[ChairVersion, ...]

    def on(self, day: date) -> ChairVersion | None:
        return latest(self.versions, day)

    def version(self, since: date) -> ChairVersion | None:
        return next((one for one in self.versions if one.since == since), None)


class WorkerScheme(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    versions: tuple[WorkerVersion, ...]

    def on(self, day: date) -> WorkerVersion:
        """The first version holds for earlier days too: service goes back further than any file."""
        return latest(self.versions, day) or self.versions[0]


class Schemes(msgspec.Struct, frozen=True):
    chairs: ChairScheme
    workers: WorkerScheme


class _Dated(Protocol):
    @property
    def since(self) -> date: ...


V = TypeVar("V", bound=_Dated)


def latest(versions: Sequence[V], day: date) -> V | None:
    """The version in force on `day`; they stand in the order of their dates."""
    return next((version for version in reversed(versions) if version.since <= day), None)
