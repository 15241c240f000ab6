"""Amounts that staff set, against the rule in force on that day. No input, no clock, no database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from backend.core.errors import FieldError, sentence
from backend.core.money import yuan

_KINDS = {"life": "生活类", "medical": "医疗类"}
_OF_CAUSE = {"illness": ("medical",), "accident": ("life", "medical")}  # of any other: what one lives on
_SENIOR = ("senior", "vocational")
_ON, _HIGHER_WORDS, _SENIOR_WORDS = "on", "大专及以上", "高中或中职"


class Range(msgspec.Struct, frozen=True):
    """In fen, both ends allowed."""

    least: int
    most: int


def ranges_of(text: str) -> dict[str, Range]:
    """From the words of a parameter: life=50000..200000;medical=100000..600000."""
    found: dict[str, Range] = {}
    for part in text.split(";"):
        kind, _, bounds = part.strip().partition("=")
        least, _, most = bounds.partition("..")
        found[kind] = Range(int(least), int(most))
    return found


def range_for(cause: str, ranges: Mapping[str, Range]) -> tuple[str, Range]:
    """The kind of aid in words and what it may be."""
    kinds = _OF_CAUSE.get(cause, ("life",))
    chosen = [ranges[kind] for kind in kinds]
    words = "或".join(_KINDS[kind] for kind in kinds)
    return words, Range(min(one.least for one in chosen), max(one.most for one in chosen))


class Relief(msgspec.Struct, frozen=True, kw_only=True):
    """`amount_fen` in all, of which `first_fen` was promised before; `due_fen` is what is left."""

    amount_fen: int
    first_fen: int
    due_fen: int


def relief_problems(
    said: Relief, *, promised_fen: int, cause: str, ranges: Mapping[str, Range]
) -> Iterator[FieldError]:
    """What was promised in an emergency is taken from what is granted, to the fen."""
    words, allowed = range_for(cause, ranges)
    if not allowed.least <= said.amount_fen <= allowed.most:
        yield FieldError("amount", _outside(words, allowed))
    if said.first_fen != promised_fen:
        code = "relief_first" if promised_fen else "relief_no_first"
        yield FieldError("paid_first", sentence(code, first=yuan(promised_fen)))
    elif said.due_fen != said.amount_fen - promised_fen:
        left = max(0, said.amount_fen - promised_fen)
        yield FieldError("due_amount", sentence("relief_due", due=yuan(left)))


def promise_problems(amount_fen: int, *, cause: str, ranges: Mapping[str, Range]) -> Iterator[FieldError]:
    """It may be little, and not more than can be granted in the end."""
    words, allowed = range_for(cause, ranges)
    if amount_fen > allowed.most:
        yield FieldError("amount", sentence("relief_promise", kind=words, most=yuan(allowed.most)))


def _outside(words: str, allowed: Range) -> str:
    return sentence("relief_range", kind=words, least=yuan(allowed.least), most=yuan(allowed.most))


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """`standard` is on_higher, on_senior, off_higher or off_senior."""

    standard: str
    amount_fen: int


def award_problems(said: Award, *, stage: str, on_file: bool, amounts: Mapping[str, int]) -> Iterator[FieldError]:
    """By the household's file and what is studied; the amount is that of the standard."""
    file, _, level = said.standard.partition("_")
    if (level == "senior") != (stage in _SENIOR):
        words = _SENIOR_WORDS if stage in _SENIOR else _HIGHER_WORDS
        yield FieldError("standard", sentence("award_stage", stage=words))
    elif (file == _ON) != on_file:
        yield FieldError("standard", sentence("award_not_on_file" if file == _ON else "award_on_file"))
    elif said.amount_fen != amounts[said.standard]:
        yield FieldError("amount", sentence("award_amount", amount=yuan(amounts[said.standard])))


def visit_problems(amount_fen: int, people: int, removed: int, *, budget_fen: int, listed: int) -> Iterator[FieldError]:
    """What is granted for visits, against what was asked for."""
    if amount_fen > budget_fen:
        yield FieldError("amount", sentence("visit_budget", budget=yuan(budget_fen)))
    if people + removed != listed:
        yield FieldError("people", sentence("visit_people", listed=listed))


Event = tuple[str, date]  # what happened, and when


def comforted_before(event: Event, limits: str, earlier: Sequence[Event]) -> list[date]:
    """The days of what was comforted before and rules this out, by the words of a parameter: illness:1/y is once in a
    calendar year, birth:1/event once for each day, marriage:1 once. What is not named may come again."""
    named = dict(part.strip().split(":", 1) for part in limits.split(";") if part.strip())
    what, day = event
    alike = [then for kind, then in earlier if kind == what]
    match named.get(what, ""):
        case "1/y":
            return [then for then in alike if then.year == day.year]
        case "1/event":
            return [then for then in alike if then == day]
        case "1":
            return alike
    return []
