"""Who opened a person's sensitive values, whatever name the trace stands under."""

from backend.casework import queries as casework
from backend.core.actor import Actor
from backend.identity import queries as identity
from backend.identity.schemas import AccessLine
from backend.web.paging import Page


async def who_viewed(actor: Actor, *, limit: int = 20, cursor: str | None = None) -> Page[AccessLine]:
    """Newest first: traces of the account, of the member's record, and of cases filed when neither was known."""
    cases = await casework.traced_subjects(actor) if actor.kind == "person" else []
    return await identity.who_viewed(actor, limit=limit, cursor=cursor, more=cases)
