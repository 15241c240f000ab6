"""Desk pages of policies: the list, and one of them with the form to give its fee back."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.aid import commands, queries
from backend.aid.enums import STANDING_TEXT, Standing
from backend.aid.schemas import RefundInput
from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.web.access import CurrentActor, may
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]
_VIEW, _MANAGE = may("aid.view"), may("aid.manage")


@get("/aid/policies", opt=_VIEW)
async def list_policies(
    request: AnyRequest,
    actor: CurrentActor,
    q: FromQuery[str] = "",
    status: FromQuery[Standing | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    found = await queries.desk_policies(actor, q=q, state=status, cursor=cursor)
    state = status.value if status else ""
    query = {"q": q, "status": state, "cursor": found.next_cursor or ""}
    return page(
        request,
        "desk/aid/policies.html",
        title="互助凭证",
        tab="policies",
        policies=found.items,
        q=q,
        state=state,
        states=[("", "全部"), *((one.value, text) for one, text in STANDING_TEXT.items())],
        more_href=f"/desk/aid/policies?{urlencode(query)}" if found.next_cursor else "",
    )


@get("/aid/policies/{policy:str}", opt=_VIEW)
async def show_policy(request: AnyRequest, policy: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _policy_page(request, policy, actor)


@post("/aid/policies/{policy:str}/refund", opt=_MANAGE)
async def refund_policy(request: AnyRequest, policy: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.refund_policy(actor, policy=policy, data=form_struct(form, RefundInput))
    except NotFound:
        raise
    except AppError as error:
        return await _policy_page(request, policy, actor, form=form, error=error)
    return redirect(f"/desk/aid/policies/{policy}")


async def _policy_page(
    request: AnyRequest, policy: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    shown = await queries.desk_policy(policy, actor)
    return page(
        request,
        "desk/aid/policy.html",
        title=shown.number,
        tab="policies",
        status=status_of(error),
        policy=shown,
        may_refund=shown.may_refund and actor.can("aid.manage"),
        **again(form, error),
    )


routes = [list_policies, show_policy, refund_policy]
