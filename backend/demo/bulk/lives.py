"""What became of the ordinal-th case: its service, its days, its end. Arithmetic alone."""

from datetime import datetime, timedelta

import msgspec

from backend.casework.enums import CaseStatus
from backend.demo.bulk.plan import Plan, Service, moment

_MASK = (1 << 64) - 1
_OPENING, _HOURS = 8.5 * 3600, 9 * 3600
_ONE_IN_FORGOTTEN = 500
# How often a person may have joined again.
_MOST_JOININGS = 40


class Life(msgspec.Struct, frozen=True):
    """`ended` is when it was decided, withdrawn, returned or put on hold; None while it waits at its desk."""

    status: CaseStatus
    day: int  # index of the working day of submission
    submitted: datetime
    ended: datetime | None
    wait: int  # working days until then


def mixed(number: int) -> int:
    """The same odd-looking number for the same number."""
    number = (number + 0x9E3779B97F4A7C15) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


def service_of(plan: Plan, case: int) -> Service:
    return plan.services[case % len(plan.services)]


def number_of(plan: Plan, case: int) -> str:
    """Seven digits and more: the county's own cases have six."""
    day = plan.workdays[_day(plan, case)]
    return f"{service_of(plan, case).prefix}{day.year}-{1_000_000 + case}"


def life(plan: Plan, case: int) -> Life:
    service, number, day = service_of(plan, case), mixed(case), _day(plan, case)
    share = (case * len(plan.workdays) % plan.cases) / plan.cases
    submitted = moment(plan.workdays[day], _OPENING + share * _HOURS)
    wait, age = number % (service.limit + 1), len(plan.workdays) - 1 - day
    if wait > age or (number >> 20) % _ONE_IN_FORGOTTEN == 0:
        status = _waiting((number >> 10) % 100)
        wait = min(wait, age)
        stopped = status in (CaseStatus.RETURNED, CaseStatus.ON_HOLD)
    else:
        status, stopped = _closed(plan, service, case, (number >> 10) % 100), True
    return Life(status, day, submitted, _ending(plan, day + wait, submitted, number) if stopped else None, wait)


def joined_at(plan: Plan, case: int) -> datetime | None:
    """When a joining was approved; None when it was not."""
    found = life(plan, case)
    return found.ended if found.status is CaseStatus.APPROVED else None


def _day(plan: Plan, case: int) -> int:
    return case * len(plan.workdays) // plan.cases


def _waiting(percent: int) -> CaseStatus:
    if percent < 45:
        return CaseStatus.SUBMITTED
    if percent < 75:
        return CaseStatus.IN_REVIEW
    return CaseStatus.RETURNED if percent < 90 else CaseStatus.ON_HOLD


def _closed(plan: Plan, service: Service, case: int, percent: int) -> CaseStatus:
    times = case // len(plan.services) // plan.members
    if percent < 80 and service.may_approve and not (service.joins and times >= _MOST_JOININGS):
        return CaseStatus.APPROVED
    return CaseStatus.REJECTED if percent % 20 < 12 else CaseStatus.WITHDRAWN


def _ending(plan: Plan, day: int, submitted: datetime, number: int) -> datetime:
    later = moment(plan.workdays[day], 9 * 3600 + (number >> 30) % 28_000)
    return later if later > submitted else submitted + timedelta(minutes=20)
