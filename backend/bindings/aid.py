"""What cases of mutual aid bring about: fees that came in, and policies."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import commands as aid
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
    enrolment, terms = _enrolment(approved, flow), _terms(flow, approved, params)
    await aid.note_fee(approved.decided_by, enrolment=enrolment, terms=terms, fee=fee)
    return {}


async def open_policies(approved: Approved, params: Params) -> Answer:
    """A policy for the person of the form, or for everybody of its list who can take part."""
    flow = await _flow(approved)
    enrolment, terms = _enrolment(approved, flow), _terms(flow, approved, params)
    return await aid.open_policies(approved.decided_by, enrolment=enrolment, terms=terms)


async def _flow(approved: Approved) -> Flow:
    return (await casework.record_by_id(approved.case_id)).spec


def _enrolment(approved: Approved, flow: Flow) -> Enrolment:
    values = approved.values
    plan = str(values["plan_ref"])
    as_unit = values.get("enrol_mode") == UNIT
    field = next(field for field in flow.fields if field.name == "plan_ref")
    return Enrolment(
        case_id=approved.case_id,
        case_number=approved.number,
        union_id=approved.target_union_id or approved.desk_union_id or 0,
        account_id=None if as_unit else approved.applicant_id,
        plan=plan,
        plan_name=field.options.get(plan, plan),
        year=int(values["period"]),
        people=_of_list(values) if as_unit else ((0, values["real_name"], values["id_no"], int(values["shares"])),),
    )


def _of_list(values: Mapping[str, Any]) -> tuple[tuple[int, str, str, int], ...]:
    rows = enumerate(values.get("roster") or [], start=1)
    return tuple((number, row["name"], row["id_no"], int(row["shares"])) for number, row in rows)


def _terms(flow: Flow, approved: Approved, params: Params) -> Terms:
    """By the parameters in force on the day of the decision."""
    found = flow.params_on(approved.decided_on)
    return Terms(
        fee_fen=int(found["fee_per_share_fen"]),
        waiting_days=int(found["waiting_days"]),
        gap_days=int(found["renew_gap_days"]),
        max_age=int(found["max_age"]),
        refundable=bool(found["refund_before_effective"]),
        months=int(params.get("months", "12")),
    )
