"""Pages of one's own parts in mutual aid, and of the household's hardship file."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from backend.aid import queries
from backend.web.access import PERSON, CurrentActor
from backend.web.pages import page

AnyRequest = Request[Any, Any, Any]


@get("/me/aid", opt=PERSON)
async def list_policies(
    request: AnyRequest, actor: CurrentActor, cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.own_policies(actor, cursor=cursor)
    more = f"/me/aid?cursor={found.next_cursor}" if found.next_cursor else ""
    return page(
        request,
        "portal/aid/policies.html",
        title="我的医疗互助",
        policies=found.items,
        files=await queries.own_files(actor) if not cursor else [],
        more_href=more,
    )


@get("/me/aid/policies/{policy:str}", opt=PERSON)
async def show_policy(request: AnyRequest, policy: FromPath[str], actor: CurrentActor) -> Response[str]:
    """The certificate, for whoever the unit enrolled too."""
    shown = await queries.own_policy(policy, actor)
    return page(request, "portal/aid/policy.html", title="医疗互助凭证", policy=shown)


routes = [list_policies, show_policy]
