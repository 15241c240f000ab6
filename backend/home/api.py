"""Who is signed in, as which member, with which posts; and who looked at their data."""

from litestar import get
from litestar.params import FromQuery

from backend.home import traces
from backend.home.schemas import Me
from backend.identity import queries as identity
from backend.identity.schemas import AccessLine
from backend.membership import queries as membership
from backend.notifications import queries as notifications
from backend.unions import queries as unions
from backend.web.access import SIGNED_IN, CurrentActor
from backend.web.paging import Page, PageLimit


@get("/me", opt=SIGNED_IN)
async def who_am_i(actor: CurrentActor) -> Me:
    return Me(
        account=await identity.account_view(actor.account_id),
        member=await membership.own(actor),
        staff=unions.staff_view(actor),
        unread_notifications=await notifications.unread_count(actor),
    )


@get("/me/views", opt=SIGNED_IN)
async def list_views(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[AccessLine]:
    """Who opened this person's sensitive values, and for what."""
    return await traces.who_viewed(actor, limit=limit, cursor=cursor)


routes = [who_am_i, list_views]
