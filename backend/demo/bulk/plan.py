"""What the large county will hold. Plain values: the processes that write it get a copy each."""

import functools
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from backend.casework import catalogue, clocks
from backend.casework.enums import FieldKind
from backend.casework.flows import FieldSpec, Flow
from backend.casework.forms import words
from backend.casework.timeline import actor_label
from backend.core import clock, database, reference
from backend.core.actor import Actor, Post
from backend.demo import places

YEARS = 3
VARIANTS = 24  # different forms of one flow
JOINS = "create_member"


class Seat(msgspec.Struct, frozen=True):
    """A desk with somebody at it, and the step of a flow that is decided there."""

    union_id: int
    role: str
    step_index: int
    account_id: int
    label: str
    division: str


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """A flow as far as its cases need it. `seats` are by town; `forms` are plain values with their summary."""

    slug: str
    version: int
    prefix: str
    limit: int
    joins: bool
    may_approve: bool
    one_running: bool
    outcome: str | None
    subject: dict[str, str]  # role in the case → field of the form
    sealed: frozenset[str]  # roles whose field is sensitive
    correctable: str
    forms: tuple[tuple[dict[str, Any], str], ...]
    seats: tuple[tuple[Seat, ...], ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    members: int
    cases: int
    chunk: int  # rows written in one transaction
    until: datetime
    workdays: tuple[date, ...]
    due: tuple[tuple[date, ...], ...]  # last day by service and workday
    units: tuple[tuple[int, ...], ...]  # unions that take members, by town
    services: tuple[Service, ...]

    @property
    def join_at(self) -> int | None:
        """Which of the services makes members."""
        return next((index for index, one in enumerate(self.services) if one.joins), None)

    def joinings_of(self, member: int) -> range:
        """Ordinals of the cases by which this member may have joined, the first and each later time."""
        step = len(self.services)
        if self.join_at is None:
            return range(0)
        return range(self.join_at + member * step, self.cases, self.members * step)


async def draw_up(*, members: int, cases: int, chunk: int, until: datetime) -> Plan:
    """From the unions, staff and flows that are there."""
    days = _workdays(until)
    flows = sorted(catalogue.current().flows.values(), key=lambda flow: flow.slug)
    posts = await database.rows(_POSTS)
    services = tuple(made for flow in flows if (made := _service(flow, posts)) is not None)
    if not services:
        raise RuntimeError("nobody serves any flow of the catalogue")
    calendar = reference.calendar()
    return Plan(
        members=members,
        cases=cases,
        chunk=chunk,
        until=until,
        workdays=days,
        due=tuple(tuple(clocks.due_on(calendar, day, one.limit) for day in days) for one in services),
        units=await _units(),
        services=services,
    )


_POSTS = (
    "SELECT p.account_id, p.role, a.display, u.id AS union_id, u.name, u.level, u.division FROM staff_post p"
    " JOIN union_org u ON u.id = p.union_id JOIN account a ON a.id = p.account_id"
    " WHERE p.standing IS NOT NULL AND p.suspended = 0 AND u.state = 'active' ORDER BY p.id"
)


def _workdays(until: datetime) -> tuple[date, ...]:
    """Official working days of the years before; the last one is over."""
    calendar, today = reference.calendar(), clock.local(until).date()
    days = (today - timedelta(days=back) for back in range(YEARS * 365, 0, -1))
    return tuple(day for day in days if calendar.is_workday(day))


async def _units() -> tuple[tuple[int, ...], ...]:
    found = await database.rows(
        "SELECT id, division FROM union_org WHERE level = 'unit' AND accepts_members = 1 AND state = 'active'"
        " ORDER BY id"
    )
    return tuple(tuple(row["id"] for row in found if row["division"] == town.division) for town in places.TOWNS)


def _service(flow: Flow, posts: list[dict[str, Any]]) -> Service | None:
    """None for a flow that nobody serves, or that asks for a file before anything else."""
    seats = [
        _seat(post, index)
        for index, step in enumerate(flow.steps)
        for post in posts
        if (post["role"], post["level"]) == (step.role, step.level)
    ]
    if not seats or not flow.enabled:
        return None
    kinds = {outcome.kind for outcome in flow.outcomes}
    subject = {role: name for role in ("name", "id_no", "mobile", "division") if (name := getattr(flow.subject, role))}
    return Service(
        slug=flow.slug,
        version=flow.version,
        prefix=flow.number_prefix,
        limit=flow.limit_working_days,
        joins=kinds == {JOINS},
        may_approve=kinds <= {JOINS},
        one_running=flow.one_running_per_person,
        outcome=flow.outcomes[0].text if flow.outcomes else None,
        subject=subject,
        sealed=frozenset(role for role, name in subject.items() if (spec := flow.field(name)) and spec.is_sensitive),
        correctable=next((one.name for one in flow.fields if one.kind is FieldKind.TEXT), flow.fields[0].name),
        forms=tuple(_form(flow, number) for number in range(VARIANTS)),
        seats=tuple(_seats_of(town, seats) for town in places.TOWNS),
    )


def _seat(post: dict[str, Any], step_index: int) -> Seat:
    who = Actor(kind="staff", account_id=post["account_id"], display=post["display"])
    held = Post(post["union_id"], post["name"], "", "", post["division"], (post["role"],), frozenset())
    label = actor_label(who, held)
    return Seat(post["union_id"], post["role"], step_index, post["account_id"], label, post["division"])


def _seats_of(town: places.Town, seats: list[Seat]) -> tuple[Seat, ...]:
    return tuple(seat for seat in seats if seat.division == town.division) or tuple(seats)


def _form(flow: Flow, number: int) -> tuple[dict[str, Any], str]:
    """Plain values of everything but the person and the place."""
    taken = {flow.subject.name, flow.subject.id_no, flow.subject.mobile, flow.subject.division}
    values = {
        spec.name: value
        for spec in flow.fields
        if spec.name not in taken and not spec.is_sensitive and (value := _value(spec, number)) is not None
    }
    return values, words.summary(flow, values)


def _value(spec: FieldSpec, number: int) -> Any:
    if spec.kind is FieldKind.ENUM and spec.options:
        return list(spec.options)[number % len(spec.options)]
    if spec.kind is FieldKind.BOOL:
        return True
    if spec.kind is FieldKind.TEXT and spec.filled_by == "person":
        return places.PLATFORMS[number % len(places.PLATFORMS)]
    return None


def moment(day: date, seconds: float) -> datetime:
    """So many seconds after the midnight of a day."""
    return _midnight(day) + timedelta(seconds=seconds)


_midnight = functools.cache(clock.start_of)
