"""JSON doors of policies: one's own, and those of a desk's unions."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.aid import commands, queries
from backend.aid.enums import Standing
from backend.aid.schemas import PolicyView, RefundInput
from backend.web.access import PERSON, CurrentActor, may
from backend.web.paging import Page, PageLimit

_VIEW, _MANAGE = may("aid.view"), may("aid.manage")


@get("/me/aid/policies", opt=PERSON)
async def list_own_policies(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[PolicyView]:
    """My parts in mutual aid, whoever enrolled me, the latest first."""
    return await queries.own_policies(actor, limit=limit, cursor=cursor)


@get("/me/aid/policies/{policy:str}", opt=PERSON)
async def show_own_policy(policy: FromPath[str], actor: CurrentActor) -> PolicyView:
    return await queries.own_policy(policy, actor)


@get("/desk/aid/policies", opt=_VIEW)
async def list_policies(
    actor: CurrentActor,
    q: FromQuery[str] = "",
    status: FromQuery[Standing | None] = None,
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[PolicyView]:
    """Policies of unions of mine, the latest first; `q` begins a number or a holder's name."""
    return await queries.desk_policies(actor, q=q, state=status, limit=limit, cursor=cursor)


@get("/desk/aid/policies/{policy:str}", opt=_VIEW)
async def show_policy(policy: FromPath[str], actor: CurrentActor) -> PolicyView:
    return await queries.desk_policy(policy, actor)


@post("/desk/aid/policies/{policy:str}/refund", opt=_MANAGE, status_code=200)
async def refund_policy(policy: FromPath[str], data: JSONBody[RefundInput], actor: CurrentActor) -> PolicyView:
    """The fee was paid back before the policy begins; 409 `refund_too_late` once it has."""
    await commands.refund_policy(actor, policy=policy, data=data)
    return await queries.desk_policy(policy, actor)


routes = [list_own_policies, show_own_policy, list_policies, show_policy, refund_policy]
