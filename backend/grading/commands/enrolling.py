"""Chairs enter the appraisal of their year by an approved application, and periods are opened for them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from backend.core import audit, clock, crypto, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, invalid
from backend.grading import scheme_files
from backend.grading.chair_inputs import Enrolment, NewPeriod
from backend.grading.enums import PeriodState
from backend.grading.events import SheetsWait
from backend.grading.queries import rounds as reading
from backend.grading.rules import chairs
from backend.grading.schemes import HUNDRED
from backend.unions import queries as unions
from backend.unions.enums import UnionLevel
from backend.unions.schemas import UnionPlace

COUNTY_UP = (UnionLevel.COUNTY, UnionLevel.CITY, UnionLevel.PROVINCE)
SCORER_ROLE = "desk"
FIRST_YEAR = 2021
_TAKE_IN = "UPDATE grading_candidate SET period_id = %s WHERE period_id IS NULL AND year = %s"


@command
async def open_period(actor: Actor, *, data: NewPeriod) -> str:
    """Its public id. Whoever was approved for that year and is in no period yet is in it. Twice is one period."""
    place = await unions.place_in_scope(data.union_id, actor, reading.MANAGE)
    if place.level not in COUNTY_UP:
        raise invalid("union_id", "grading_needs_county")
    today = clock.today()
    if not FIRST_YEAR <= data.year <= today.year:
        raise invalid("year", "grading_year_wrong", first=FIRST_YEAR, last=today.year)
    if data.closes_on is not None and data.closes_on < today:
        raise invalid("closes_on", "grading_closes_past")
    version = scheme_files.current().chairs.on(today)
    if version is None:
        raise Conflict("grading_no_scheme")
    period_id = ids.new_id()
    row = {
        "id": period_id,
        "key": f"{data.year}:{place.id}",
        "year": data.year,
        "union_id": place.id,
        "state": PeriodState.SCORING.value,
        "scheme_since": version.since,
        "rules": msgspec.json.encode(version).decode(),
        "round": 0,
        "opened_at": clock.now(),
        "closes_on": data.closes_on,
        "version": 1,
    }
    if not await database.insert_if_absent("grading_period", row, key="`key`"):
        raise Conflict("grading_period_exists", year=data.year)
    await _take_in(period_id, data.year, place.path)
    detail = {"year": data.year, "union": place.id, "scheme": version.since.isoformat()}
    await audit.record(actor, "grading.opened", object_kind="grading_period", object_id=period_id, detail=detail)
    await outbox.emit(SheetsWait(period_id), key=f"{period_id}:open")
    return ids.public(period_id)


async def _take_in(period_id: int, year: int, path: str) -> None:
    """Those of the year below this union who wait for a period."""
    condition, values = unions.within(path)
    statement = f"{_TAKE_IN} AND union_id IN (SELECT u.id FROM union_org u WHERE {condition})"  # noqa: S608
    await database.execute(statement, period_id, year, *values)


@command
async def enrol(actor: Actor, *, data: Enrolment) -> str:
    """Their public id; the same case twice is one enrolment. Refused for a second one of the same person and year,
    and once the results of the year are out."""
    known = await database.scalar("SELECT id FROM grading_candidate WHERE case_id = %s", data.case_id)
    if known is not None:
        return ids.public(known)
    if data.until is not None and data.until < data.since:
        raise Conflict("grading_left_before")
    chain = await _chain(data.union_id)
    period = await reading.period_above(data.year, [one.id for one in chain])
    if period is not None:
        await touch(period.id)
        await _refuse_panelist(period.id, data)
    town = next((one for one in chain if one.level == UnionLevel.TOWN), chain[max(0, len(chain) - 2)])
    scorers = await unions.holders(town.id, SCORER_ROLE)
    person, candidate_id = crypto.blind_index("id_no", data.id_no), ids.new_id()
    context = reading.card_context(candidate_id)
    row = {
        "id": candidate_id,
        "key": f"{data.year}:{person}",
        "year": data.year,
        "person_index": person,
        "period_id": period.id if period else None,
        "case_id": data.case_id,
        "case_number": data.case_number,
        "union_id": data.union_id,
        "town_union_id": town.id,
        "town_account_id": scorers[0] if len(scorers) == 1 else None,
        "account_id": data.account_id,
        "member_id": data.member_id,
        "name": data.name[:50],
        "card_sealed": crypto.seal(data.bank_card, context=context) if data.bank_card else "",
        "post": data.post,
        "since": data.since,
        "until": data.until,
        "self_score": f"{data.self_score:.2f}" if data.self_score is not None else None,
        "self_reason": "",
        "veto": "",
        "veto_reason": "",
        "withdrawn_reason": "",
        "enrolled_at": clock.now(),
    }
    if not await database.insert_if_absent("grading_candidate", row, key="`key`"):
        raise Conflict("grading_enrolled_already", year=data.year)
    detail = {"case": data.case_id, "year": data.year}
    await audit.record(
        actor, "grading.enrolled", object_kind="grading_candidate", object_id=candidate_id, detail=detail
    )
    if period is not None:
        await outbox.emit(SheetsWait(period.id), key=f"{period.id}:{candidate_id}")
    return ids.public(candidate_id)


async def _chain(union_id: int) -> list[UnionPlace]:
    """From the root down to the union."""
    place = await unions.place(union_id)
    if place is None:
        raise Conflict("union_unknown")
    return await unions.ancestors(place.path)


async def _refuse_panelist(period_id: int, data: Enrolment) -> None:
    """Nobody is assessed by the panel they sit in."""
    if data.account_id in await reading.panelists_of(period_id):
        raise Conflict("grading_is_panelist")


async def touch(period_id: int) -> None:
    """Something of a period that is being scored changes: results that are worked out meanwhile are not taken."""
    moved = await database.execute(
        "UPDATE grading_period SET version = version + 1 WHERE id = %s AND state = %s",
        period_id,
        PeriodState.SCORING.value,
    )
    if not moved:
        raise Conflict("grading_not_scoring")


def self_score(lines: Sequence[Mapping[str, Any]]) -> Decimal | None:
    """What the lines of a self-assessment add up to, a hundred at most; None without any."""
    if not lines:
        return None
    return min(HUNDRED, sum((Decimal(str(line["score"])) for line in lines), chairs.ZERO)).quantize(chairs.CENT)
