"""Staff for whom the machine acts later."""

from backend.core.actor import Actor
from backend.identity import queries as accounts
from backend.unions import queries as unions


async def actor_of(account_id: int) -> Actor:
    """With the posts that they hold now: who lost theirs may do nothing any more."""
    account = (await accounts.staff_accounts([account_id])).get(account_id)
    display = account.display if account else ""
    return Actor(kind="staff", account_id=account_id, display=display, posts=await unions.posts_of(account_id))
