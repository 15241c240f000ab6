"""Who has a case open at its desk. It tells colleagues, and decides nothing: that is the version's task."""

from backend.casework import rules
from backend.casework.commands.access import find
from backend.casework.models import Case
from backend.casework.queries.scope import is_asked, sees_unions
from backend.core import clock, database
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound


async def note(case: Case, actor: Actor) -> None:
    """The actor has it open now. The time at which it was opened stays while they go on looking."""
    now = clock.now()
    key = presence_key(case.id, actor)
    row = {
        "id": key,
        "case_id": case.id,
        "account_id": actor.account_id,
        "display": actor.display[:50],
        "opened_at": now,
        "seen_at": now,
    }
    if await database.insert_if_absent("case_presence", row, key="id"):
        return
    await database.execute(
        "UPDATE case_presence SET opened_at = CASE WHEN seen_at <= %s THEN %s ELSE opened_at END, seen_at = %s"
        " WHERE id = %s",
        now - rules.PRESENT,
        now,
        now,
        key,
    )


@command
async def leave(*, number: str, actor: Actor) -> None:
    """The actor has closed its page. Doing it again changes nothing."""
    case = await find(number)
    if case is None:
        raise NotFound("case_not_found")
    seen = await sees_unions(actor, case.desk_union_id, case.target_union_id)
    if not seen and not await is_asked(case.id, actor):
        raise NotFound("case_not_found")
    await end(case.id, actor)


async def end(case_id: int, actor: Actor) -> None:
    await database.execute("DELETE FROM case_presence WHERE id = %s", presence_key(case_id, actor))


@command
async def forget_old() -> int:
    """Those who went without a word; nobody is shown them any more."""
    return await database.execute("DELETE FROM case_presence WHERE seen_at <= %s", clock.now() - rules.PRESENT)


def presence_key(case_id: int, actor: Actor) -> str:
    return f"{case_id}:{actor.account_id}"
