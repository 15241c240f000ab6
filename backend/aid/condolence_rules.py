"""Sums of condolences on a day. No clock, no database."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import msgspec

from backend.aid.condolence_enums import EVENT_TEXT, Festival, LifeEvent
from backend.aid.hardship_enums import Basis
from backend.core.errors import FieldError, sentence
from backend.core.money import yuan

FAR_AHEAD = timedelta(days=366)
PAPER, GOODS = (2, 100), (2, 60)


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    most_fen: int
    usual_fen: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """A version of config/condolences.yaml."""

    since: date
    basis: Basis
    source: str
    events: dict[LifeEvent, Sum]
    festival_year_fen: int
    festivals: tuple[Festival, ...]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """A standard that a unit has set, from a day on."""

    since: date
    amount_fen: int
    paper: str


class Standard(msgspec.Struct, frozen=True):
    """What holds on a day, and by what."""

    amount_fen: int
    words: str


def standard_on(event: LifeEvent, day: date, limits: Limits, own: Sequence[Own]) -> Standard:
    """The unit's own standard of that day, never above the limit of that day; else the usual sum."""
    allowed = limits.events[event]
    held = max((one for one in own if one.since <= day), key=lambda one: one.since, default=None)
    if held is None:
        return Standard(allowed.usual_fen, f"本会没有自定标准，按{limits.source}的一般标准")
    if held.amount_fen > allowed.most_fen:
        return Standard(allowed.most_fen, f"本会标准高于{limits.source}的上限，按上限")
    return Standard(held.amount_fen, f"本会标准，{held.since}起，依据{held.paper}")


def standard_problems(
    event: LifeEvent, amount_fen: int, since: date, paper: str, *, limits: Limits, today: date
) -> Iterator[FieldError]:
    """`limits` are those of the day from which the standard is to hold."""
    most = limits.events[event].most_fen
    if amount_fen <= 0:
        yield FieldError("amount_fen", sentence("amount_not_positive"))
    elif amount_fen > most:
        yield FieldError("amount_fen", sentence("standard_above", event=EVENT_TEXT[event], most=yuan(most)))
    if not today <= since <= today + FAR_AHEAD:
        yield FieldError("since", sentence("standard_since"))
    if not PAPER[0] <= len(paper) <= PAPER[1]:
        yield FieldError("paper", sentence("standard_paper"))


def issue_problems(
    festival: Festival, goods: str, worth_fen: int, given_on: date, *, limits: Limits, today: date
) -> Iterator[FieldError]:
    """`limits` are those of the day on which the goods were given."""
    if festival not in limits.festivals:
        yield FieldError("festival", sentence("festival_not_allowed"))
    if not GOODS[0] <= len(goods) <= GOODS[1]:
        yield FieldError("goods", sentence("festival_goods"))
    if worth_fen <= 0:
        yield FieldError("worth_fen", sentence("amount_not_positive"))
    elif worth_fen > limits.festival_year_fen:
        yield FieldError("worth_fen", sentence("festival_above", most=yuan(limits.festival_year_fen)))
    if not date(today.year - 1, 1, 1) <= given_on <= today:
        yield FieldError("given_on", sentence("festival_day"))
