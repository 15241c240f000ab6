"""Session rows: begun at a sign-in with a token of their own, ended by deleting them."""

import secrets

import msgspec

from backend.core import audit, clock, database, ids
from backend.core.actor import Actor
from backend.core.command import command
from backend.core.errors import NotFound
from backend.identity import rules

TOKEN_BYTES = 32


class Begun(msgspec.Struct, frozen=True):
    """`token` exists here and at the client only."""

    token: str
    expires_in: int


async def begin(actor: Actor, *, label: str, replaces: int = 0) -> Begun:
    """A new session of the actor's account, inside the caller's command; `replaces` ends the one before it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now, life = clock.now(), rules.lifetime(actor.kind)
    session_id = ids.new_id()
    if replaces:
        await database.execute("DELETE FROM session_row WHERE id = %s", replaces)
    await database.insert(
        "session_row",
        {
            "id": session_id,
            "account_id": actor.account_id,
            "token_hash": rules.token_hash(token),
            "label": label[:60],
            "created_at": now,
            "seen_at": now,
            "idle_until": now + life.idle,
            "expires_at": now + life.absolute,
        },
    )
    await audit.record(actor, "session.opened", object_kind="session", object_id=session_id)
    return Begun(token=token, expires_in=int(life.absolute.total_seconds()))


async def end_all(account_id: int) -> int:
    """Every session of an account, at once; inside the caller's command."""
    return await database.execute("DELETE FROM session_row WHERE account_id = %s", account_id)


@command
async def end_current_session(actor: Actor) -> None:
    """Sign out: the token is dead from here on."""
    if await database.execute("DELETE FROM session_row WHERE id = %s", actor.session_id):
        await audit.record(actor, "session.ended", object_kind="session", object_id=actor.session_id)


@command
async def end_session(session: str, actor: Actor) -> None:
    """End one of one's own sessions, this one included."""
    session_id = ids.parse(session)
    ended = await database.execute(
        "DELETE FROM session_row WHERE id = %s AND account_id = %s", session_id or 0, actor.account_id
    )
    if not ended:
        raise NotFound()
    await audit.record(actor, "session.ended", object_kind="session", object_id=session_id or 0)


@command
async def end_other_sessions(actor: Actor) -> int:
    """Everything but the session this is asked from."""
    ended = await database.execute(
        "DELETE FROM session_row WHERE account_id = %s AND id <> %s", actor.account_id, actor.session_id
    )
    await audit.record(
        actor, "session.others_ended", object_kind="account", object_id=actor.account_id, detail={"ended": ended}
    )
    return ended
