"""Yearly batches of student aid: whether one is open, what excludes, who is listed, what is granted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import commands as aid
from backend.aid import intake_rules
from backend.aid import queries as batches
from backend.aid.intake_enums import Exclusion
from backend.aid.intake_schemas import IntakeGrant, Listing
from backend.bindings.outcomes import record_due
from backend.bindings.persons import cases_of
from backend.casework import queries as cases
from backend.casework.protocols import Approved, Fact, Prefilled, Question
from backend.core import clock, crypto, national
from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.membership import queries as roll
from backend.unions import queries as unions

Params = Mapping[str, Any]
Answer = dict[str, Any]
BATCH, TEMPORARY = "batch_ref", "temporary-aid"


async def open_batch(actor: Actor, given: Mapping[str, str]) -> Prefilled | None:
    """The year of the batch that takes applications today."""
    record = await roll.own_record(actor)
    found = await batches.open_intake(clock.today(), await _path(record.union_id if record is not None else None))
    return Prefilled(str(found.year), "") if found is not None else None


async def is_open(question: Question) -> bool:
    """Whether applications are taken today. What came in while they were is not sent away when it is corrected."""
    year, path = str(question.values.get(BATCH) or ""), await _path_of(question)
    if question.case_id is not None and year.isdigit():
        return await batches.intake_of_year(int(year), path) is not None
    found = await batches.open_intake(question.today, path)
    return found is not None and year in ("", str(found.year))


def excludes(code: Exclusion) -> Fact:
    """Whether this is so of the form and excludes, by the configuration of the day."""

    async def fact(question: Question) -> bool | None:
        if code not in await batches.excluded_codes(await _day(question), await _path_of(question)):
            return False
        aided = await _aided(question) if code is Exclusion.UNION_AID else None
        return intake_rules.applies(code, question.values, aided=aided)

    return fact


async def _path_of(question: Question) -> str:
    """Of the union that the case is for, else of the member's; empty where nobody knows either."""
    if question.target_union_id is not None:
        return await _path(question.target_union_id)
    facts = await roll.facts(question.member_id) if question.member_id is not None else None
    return await _path(facts.union_id if facts is not None else None)


async def _path(union_id: int | None) -> str:
    found = await unions.place(union_id) if union_id is not None else None
    return found.path if found is not None else ""


async def _day(question: Question) -> date:
    """A case goes by the day on which it was sent."""
    if question.case_id is None:
        return question.today
    return clock.local((await cases.record_by_id(question.case_id)).submitted_at).date()


async def _aided(question: Question) -> bool | None:
    who = await cases_of(question)
    if who.condition is None:
        return None
    return any(day.year == question.today.year for day in await cases.approved_on(who, TEMPORARY))


async def list_in_batch(approved: Approved, params: Params) -> Answer:
    """The case stands on the publicity list of its batch, masked."""
    await aid.list_in_intake(approved.decided_by, listing=await _listing(approved))
    return {}


async def grant_in_batch(approved: Approved, params: Params) -> Answer:
    """What the act `act` set is granted within the batch, and due under `programme`."""
    amount, student = await cases.last_said(approved.case_id, params["act"], "amount"), approved.values["student_id"]
    if not amount:
        raise Conflict("due_amount_missing")
    grant = IntakeGrant(
        listing=await _listing(approved),
        student_index=crypto.blind_index("id_no", student),
        amount_fen=amount,
    )
    await aid.grant_in_intake(approved.decided_by, grant=grant)
    return await record_due(approved, {"programme": params["programme"], "amount": f"act.{params['act']}.amount"})


async def _listing(approved: Approved) -> Listing:
    year, case = str(approved.values.get(BATCH) or ""), await cases.record_by_id(approved.case_id)
    union_id = approved.target_union_id or approved.desk_union_id or 0
    return Listing(
        case_id=approved.case_id,
        case_number=approved.number,
        year=int(year) if year.isdigit() else approved.submitted_on.year,
        name=national.mask_name(case.subject_name),
        union_id=union_id,
        path=await _path(union_id),
        stage=str(approved.values.get("stage") or ""),
    )
