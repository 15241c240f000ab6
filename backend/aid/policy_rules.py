"""Who may enrol, when a policy begins, waits and ends, and what it costs. No input, no clock, no database."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from backend.aid.enums import PolicyState, Standing
from backend.aid.plans import PlanVersion
from backend.aid.schemas import RefundInput
from backend.core import national, predicates
from backend.core.errors import FieldError, sentence
from backend.core.money import yuan

_DAY = timedelta(days=1)
REASON = (2, 100)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What the plan says on the day, and the parameters of the service. `gap_days`: so long after the end of a policy
    the next one goes on from it."""

    fee_fen: int
    waiting_days: int
    gap_days: int
    max_age: int
    refundable: bool
    months: int
    only_women: bool = False
    max_shares: int = 10


def terms_of(version: PlanVersion, *, max_age: int, refundable: bool) -> Terms:
    return Terms(
        fee_fen=version.fee_fen,
        waiting_days=version.wait_days,
        gap_days=version.renew_gap_days,
        max_age=max_age,
        refundable=refundable,
        months=version.months,
        only_women=version.only_women,
        max_shares=version.max_shares,
    )


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


def year_of_policy(year: int, starts_on: date, day: date) -> int:
    """The year of a policy that a day lies in, of one that holds for several: its first, or one more for each full
    year since it began."""
    full = day.year - starts_on.year - ((day.month, day.day) < (starts_on.month, starts_on.day))
    return year + max(0, full)


def covered(year: int, before: date | None) -> bool:
    """Whether a policy of several years holds to the end of the year that is asked for."""
    return before is not None and before >= date(year, 12, 31)


def refusals(
    entrants: Sequence[Entrant],
    *,
    taken: Mapping[str, object],
    held: Mapping[str, date],
    year: int,
    today: date,
    terms: Terms,
) -> Iterator[Refused]:
    """Rows that cannot take part, with the code of the sentence that says why. `taken` are persons, by their index,
    who have the plan of that year already, `held` the last day of what persons had of it so far."""
    seen = set[str]()
    for one in entrants:
        code = _why_not(one, today, terms)
        if code is None and one.index in seen:
            code = "enrol_twice_in_list"
        elif code is None and (one.index in taken or covered(year, held.get(one.index))):
            code = "enrol_has_policy"
        seen.add(one.index)
        if code is not None:
            yield Refused(one.row, code)


def _why_not(one: Entrant, today: date, terms: Terms) -> str | None:
    birth = _birth(one.id_no)
    if birth is None:
        return "enrol_id_no"
    if national.age_on(birth, today) > terms.max_age:
        return "enrol_too_old"
    if terms.only_women and int(one.id_no[16]) % 2:
        return "enrol_not_a_woman"
    if one.shares > terms.max_shares:
        return "enrol_too_many_shares"
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
