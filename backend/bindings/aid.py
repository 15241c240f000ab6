"""What cases of mutual aid bring about: fees that came in, and policies."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import commands as aid
from backend.aid import queries as plans
from backend.aid.policy_rules import Terms
from backend.aid.schemas import Enrolment, FeeIn
from backend.casework import queries as casework
from backend.casework.flows import Flow
from backend.casework.protocols import Approved

Params = Mapping[str, Any]
Answer = dict[str, Any]

UNIT = "unit"


async def note_fee(approved: Approved, params: Params) -> Answer:
    """The fee that an action says has come in; it has to be that of the people who can take part."""
    flow = await _flow(approved)
    said = approved.act
    fee = FeeIn(
        act_id=approved.act_id or 0,
        people=said["people"],
        amount_fen=said["amount"],
        day=date.fromisoformat(said["arrived_on"]),
    )
    enrolment, terms = _enrolment(approved, flow), _terms(flow, approved)
    await aid.note_fee(approved.decided_by, enrolment=enrolment, terms=terms, fee=fee)
    return {}


async def open_policies(approved: Approved, params: Params) -> Answer:
    """A policy for the person of the form, or for everybody of its list who can take part."""
    flow = await _flow(approved)
    enrolment, terms = _enrolment(approved, flow), _terms(flow, approved)
    return await aid.open_policies(approved.decided_by, enrolment=enrolment, terms=terms)


async def _flow(approved: Approved) -> Flow:
    return (await casework.record_by_id(approved.case_id)).spec


def _enrolment(approved: Approved, flow: Flow) -> Enrolment:
    values = approved.values
    plan = str(values["plan_ref"])
    field = next(field for field in flow.fields if field.name == "plan_ref")
    return Enrolment(
        case_id=approved.case_id,
        case_number=approved.number,
        union_id=approved.target_union_id or approved.desk_union_id or 0,
        account_id=None if values.get("enrol_mode") == UNIT else approved.applicant_id,
        plan=plan,
        plan_name=field.options.get(plan, plan),
        year=int(values["period"]),
        people=people_of(values),
    )


def people_of(values: Mapping[str, Any]) -> tuple[tuple[int, str, str, int], ...]:
    """Row, name, identity number and shares: of the list, or of the one person of the form."""
    if values.get("enrol_mode") == UNIT:
        return _of_list(values)
    return ((0, values["real_name"], values["id_no"], int(values["shares"])),)


def _of_list(values: Mapping[str, Any]) -> tuple[tuple[int, str, str, int], ...]:
    rows = enumerate(values.get("roster") or [], start=1)
    return tuple((number, row["name"], row["id_no"], int(row["shares"])) for number, row in rows)


def _terms(flow: Flow, approved: Approved) -> Terms:
    """The plan as it was when they asked, so that nobody is asked for another fee than they were told."""
    found = flow.params_on(approved.submitted_on)
    return terms_for(approved.values, approved.submitted_on, found)


def terms_for(values: Mapping[str, Any], asked_on: date, params: Mapping[str, Any]) -> Terms:
    return plans.terms_for(
        str(values["plan_ref"]),
        int(values["period"]),
        asked_on,
        max_age=int(params["max_age"]),
        refundable=bool(params["refund_before_effective"]),
    )
