"""Yearly batches as everybody and as desks see them, and what excludes from them."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from backend.aid import intake_rules as rules
from backend.aid.intake_enums import EXCLUSION_TEXT, PHASE_TEXT, STAGE_TEXT, STUDENT_AID, Exclusion, Phase
from backend.aid.intake_rules import Change
from backend.aid.intake_schemas import (
    DeskEntry,
    DeskIntake,
    DeskIntakePage,
    ExclusionView,
    IntakeFacts,
    IntakePage,
    IntakeView,
    ListedView,
)
from backend.aid.own_unions import above
from backend.casework import catalogue
from backend.core import clock, database, ids
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.unions import queries as unions

VIEW, MANAGE = "aid.view", "aid.manage"
READABLE = timedelta(days=30)  # as long as a notice may be read
USUAL = "excluded"  # the flow's parameter
_SHOWN, _MOST_LISTED = 50, 500


class _Row(msgspec.Struct, kw_only=True):
    id: int
    year: int
    title: str
    text: str
    opens_on: date
    closes_on: date
    quota: int | None
    budget_fen: int
    granted: int
    granted_fen: int
    state: str
    version: int
    union_name: str
    path: str
    listed: int


class _Listed(msgspec.Struct, kw_only=True):
    name: str
    union_name: str
    stage: str
    notice_id: int
    closes_on: date


class _Entry(msgspec.Struct, kw_only=True):
    case_number: str
    name: str
    union_name: str
    stage: str
    listed_on: date
    amount_fen: int | None
    granted_on: date | None


_ROWS = (
    "SELECT i.id, i.year, i.title, i.text, i.opens_on, i.closes_on, i.quota, i.budget_fen, i.granted, i.granted_fen,"
    " i.state, i.version, u.name AS union_name, u.path,"
    " (SELECT COUNT(*) FROM aid_intake_entry e WHERE e.intake_id = i.id) AS listed"
    " FROM aid_intake i JOIN union_org u ON u.id = i.union_id"
)
_FACTS = (
    "SELECT i.id, i.year, i.opens_on, i.closes_on, i.state, i.quota, i.budget_fen, i.granted, i.granted_fen"
    " FROM aid_intake i JOIN union_org u ON u.id = i.union_id"
)


# ---- for everybody -----------------------------------------------------------------


async def public_intakes() -> list[IntakeView]:
    """The latest year first."""
    found = await database.views(_Row, f"{_ROWS} ORDER BY i.year DESC, i.id LIMIT %s", _SHOWN)
    return [_public(row) for row in found]


async def public_intake(intake: str) -> IntakePage:
    row = await database.view(_Row, f"{_ROWS} WHERE i.id = %s", ids.parse(intake) or 0)
    if row is None:
        raise NotFound()
    excluded = await excluded_codes(min(max(clock.today(), row.opens_on), row.closes_on), row.path)
    return IntakePage(
        intake=_public(row), exclusions=[EXCLUSION_TEXT[one] for one in excluded], listed=await _listed(row.id)
    )


async def _listed(intake_id: int) -> list[ListedView]:
    """Whose notice hangs, or did shortly before: as long as everybody may read it."""
    found = await database.views(
        _Listed,
        "SELECT e.name, COALESCE(u.name, '') AS union_name, e.stage, n.id AS notice_id, n.closes_on"
        " FROM aid_intake_entry e JOIN public_notice n ON n.case_id = e.case_id"
        " LEFT JOIN union_org u ON u.id = e.union_id WHERE e.intake_id = %s AND n.closes_on >= %s"
        " ORDER BY e.id DESC LIMIT %s",
        intake_id,
        clock.today() - READABLE,
        _MOST_LISTED,
    )
    return [
        ListedView(
            name=one.name,
            union_name=one.union_name,
            stage_text=STAGE_TEXT.get(one.stage, one.stage),
            closes_on=one.closes_on.isoformat(),
            running=one.closes_on >= clock.today(),
            notice=ids.public(one.notice_id),
        )
        for one in found
    ]


def _phase(row: _Row) -> Phase:
    return rules.phase(row.opens_on, row.closes_on, row.state, clock.today())


def _public(row: _Row) -> IntakeView:
    now = _phase(row)
    return IntakeView(
        id=ids.public(row.id),
        year=row.year,
        title=row.title,
        text=row.text,
        opens_on=row.opens_on.isoformat(),
        closes_on=row.closes_on.isoformat(),
        phase=now.value,
        phase_text=PHASE_TEXT[now],
        union_name=row.union_name,
    )


# ---- for desks ---------------------------------------------------------------------


async def desk_intakes(actor: Actor) -> list[DeskIntake]:
    """Of the counties in which the actor may look at aid, the latest year first."""
    condition, values = _seen(actor)
    found = await database.views(
        _Row, f"{_ROWS} WHERE {condition} ORDER BY i.year DESC, i.id LIMIT %s", *values, _SHOWN
    )
    return [_desk(row) for row in found]


def _seen(actor: Actor) -> tuple[str, list[str]]:
    """Batches of unions in one's scope, and of those above it."""
    below, values = unions.visible_to(actor, VIEW)
    over, more = above(actor.scope(VIEW))
    return f"({below} OR {over})", [*values, *more]


async def desk_intake(intake: str, actor: Actor) -> DeskIntakePage:
    condition, values = _seen(actor)
    row = await database.view(_Row, f"{_ROWS} WHERE i.id = %s AND {condition}", ids.parse(intake) or 0, *values)
    if row is None:
        raise NotFound()
    condition, values = unions.visible_to(actor, VIEW)
    found = await database.views(
        _Entry,
        "SELECT e.case_number, e.name, u.name AS union_name, e.stage, e.listed_on, e.amount_fen, e.granted_on"  # noqa: S608
        f" FROM aid_intake_entry e JOIN union_org u ON u.id = e.union_id WHERE e.intake_id = %s AND {condition}"
        " ORDER BY e.id DESC LIMIT %s",
        row.id,
        *values,
        _MOST_LISTED,
    )
    return DeskIntakePage(intake=_desk(row), entries=[_entry(one) for one in found])


async def managed_intake(intake: str, actor: Actor) -> IntakeFacts:
    condition, values = unions.visible_to(actor, MANAGE)
    found = await database.view(
        IntakeFacts, f"{_FACTS} WHERE i.id = %s AND {condition}", ids.parse(intake) or 0, *values
    )
    if found is None:
        raise NotFound()
    return found


def _desk(row: _Row) -> DeskIntake:
    return DeskIntake(
        **msgspec.structs.asdict(_public(row)),
        quota=row.quota,
        budget_fen=row.budget_fen,
        granted=row.granted,
        granted_fen=row.granted_fen,
        left_fen=row.budget_fen - row.granted_fen,
        listed=row.listed,
        version=row.version,
    )


def _entry(one: _Entry) -> DeskEntry:
    return DeskEntry(
        case_number=one.case_number,
        name=one.name,
        union_name=one.union_name,
        stage_text=STAGE_TEXT.get(one.stage, one.stage),
        listed_on=one.listed_on.isoformat(),
        amount_fen=one.amount_fen,
        granted_on=one.granted_on.isoformat() if one.granted_on else None,
    )


# ---- for rules ---------------------------------------------------------------------


async def intake_of_year(year: int, path: str) -> IntakeFacts | None:
    """The batch of a year for whoever is of the union of this path; of nobody's union, the first there is."""
    condition, values = _of_path(path)
    return await database.view(
        IntakeFacts,
        f"{_FACTS} WHERE i.programme = %s AND i.year = %s AND {condition} ORDER BY i.id LIMIT 1",
        STUDENT_AID,
        year,
        *values,
    )


async def open_intake(day: date, path: str) -> IntakeFacts | None:
    """The batch that takes applications on a day; of two, the earlier one."""
    condition, values = _of_path(path)
    found = await database.views(
        IntakeFacts,
        f"{_FACTS} WHERE i.programme = %s AND i.opens_on <= %s AND i.closes_on >= %s AND {condition}"
        " ORDER BY i.year, i.id LIMIT 20",
        STUDENT_AID,
        day,
        day,
        *values,
    )
    return next((one for one in found if _is_open(one, day)), None)


def _of_path(path: str) -> tuple[str, list[str]]:
    return above([path]) if path else ("1 = 1", [])


def _is_open(one: IntakeFacts, day: date) -> bool:
    return rules.phase(one.opens_on, one.closes_on, one.state, day) is Phase.OPEN


# ---- what excludes -----------------------------------------------------------------


async def exclusions(actor: Actor) -> list[ExclusionView]:
    """Each of the vocabulary as it is today in the actor's county, and what is to come."""
    changes, today = await _changes(next(iter(actor.scope(VIEW)), "")), clock.today()
    return [_exclusion(code, changes, _usual(today), today) for code in Exclusion]


async def excluded_codes(day: date, path: str) -> list[Exclusion]:
    """For whoever is of the union of this path, in the order of the vocabulary."""
    changes, usual = await _changes(path), _usual(day)
    return [code for code in Exclusion if rules.excluded_on(code, changes, usual, day)]


async def _changes(path: str) -> list[Change]:
    condition, values = _of_path(path)
    return await database.views(
        Change,
        "SELECT x.code, x.since, x.excluded, x.paper FROM aid_exclusion x JOIN union_org u ON u.id = x.union_id"  # noqa: S608
        f" WHERE x.programme = %s AND {condition} ORDER BY x.since, x.id",
        STUDENT_AID,
        *values,
    )


def _usual(day: date) -> frozenset[Exclusion]:
    """Of the county's files, where its desk has not said otherwise."""
    return rules.usual_of(str(catalogue.flow(STUDENT_AID).params_on(day)[USUAL]))


def _exclusion(code: Exclusion, changes: Sequence[Change], usual: frozenset[Exclusion], today: date) -> ExclusionView:
    held = rules.latest(code, changes, today)
    later = min((one for one in changes if one.code is code and one.since > today), key=lambda x: x.since, default=None)
    words = ("排除" if later.excluded else "不再排除") if later else ""
    return ExclusionView(
        code=code,
        text=EXCLUSION_TEXT[code],
        excluded=rules.excluded_on(code, changes, usual, today),
        since=held.since.isoformat() if held else None,
        paper=held.paper if held else "",
        coming=f"{later.since}起{words}" if later else "",
    )
