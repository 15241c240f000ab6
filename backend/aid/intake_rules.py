"""Yearly batches and what excludes from them. No clock, no database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from backend.aid.intake_enums import SCHOOL_KINDS, Exclusion, IntakeState, Phase
from backend.aid.intake_schemas import IntakeFacts
from backend.core.errors import FieldError, sentence
from backend.core.money import yuan

TITLE, TEXT, PAPER = (2, 60), (2, 2000), (2, 100)
MOST_FEN, MOST_QUOTA = 100_000_000_00, 100_000
LONGEST, FAR_AHEAD = timedelta(days=366), timedelta(days=366)


def phase(opens_on: date, closes_on: date, state: str, today: date) -> Phase:
    """Both days count."""
    if state == IntakeState.CLOSED or today > closes_on:
        return Phase.OVER
    return Phase.AHEAD if today < opens_on else Phase.OPEN


def window_problems(opens_on: date, closes_on: date, *, year: int, today: date) -> Iterator[FieldError]:
    if not today.year <= year <= today.year + 1:
        yield FieldError("year", sentence("intake_year"))
    elif opens_on.year != year:
        yield FieldError("opens_on", sentence("intake_opens"))
    yield from closing_problems(opens_on, closes_on, today=today)


def closing_problems(opens_on: date, closes_on: date, *, today: date) -> Iterator[FieldError]:
    if not max(opens_on, today) <= closes_on <= opens_on + LONGEST:
        yield FieldError("closes_on", sentence("intake_closes"))


def words_problems(text: str, title: str | None = None) -> Iterator[FieldError]:
    if title is not None and not TITLE[0] <= len(title) <= TITLE[1]:
        yield FieldError("title", sentence("intake_title"))
    if not TEXT[0] <= len(text) <= TEXT[1]:
        yield FieldError("text", sentence("intake_text"))


def size_problems(
    budget_fen: int, quota: int | None, *, granted: int = 0, granted_fen: int = 0
) -> Iterator[FieldError]:
    """Never below what was granted."""
    if not max(1, granted_fen) <= budget_fen <= MOST_FEN:
        yield FieldError("budget_fen", sentence("intake_budget", least=yuan(max(1, granted_fen))))
    if quota is not None and not max(1, granted) <= quota <= MOST_QUOTA:
        yield FieldError("quota", sentence("intake_quota", least=max(1, granted), most=MOST_QUOTA))


def grant_problems(intake: IntakeFacts, amount_fen: int) -> Iterator[FieldError]:
    """Before it is granted: whether there is room for one more of this amount."""
    if intake.quota is not None and intake.granted >= intake.quota:
        yield FieldError("amount", sentence("intake_full", quota=intake.quota))
    elif intake.granted_fen + amount_fen > intake.budget_fen:
        yield FieldError("amount", sentence("intake_short", left=yuan(intake.budget_fen - intake.granted_fen)))


# ---- what excludes -----------------------------------------------------------------


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """From a day on this excludes, or does not."""

    code: Exclusion
    since: date
    excluded: bool
    paper: str = ""


def usual_of(words: str) -> frozenset[Exclusion]:
    """From the words of a parameter: other_aid;costly;military."""
    return frozenset(Exclusion(part.strip()) for part in words.split(";") if part.strip())


def latest(code: Exclusion, changes: Sequence[Change], day: date) -> Change | None:
    """The change that holds on a day."""
    begun = [one for one in changes if one.code is code and one.since <= day]
    return max(begun, key=lambda one: one.since, default=None)


def excluded_on(code: Exclusion, changes: Sequence[Change], usual: frozenset[Exclusion], day: date) -> bool:
    held = latest(code, changes, day)
    return code in usual if held is None else held.excluded


def applies(code: Exclusion, form: Mapping[str, object], *, aided: bool | None) -> bool | None:
    """Whether it is true of somebody's form; None where the form, or the history, does not say."""
    if code is Exclusion.UNION_AID:
        return aided
    if code is Exclusion.OTHER_AID:
        said = form.get("other_aid")
        return said if isinstance(said, bool) else None
    kind = form.get("school_kind")
    return None if not kind else code in SCHOOL_KINDS and kind == code.value


def exclusion_problems(since: date, paper: str, *, today: date) -> Iterator[FieldError]:
    if not today <= since <= today + FAR_AHEAD:
        yield FieldError("since", sentence("standard_since"))
    if not PAPER[0] <= len(paper) <= PAPER[1]:
        yield FieldError("paper", sentence("standard_paper"))
