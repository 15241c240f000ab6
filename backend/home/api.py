"""`GET /me`: who is signed in, as which member, with which posts."""

from litestar import get

from backend.home.schemas import Me
from backend.identity import queries as identity
from backend.membership import queries as membership
from backend.notifications import queries as notifications
from backend.unions import queries as unions
from backend.web.access import SIGNED_IN, CurrentActor


@get("/me", opt=SIGNED_IN)
async def who_am_i(actor: CurrentActor) -> Me:
    return Me(
        account=await identity.account_view(actor.account_id),
        member=await membership.own(actor),
        staff=unions.staff_view(actor),
        unread_notifications=await notifications.unread_count(actor),
    )


routes = [who_am_i]
