"""Who may enrol, when a policy begins, waits and ends, and what it costs. No input, no clock, no database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from backend.aid.enums import PolicyState, Standing
from backend.aid.schemas import RefundInput
from backend.core import national, predicates
from backend.core.errors import FieldError, sentence
from backend.core.money import yuan

WOMEN = "female"  # the plan that only women take part in
_DAY = timedelta(days=1)
REASON = (2, 100)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the parameters in force say. `gap_days`: so long after the end of a policy the next one goes on from it."""

    fee_fen: int
    waiting_days: int
    gap_days: int
    max_age: int
    refundable: bool
    months: int


class Entrant(msgspec.Struct, frozen=True, kw_only=True):
    """`row` counts from one in a list; 0 is somebody who enrols alone."""

    row: int
    name: str
    id_no: str
    index: str
    shares: int


class Refused(msgspec.Struct, frozen=True):
    row: int
    code: str


class Span(msgspec.Struct, frozen=True):
    starts_on: date
    wait_end: date
    ends_on: date
    renewed: bool


def span(year: int, decided_on: date, before: date | None, terms: Terms) -> Span:
    """From the day of the decision, not before the year of the plan and not before the end of the policy `before`."""
    first = max(decided_on, date(year, 1, 1))
    starts_on = max(first, before + _DAY) if before is not None else first
    renewed = before is not None and starts_on - before <= timedelta(days=terms.gap_days + 1)
    waits = 0 if renewed else terms.waiting_days
    ends_on = predicates.back(starts_on, -terms.months, "m") - _DAY
    return Span(starts_on, starts_on + timedelta(days=waits) - _DAY, ends_on, renewed)


def refusals(
    entrants: Sequence[Entrant], *, plan: str, taken: Mapping[str, object], today: date, terms: Terms
) -> Iterator[Refused]:
    """Rows that cannot take part, with the code of the sentence that says why. `taken` are persons, by their index,
    who have the plan of that year already."""
    seen = set[str]()
    for one in entrants:
        code = _why_not(one, plan, today, terms)
        if code is None and one.index in seen:
            code = "enrol_twice_in_list"
        elif code is None and one.index in taken:
            code = "enrol_has_policy"
        seen.add(one.index)
        if code is not None:
            yield Refused(one.row, code)


def _why_not(one: Entrant, plan: str, today: date, terms: Terms) -> str | None:
    birth = _birth(one.id_no)
    if birth is None:
        return "enrol_id_no"
    if national.age_on(birth, today) > terms.max_age:
        return "enrol_too_old"
    if plan == WOMEN and int(one.id_no[16]) % 2:
        return "enrol_not_a_woman"
    return None


def _birth(id_no: str) -> date | None:
    if len(id_no) != 18 or not id_no[:17].isdigit():
        return None
    try:
        return date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))
    except ValueError:
        return None


def fee_of(entrants: Sequence[Entrant], terms: Terms) -> int:
    """In fen: people times shares times the fee of a share."""
    return sum(one.shares for one in entrants) * terms.fee_fen


def standing(*, state: PolicyState, starts_on: date, wait_end: date, ends_on: date, today: date) -> Standing:
    if state is PolicyState.REFUNDED:
        return Standing.REFUNDED
    if today < starts_on:
        return Standing.NOT_STARTED
    if today > ends_on:
        return Standing.ENDED
    return Standing.WAITING if today <= wait_end else Standing.EFFECTIVE


def refund_problems(data: RefundInput, reason: str, *, due_fen: int, today: date) -> Iterator[FieldError]:
    least, most = REASON
    if data.amount_fen != due_fen:
        yield FieldError("amount_fen", sentence("policy_refund_amount", due=yuan(due_fen)))
    if data.refunded_on > today:
        yield FieldError("refunded_on", sentence("policy_refund_day"))
    if not least <= len(reason) <= most:
        yield FieldError("reason", sentence("policy_refund_reason", least=least, most=most))
