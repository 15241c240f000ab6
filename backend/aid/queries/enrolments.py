"""Who of a case can take part, and what it costs."""

from datetime import date

import msgspec

from backend.aid import plan_files
from backend.aid import policy_rules as rules
from backend.aid.plans import Plan, PlanVersion
from backend.aid.policy_rules import Entrant, Refused, Terms
from backend.aid.queries import policies
from backend.aid.schemas import Enrolment
from backend.core import clock, crypto
from backend.core.errors import Conflict


class SortedOut(msgspec.Struct, frozen=True):
    entrants: list[Entrant]
    refused: list[Refused]


def plan_for(plan: str, year: int, asked_on: date) -> tuple[Plan, PlanVersion] | None:
    """By what somebody enrols who asks on that day."""
    found = plan_files.current().named(plan)
    version = found.of_year(year, asked_on) if found is not None else None
    return (found, version) if found is not None and version is not None else None


def terms_for(plan: str, year: int, asked_on: date, *, max_age: int, refundable: bool) -> Terms:
    found = plan_for(plan, year, asked_on)
    if found is None:
        raise Conflict("enrol_no_plan")
    return rules.terms_of(found[1], max_age=max_age, refundable=refundable)


async def sorted_out(enrolment: Enrolment, terms: Terms) -> SortedOut:
    """Those who can take part, and those who cannot with the reason."""
    entrants = [_entrant(*one) for one in enrolment.people]
    keys = [holds_key(one.index, enrolment) for one in entrants]
    taken = {key.partition(":")[0]: key for key in await policies.held_keys(keys, but_case=enrolment.case_id)}
    held = await policies.last_days([one.index for one in entrants], enrolment.plan, but_case=enrolment.case_id)
    year, today = enrolment.year, clock.today()
    refused = list(rules.refusals(entrants, taken=taken, held=held, year=year, today=today, terms=terms))
    out = {one.row for one in refused}
    return SortedOut([one for one in entrants if one.row not in out], refused)


def _entrant(row: int, name: str, id_no: str, shares: int) -> Entrant:
    return Entrant(row=row, name=name, id_no=id_no, index=crypto.blind_index("id_no", id_no), shares=shares)


def holds_key(index: str, enrolment: Enrolment) -> str:
    return f"{index}:{enrolment.plan}:{enrolment.year}"
