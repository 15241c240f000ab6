"""What a manager reads: in, out, open, overdue, how long, how often returned; by flow, township and month.

Months come from tallies, what is open from the index of open cases: neither grows with the archive.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

import msgspec

from backend.casework import catalogue, months
from backend.casework.enums import OPEN, CaseStatus
from backend.casework.queries import queue
from backend.casework.queries.scope import sees_everything
from backend.casework.schemas import AgeBand, FlowFigures, MonthFigures, QueueRow, StatisticsView, TownFigures
from backend.core import clock, database, ids, reference
from backend.core.actor import Actor
from backend.core.errors import invalid
from backend.unions import rules as union_rules
from backend.web.paging import Page, decode_cursor

STATS = "stats.view"
MONTHS = 12
# Upper edges in days of the ageing chart; the last band is open.
AGES = (3, 7, 15, 30)
_UNDECIDED = tuple(status.value for status in OPEN)
_YOUNG = ", ".join(f"COUNT(CASE WHEN submitted_at > %s THEN 1 END) AS upto_{number}" for number in range(len(AGES)))


class StatisticsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`month` "2026-03" narrows the figures of flows and townships; empty is the last twelve months."""

    flow: str = ""
    town: str = ""
    month: str = ""


_Row = TypeVar("_Row")


class _Tally(msgspec.Struct, kw_only=True):
    month: str
    flow: str
    town: str
    submitted: int
    returned: int
    withdrawn: int
    approved: int
    rejected: int
    pace: dict[int, int]


class _Open(msgspec.Struct, kw_only=True):
    """`upto_0` and on: those no older than each of the `AGES`."""

    flow: str
    town: str | None
    cases: int
    overdue: int
    upto_0: int
    upto_1: int
    upto_2: int
    upto_3: int


async def statistics(actor: Actor, wanted: StatisticsQuery) -> StatisticsView:
    """A fixed number of queries."""
    lately = months.last(MONTHS, clock.today())
    if wanted.month and wanted.month not in lately:
        raise invalid("month", "wrong_value")
    tallies = [one for one in await _tallies(lately[0], wanted, actor) if one.month in lately]
    waiting = await _open(wanted, actor)
    shown = [one for one in tallies if not wanted.month or one.month == wanted.month]
    pace = _pace(shown)
    return StatisticsView(
        months=_by_month(lately, tallies),
        flows=_by_flow(shown, waiting),
        towns=_by_town(shown, waiting),
        ages=_ages(waiting),
        submitted=sum(one.submitted for one in shown),
        decided=sum(one.approved + one.rejected for one in shown),
        open=sum(one.cases for one in waiting),
        overdue=sum(one.overdue for one in waiting),
        median_days=_share(pace, 0.5),
        p90_days=_share(pace, 0.9),
        returned_percent=_percent(sum(one.returned for one in shown), sum(one.submitted for one in shown)),
    )


async def _tallies(first: str, wanted: StatisticsQuery, actor: Actor) -> list[_Tally]:
    conditions, values = _conditions(wanted, actor, flow="k.flow")
    return await database.views(
        _Tally,
        "SELECT k.month, k.flow, COALESCE(t.division, '') AS town, k.submitted, k.returned, k.withdrawn, k.approved,"  # noqa: S608
        " k.rejected, k.pace FROM case_tally k LEFT JOIN union_org t ON t.id = k.union_id"
        f" WHERE k.month >= %s{conditions}",
        first,
        *values,
    )


def _conditions(wanted: StatisticsQuery, actor: Actor, *, flow: str) -> tuple[str, list[Any]]:
    """What is asked for, inside the branches whose figures the actor may read; `t` is the target union."""
    conditions, values = "", []
    if wanted.flow:
        conditions += f" AND {flow} = %s"
        values.append(wanted.flow)
    if wanted.town:
        conditions += " AND t.division = %s"
        values.append(wanted.town)
    if not sees_everything(actor, STATS):
        scope, bounds_of_scope = union_rules.within("t.path", actor.scope(STATS))
        conditions += f" AND {scope}"
        values += bounds_of_scope
    return conditions, values


async def _open(wanted: StatisticsQuery, actor: Actor) -> list[_Open]:
    """One walk of the index of open cases, whatever lies in the archive; late by either clock, as in the queue."""
    conditions, values = _conditions(wanted, actor, flow="c.flow")
    now = clock.now()
    marks = ", ".join(["%s"] * len(_UNDECIDED))
    # Counted by union first: thousands of cases are not joined, only their sums.
    counted = (
        "SELECT flow, target_union_id, COUNT(*) AS cases,"  # noqa: S608 - placeholders only
        f" COUNT(CASE WHEN next_due_on < %s THEN 1 END) AS overdue, {_YOUNG}"
        f" FROM case_file WHERE status IN ({marks}) GROUP BY flow, target_union_id"
    )
    return await database.views(
        _Open,
        "SELECT c.flow, c.cases, c.overdue, c.upto_0, c.upto_1, c.upto_2, c.upto_3, t.division AS town"  # noqa: S608
        f" FROM ({counted}) c LEFT JOIN union_org t ON t.id = c.target_union_id"
        f" WHERE 1 = 1{conditions}",
        clock.today(),
        *(now - timedelta(days=days) for days in AGES),
        *_UNDECIDED,
        *values,
    )


def _ages(waiting: Sequence[_Open]) -> list[AgeBand]:
    """How old what is open is, in bands."""
    upto = [sum(getattr(one, name) for one in waiting) for name in ("upto_0", "upto_1", "upto_2", "upto_3", "cases")]
    counts = [upto[0], *(after - before for before, after in pairwise(upto))]
    labels = [f"{days} 天内" for days in AGES] + [f"超过 {AGES[-1]} 天"]
    return [AgeBand(label=label, cases=count) for label, count in zip(labels, counts, strict=True)]


class TallyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One service in one township and month."""

    month: str
    flow: str
    town: str
    submitted: int
    returned: int
    withdrawn: int
    approved: int
    rejected: int
    median_days: int | None
    p90_days: int | None


async def tally_lines(actor: Actor, wanted: StatisticsQuery) -> list[TallyLine]:
    """What the figures are made of, in order; one query."""
    lately = months.last(MONTHS, clock.today())
    if wanted.month and wanted.month not in lately:
        raise invalid("month", "wrong_value")
    shown = [wanted.month] if wanted.month else lately
    by_place: dict[tuple[str, str, str], list[_Tally]] = {}
    for one in await _tallies(lately[0], wanted, actor):
        if one.month in shown:
            by_place.setdefault((one.month, one.flow, one.town), []).append(one)
    return [
        TallyLine(
            month=month,
            flow=flow,
            town=town,
            submitted=sum(one.submitted for one in own),
            returned=sum(one.returned for one in own),
            withdrawn=sum(one.withdrawn for one in own),
            approved=sum(one.approved for one in own),
            rejected=sum(one.rejected for one in own),
            median_days=_share(_pace(own), 0.5),
            p90_days=_share(_pace(own), 0.9),
        )
        for (month, flow, town), own in sorted(by_place.items())
    ]


def _by_month(lately: Sequence[str], tallies: Sequence[_Tally]) -> list[MonthFigures]:
    by_month = _grouped(tallies, lambda one: one.month)
    return [
        MonthFigures(
            month=month,
            submitted=sum(one.submitted for one in by_month[month]),
            decided=sum(one.approved + one.rejected for one in by_month[month]),
        )
        for month in lately
    ]


def _by_flow(tallies: Sequence[_Tally], waiting: Sequence[_Open]) -> list[FlowFigures]:
    """The most asked for first."""
    figures = []
    own, here = _grouped(tallies, lambda one: one.flow), _grouped(waiting, lambda one: one.flow)
    for slug in own.keys() | here.keys():
        item = catalogue.current().item(slug)
        figures.append(FlowFigures(slug=slug, name=item.name if item else slug, **_figures(own[slug], here[slug])))
    return sorted(figures, key=lambda one: (-one.submitted, one.name))


def _by_town(tallies: Sequence[_Tally], waiting: Sequence[_Open]) -> list[TownFigures]:
    """A ranking: the largest share decided in time, that is the least overdue, first."""
    divisions, figures = reference.divisions(), []
    own, here = _grouped(tallies, lambda one: one.town), _grouped(waiting, lambda one: one.town or "")
    for town in own.keys() | here.keys():
        figures.append(TownFigures(town=town, name=divisions.name(town) or "其他", **_figures(own[town], here[town])))
    return sorted(figures, key=lambda one: (_percent(one.overdue, one.open), one.median_days or 0, -one.decided))


def _figures(own: Sequence[_Tally], here: Sequence[_Open]) -> dict[str, Any]:
    submitted, pace = sum(one.submitted for one in own), _pace(own)
    return {
        "submitted": submitted,
        "decided": sum(one.approved + one.rejected for one in own),
        "open": sum(one.cases for one in here),
        "overdue": sum(one.overdue for one in here),
        "median_days": _share(pace, 0.5),
        "p90_days": _share(pace, 0.9),
        "returned_percent": _percent(sum(one.returned for one in own), submitted),
    }


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], str]) -> defaultdict[str, list[_Row]]:
    """In one pass: a county has thousands of tallies."""
    groups: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _pace(tallies: Iterable[_Tally]) -> dict[int, int]:
    pace: dict[int, int] = {}
    for one in tallies:
        for days, cases in one.pace.items():
            pace[days] = pace.get(days, 0) + cases
    return pace


def _share(pace: Mapping[int, int], share: float) -> int | None:
    """The day by which this share of the cases was decided; None where none was."""
    total, seen = sum(pace.values()), 0
    for days in sorted(pace):
        seen += pace[days]
        if seen >= total * share:
            return days
    return None


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


# ---- the rows behind a number ---------------------------------------------------------------


class RowsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: in, out, open, overdue or returned."""

    kind: str
    flow: str = ""
    town: str = ""
    month: str = ""


_KINDS = ("in", "out", "open", "overdue", "returned")


async def figure_rows(actor: Actor, wanted: RowsQuery, *, limit: int = 20, cursor: str | None = None) -> Page[QueueRow]:
    """The cases that a figure counts, the latest first."""
    condition, values = behind(actor, wanted)
    before = ids.parse(decode_cursor(cursor, str)[0]) or 0 if cursor else 2**63 - 1
    where = f"c.id < %s{condition}"
    return await queue.page_of(where, [before, *values], limit=limit)


def behind(actor: Actor, wanted: RowsQuery) -> tuple[str, list[Any]]:
    """A condition on `case_file c` and its target union `t`, and its values: the cases that a figure counts."""
    if wanted.kind not in _KINDS:
        raise invalid("kind", "wrong_value")
    narrowed = StatisticsQuery(flow=wanted.flow, town=wanted.town)
    conditions, values = _conditions(narrowed, actor, flow="c.flow")
    more, given = _of_kind(wanted)
    return more + conditions, [*given, *values]


def _of_kind(wanted: RowsQuery) -> tuple[str, list[Any]]:
    if wanted.kind in ("open", "overdue"):
        marks = ", ".join(["%s"] * len(_UNDECIDED))
        conditions = f" AND c.status IN ({marks})"
        values: list[Any] = [*_UNDECIDED]
        if wanted.kind == "overdue":
            conditions, values = conditions + " AND c.next_due_on < %s", [*values, clock.today()]
        return conditions, values
    first, after = _span(wanted.month)
    values = [first, after]
    if wanted.kind == "out":
        final = [CaseStatus.APPROVED.value, CaseStatus.REJECTED.value]
        return " AND c.decided_at >= %s AND c.decided_at < %s AND c.status IN (%s, %s)", [*values, *final]
    conditions = " AND c.submitted_at >= %s AND c.submitted_at < %s"
    if wanted.kind == "returned":
        conditions, values = (
            conditions + " AND (c.round - c.reopened > 1 OR c.status = %s)",
            [*values, CaseStatus.RETURNED.value],
        )
    return conditions, values


def _span(month: str) -> tuple[datetime, datetime]:
    lately = months.last(MONTHS, clock.today())
    if not month:
        return months.bounds(lately[0])[0], months.bounds(lately[-1])[1]
    if month not in lately:
        raise invalid("month", "wrong_value")
    return months.bounds(month)
