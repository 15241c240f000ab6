"""What applicants do with a running case beside correcting it: withdraw it, ask the desk to hurry."""

from backend.casework import clocks, rules
from backend.casework.commands import invoices, transitions
from backend.casework.commands.access import own_case
from backend.casework.commands.deskwork import stopped_clock
from backend.casework.enums import AT_DESK, OPEN, CaseAction, CaseStatus
from backend.casework.events import CaseUrged
from backend.core import audit, clock, database, outbox
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import Conflict, TooMany


@command
async def withdraw(*, number: str, actor: Actor) -> None:
    """Free until the last word; a decision that comes a moment later finds the case withdrawn."""
    case = await own_case(number, actor)
    await transitions.move(
        case,
        version=case.version,
        while_in=OPEN,
        changes={
            "status": CaseStatus.WITHDRAWN.value,
            "running_key": None,
            "held_until": None,
            "hold_message": "",
            **stopped_clock(case),
        },
    )
    await invoices.release(case.id)
    await transitions.note(transitions.place_of(case), CaseAction.WITHDRAW, actor)
    await audit.record(actor, "case.withdraw", object_kind="case", object_id=case.id)


@command
async def urge(*, number: str, actor: Actor) -> None:
    """Once a day, while a desk has the case. It changes nothing that a clerk has open, so no new version."""
    case = await own_case(number, actor)
    now = clock.now()
    marks = ", ".join(["%s"] * len(AT_DESK))
    urged = await database.execute(
        "UPDATE case_file SET urged_at = %s, urge_count = urge_count + 1"  # noqa: S608 - placeholders only
        f" WHERE id = %s AND status IN ({marks}) AND (urged_at IS NULL OR urged_at <= %s)",
        now,
        case.id,
        *(status.value for status in AT_DESK),
        now - clocks.URGE_EVERY,
    )
    if not urged:
        await _refuse(number, actor)
    await transitions.note(transitions.place_of(case), CaseAction.URGE, actor)
    await audit.record(actor, "case.urge", object_kind="case", object_id=case.id)
    count = case.urge_count + 1
    await outbox.emit(CaseUrged(case.id, count), key=f"{case.id}:{count}")


async def _refuse(number: str, actor: Actor) -> None:
    case = await own_case(number, actor)
    if case.status not in AT_DESK:
        raise Conflict("not_at_desk")
    wait = rules.urge_wait(case.urged_at, clock.now()) or 1
    raise TooMany("urged_already", retry_after=wait, hours=-(-wait // 3600))
