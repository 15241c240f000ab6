"""Straight-through approval as the manager reads it."""

import msgspec


class StraightLine(msgspec.Struct, kw_only=True):
    """A service whose clean cases may pass without a person, and what became of its new cases lately."""

    slug: str
    name: str
    is_on: bool
    since: str | None
    sample_percent: int
    approved: int
    sampled: int
    left: int
    sampled_refused: int  # of the sampled ones, those that a person refused or gave back


class StraightList(msgspec.Struct, kw_only=True):
    days: int
    items: list[StraightLine]


class RuleLine(msgspec.Struct, kw_only=True):
    """How many of the past cases this alone would have sent to a person, or this among others."""

    text: str
    failed: int


class DryRun(msgspec.Struct, kw_only=True):
    """What the rules, as they are written now and with what is known now, say of cases that people decided.

    `refused` and `returned` are numbers of clean cases that people refused, or gave back once and approved then.
    """

    slug: str
    name: str
    is_on: bool
    since: str | None
    sample_percent: int
    steps: list[str]
    days: int
    looked_at: int
    is_cut: bool  # there are more cases in these days than were looked at
    clean: int
    sampled: int
    approved: int  # of the clean ones, by people
    refused: list[str]
    returned: list[str]
    rules: list[RuleLine]
