"""The counts behind the statistics, from the same arithmetic that makes the cases: nothing is read back."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from backend.casework.commands.tallies import days_taken
from backend.casework.enums import CaseStatus
from backend.casework.months import bounds, last
from backend.core import clock
from backend.demo.bulk import lives
from backend.demo.bulk.files import seat_of
from backend.demo.bulk.people import Rows
from backend.demo.bulk.plan import Plan

_CAME = {CaseStatus.RETURNED: "returned", CaseStatus.WITHDRAWN: "withdrawn"}
_WENT = {CaseStatus.APPROVED: "approved", CaseStatus.REJECTED: "rejected"}


def months(plan: Plan) -> list[str]:
    """Every month in which a case came in or was decided."""
    first, today = plan.workdays[0], clock.local(plan.until).date()
    return last((today.year - first.year) * 12 + today.month - first.month + 1, today)


def tally_rows(plan: Plan, numbers: range, county: str) -> Rows:
    """Rows of the months with these numbers."""
    made = ((number, row) for number in numbers for row in enumerate(_of_month(plan, months(plan)[number])))
    return {"case_tally": [{"id": ((number + 1) << 32) + index, **row} for number, (index, row) in made]}


def _of_month(plan: Plan, month: str) -> Iterator[dict[str, object]]:
    begin, end = bounds(month)
    counts: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    paces: defaultdict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for ordinal in _near(plan, month):
        life = lives.life(plan, ordinal)
        slice_ = (lives.service_of(plan, ordinal).slug, seat_of(plan, ordinal, life).union_id)
        if begin <= life.submitted < end:
            counts[slice_].update(["submitted", *([_CAME[life.status]] if life.status in _CAME else [])])
        if life.ended is not None and life.status in _WENT and begin <= life.ended < end:
            counts[slice_][_WENT[life.status]] += 1
            paces[slice_][days_taken(life.submitted, life.ended)] += 1
    for (flow, union_id), counted in counts.items():
        pace = {str(days): cases for days, cases in sorted(paces[flow, union_id].items())}
        figures = {name: counted[name] for name in ("submitted", *_CAME.values(), *_WENT.values())}
        yield {
            "month": month,
            "flow": flow,
            "union_id": union_id,
            **figures,
            "pace": msgspec.json.encode(pace).decode(),
        }


def _near(plan: Plan, month: str) -> range:
    """Ordinals of whatever came in during the month, or so shortly before that it may have been decided in it."""
    inside = [index for index, day in enumerate(plan.workdays) if day.strftime("%Y-%m") == month]
    if not inside:
        return range(0)
    longest = max(service.limit for service in plan.services)
    return range(_first_of(plan, max(0, inside[0] - longest)), _first_of(plan, inside[-1] + 1))


def _first_of(plan: Plan, day: int) -> int:
    """The first ordinal of the day with this index."""
    return min(-(-day * plan.cases // len(plan.workdays)), plan.cases)
