"""Condolences: the sum that holds on the day of the event, and what an approved case gives."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.aid import commands as aid
from backend.aid import queries as aid_queries
from backend.aid.condolence_enums import LifeEvent
from backend.aid.condolence_rules import Standard
from backend.aid.condolence_schemas import CondolenceGrant
from backend.bindings.outcomes import record_due
from backend.casework import queries as casework
from backend.casework.protocols import Approved, Question
from backend.core import crypto
from backend.core.errors import Conflict, invalid
from backend.core.money import yuan

Params = Mapping[str, Any]
Answer = dict[str, Any]


async def condolence_figures(question: Question, typed: Mapping[str, Any]) -> Answer:
    """The sum of the unit on the day of the event, and by what it is so; another one is refused beside its field."""
    standard = await _standard(question.values, question.target_union_id)
    if standard is None:
        return {}
    said = typed.get("amount")
    if said is not None and said != standard.amount_fen:
        raise invalid("amount", "condolence_amount", amount=yuan(standard.amount_fen), words=standard.words)
    return {"amount": standard.amount_fen, "basis": standard.words}


async def grant_condolence(approved: Approved, params: Params) -> Answer:
    """What the act `act` fixed is written down for the member's record, and due under `programme`."""
    said = await casework.last_act(approved.case_id, params["act"])
    number, values = approved.values.get("id_no"), approved.values
    if said is None or not said.get("amount") or not number:
        raise Conflict("due_amount_missing")
    grant = CondolenceGrant(
        case_id=approved.case_id,
        case_number=approved.number,
        person_index=crypto.blind_index("id_no", number),
        union_id=approved.target_union_id or approved.desk_union_id or 0,
        event=LifeEvent(values["event"]),
        event_date=date.fromisoformat(values["event_date"]),
        amount_fen=said["amount"],
        goods=str(said.get("goods") or ""),
    )
    await aid.grant_condolence(approved.decided_by, grant=grant)
    return await record_due(approved, {"programme": params["programme"], "amount": f"act.{params['act']}.amount"})


async def _standard(values: Mapping[str, Any], union_id: int | None) -> Standard | None:
    if not values.get("event") or not values.get("event_date"):
        return None
    day = date.fromisoformat(str(values["event_date"]))
    return await aid_queries.standard_of(union_id, LifeEvent(values["event"]), day)
