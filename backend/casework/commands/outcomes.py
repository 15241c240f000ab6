"""What an approval or an action makes true, through the functions bound to names in the flow file."""

from datetime import date
from typing import Any

from backend.casework import catalogue
from backend.casework.commands.access import content_of, flow_of
from backend.casework.models import Case
from backend.casework.protocols import Approved, Question
from backend.core import clock
from backend.core.actor import Actor


def question_of(case: Case, actor: Actor, *, today: date | None = None) -> Question:
    flow, today = flow_of(case), today or clock.today()
    return Question(
        flow=flow.slug,
        actor=actor,
        today=today,
        values=content_of(case).values,
        params=flow.params_on(today),
        member_id=case.member_id,
        target_union_id=case.target_union_id,
        case_id=case.id,
    )


def approved_case(case: Case, actor: Actor) -> Approved:
    """The case as its outcomes see it."""
    return Approved(
        case_id=case.id,
        number=case.number,
        flow=case.flow,
        values=content_of(case).values,
        applicant_id=case.applicant_id,
        member_id=case.member_id,
        target_union_id=case.target_union_id,
        desk_union_id=case.desk_union_id,
        submitted_on=clock.local(case.submitted_at).date(),
        decided_on=clock.today(),
        decided_by=actor,
    )


async def bring_about(case: Case, actor: Actor) -> dict[str, Any]:
    """All outcomes of an approval, in the order of the flow file; what they answer, joined."""
    approved = approved_case(case, actor)
    outcome: dict[str, Any] = {}
    for spec in flow_of(case).outcomes:
        outcome |= {"text": spec.text} | await catalogue.bindings().outcomes[spec.kind](approved, spec.params)
    return outcome
