"""Claims of mutual aid: the estimate, the figures that staff confirm, and what an approval grants."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import claim_rules
from backend.aid import commands as aid
from backend.aid import queries as benefits
from backend.aid.claim_rules import ExcludedSaid, Said
from backend.aid.claim_schemas import Grant
from backend.aid.queries import Stay
from backend.aid.rules import Costs
from backend.bindings.facts import policy_of
from backend.bindings.outcomes import record_due
from backend.bindings.persons import person_of
from backend.casework import queries as casework
from backend.casework.protocols import Approved, Question, Quoted, QuoteLine
from backend.core import crypto
from backend.core.errors import Conflict

Params = Mapping[str, Any]
Answer = dict[str, Any]

_SUMS = ("total_fee", "insurance_paid", "self_pay_fund")


async def quote_benefit(question: Question) -> Quoted | None:
    """What the plan gives for what the form says; the note tells of which sum."""
    stay = await _stay(question)
    found = claim_rules.worked_out(await benefits.claim_of(stay)) if stay is not None else None
    if found is None:
        return None
    lines = tuple(QuoteLine(line.label, line.amount_fen) for line in found.lines)
    return Quoted(found.amount_fen, lines, claim_rules.in_words(found))


async def benefit_figures(question: Question, typed: Mapping[str, Any]) -> Answer:
    """The form of the final calculation: base, deductible, what is left of the cap, amount and how."""
    stay = await _stay(question)
    if stay is None:
        return {}
    claim = await benefits.claim_of(stay)
    said = Said(
        base_fen=typed.get("base_amount"),
        amount_fen=typed.get("amount"),
        reason=typed.get("reason") or "",
        excluded=tuple(
            ExcludedSaid(code=row["code"], amount_fen=row["amount"], reason=row["reason"])
            for row in typed.get("excluded") or ()
        ),
    )
    found = claim_rules.confirmed(claim, said)
    figures: Answer = {
        "base_amount": found.base_fen,
        "deductible": found.deductible_fen,
        "amount": found.amount_fen,
        "plan": found.version_name,
        "year": claim.year,
        "how": found.how,
    }
    return figures if found.cap_left_fen is None else figures | {"cap_left": found.cap_left_fen}


async def event_fits(question: Question) -> bool | None:
    """Whether the plan of the policy has a lump sum for what the form says has happened."""
    stay = await _stay(question)
    return await benefits.event_fits(stay) if stay is not None and stay.event else None


async def force_majeure(question: Question) -> bool:
    """Whether the form says that something kept the person from claiming in time that nobody can help."""
    return question.values.get("late_reason") == "force_majeure"


async def claim_days(question: Question) -> int | None:
    """How many days after the discharge the plan of the policy lets a claim come in."""
    stay = await _stay(question)
    return await benefits.claim_days(stay) if stay is not None else None


async def grant_benefit(approved: Approved, params: Params) -> Answer:
    """What the action `act` confirmed is granted, and due under `programme`. Zero is granted too, and due to nobody."""
    said = await casework.last_act(approved.case_id, params["act"])
    number = approved.values.get("id_no")
    if said is None or not number:
        raise Conflict("due_amount_missing")
    plan, _, since = str(said["plan"]).partition("@")
    grant = Grant(
        case_id=approved.case_id,
        case_number=approved.number,
        person_index=crypto.blind_index("id_no", number),
        plan=plan,
        plan_since=date.fromisoformat(since) if since else None,
        year=int(said["year"]),
        admitted_on=date.fromisoformat(approved.values["admit_date"]),
        base_fen=said["base_amount"],
        deductible_fen=said["deductible"],
        amount_fen=said["amount"],
    )
    granted = await aid.grant_benefit(approved.decided_by, grant=grant)
    answer: Answer = {"benefit_fen": granted, "plan_version": said["plan"]}
    if not granted:
        return answer
    due = await record_due(approved, {"programme": params["programme"], "amount": f"act.{params['act']}.amount"})
    return answer | due


async def raise_benefit(approved: Approved, params: Params) -> Answer:
    """What the act `act` found more than was granted, if it did: due beside the first amount, under `programme`."""
    said = await casework.last_act(approved.case_id, params["act"])
    more = said.get("more") if said is not None else None
    if not more:
        return {}
    costs = _costs(approved.values)
    await aid.raise_benefit(
        approved.decided_by, case_id=approved.case_id, more_fen=more, most_fen=costs.out_of_pocket_fen
    )
    return await record_due(approved, {"programme": params["programme"], "amount": f"act.{params['act']}.more"})


async def _stay(question: Question) -> Stay | None:
    """None while the form does not say enough."""
    values = question.values
    admitted, discharged = _day(values.get("admit_date")), _day(values.get("discharge_date"))
    if admitted is None or discharged is None or any(not isinstance(values.get(name), int) for name in _SUMS):
        return None
    return Stay(
        case_id=question.case_id,
        person_index=(await person_of(question)).index,
        policy=await policy_of(question),
        admitted_on=admitted,
        discharged_on=discharged,
        costs=_costs(values),
        event=str(values.get("event") or ""),
    )


def _costs(values: Mapping[str, Any]) -> Costs:
    return Costs(
        total_fee_fen=values["total_fee"],
        insurance_paid_fen=values["insurance_paid"],
        self_pay_fund_fen=values["self_pay_fund"],
        self_fund_fen=values.get("self_fund") or 0,
        other_paid_fen=values.get("other_paid") or 0,
    )


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None
