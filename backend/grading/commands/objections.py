"""A chair objects to the proposed result; one that holds has the whole period scored and proposed again."""

from backend.core import audit, clock, database, ids, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, NotFound, invalid
from backend.grading.chair_inputs import AppealInput, ReplyInput
from backend.grading.enums import ObjectionState, PeriodState
from backend.grading.events import AppealAnswered
from backend.grading.queries import grades
from backend.grading.queries import rounds as reading

SHORTEST = 5


@command
async def appeal(actor: Actor, *, grade: str, data: AppealInput) -> None:
    """Object to one's own proposed result, once a round and only while its window is open."""
    row, period = await grades.own_grade(grade, actor)
    text = data.text.strip()
    if len(text) < SHORTEST:
        raise invalid("text", "grading_appeal_short", least=SHORTEST)
    if not grades.may_appeal(period):
        raise Conflict("grading_appeal_closed")
    known = await database.scalar(
        "SELECT id FROM grading_objection WHERE candidate_id = %s AND round = %s", row.id, period.round
    )
    if known is not None:
        raise Conflict("grading_appealed_already")
    objection_id = ids.new_id()
    await database.insert(
        "grading_objection",
        {
            "id": objection_id,
            "period_id": period.id,
            "candidate_id": row.id,
            "round": period.round,
            "text": text,
            "state": ObjectionState.OPEN.value,
            "reply": "",
            "raised_at": clock.now(),
        },
    )
    await audit.record(actor, "grading.appealed", object_kind="grading_candidate", object_id=row.id)


@command
async def reply(actor: Actor, *, period: str, objection: str, data: ReplyInput) -> None:
    """Answer an objection. One that holds opens the period again, for sheets, vetoes and times to be put right."""
    found = await reading.managed(period, actor)
    objection_id, text = ids.parse(objection) or 0, data.reply.strip()
    if len(text) < SHORTEST:
        raise invalid("reply", "grading_appeal_short", least=SHORTEST)
    known = await database.scalar(
        "SELECT id FROM grading_objection WHERE id = %s AND period_id = %s", objection_id, found.id
    )
    if known is None:
        raise NotFound()
    state = ObjectionState.UPHELD if data.upheld else ObjectionState.DISMISSED
    answered = await database.execute(
        "UPDATE grading_objection SET state = %s, reply = %s, replied_by = %s, replied_at = %s"
        " WHERE id = %s AND state = %s",
        state.value,
        text,
        actor.account_id,
        clock.now(),
        objection_id,
        ObjectionState.OPEN.value,
    )
    if not answered:
        raise Conflict("grading_answered_already")
    if data.upheld:
        await database.execute(
            "UPDATE grading_period SET state = %s, objections_until = NULL, version = version + 1"
            " WHERE id = %s AND state = %s",
            PeriodState.SCORING.value,
            found.id,
            PeriodState.PROPOSED.value,
        )
    detail = {"period": found.id, "upheld": data.upheld}
    await audit.record(
        actor, "grading.appeal_answered", object_kind="grading_objection", object_id=objection_id, detail=detail
    )
    await outbox.emit(AppealAnswered(objection_id), key=str(objection_id))
