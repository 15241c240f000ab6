"""From a session token to the actor: the one look-up that every signed-in request makes."""

from backend.core.actor import Actor, Post
from backend.home.shell import load_shell
from backend.identity import queries as identity
from backend.notifications import queries as notifications
from backend.unions import queries as unions
from backend.vouchers import queries as vouchers
from backend.web.surface import Frame


async def load_actor(token: str) -> Actor | None:
    """The actor behind a live session, or None. Staff posts are read fresh, so a change holds at once."""
    signed_in = await identity.signed_in(token)
    if signed_in is None:
        return None
    posts = await _posts(signed_in.account_id) if signed_in.kind == "staff" else ()
    actor = Actor(
        kind=signed_in.kind,
        account_id=signed_in.account_id,
        session_id=signed_in.session_id,
        display=signed_in.display,
        member_id=signed_in.member_id,
        posts=posts,
        pending=signed_in.pending,
    )
    at_till = actor.at_till and not actor.pending
    if actor.is_staff and not await identity.may_rest(signed_in, at_till=at_till):
        return None
    return actor


async def _posts(account_id: int) -> tuple[Post, ...]:
    """Those of the unions; whoever has none may stand at the till of a shop, or manage it."""
    return await unions.posts_of(account_id) or await vouchers.merchant_posts(account_id)


async def load_frame(actor: Actor, path: str) -> Frame:
    unread = await notifications.unread_count(actor)
    at_desk = actor.is_staff and not actor.at_till and path.startswith("/desk")
    return Frame(unread=unread, shell=await load_shell(actor, unread) if at_desk else None)
