"""Pages of what was granted to somebody: where each amount is, and another bank card for one that came back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from backend.core.actor import Actor
from backend.core.errors import AppError, NotFound
from backend.payments import commands, queries
from backend.payments.run_schemas import CardInput
from backend.web.access import PERSON, CurrentActor
from backend.web.form_pages import again, status_of
from backend.web.form_structs import form_struct
from backend.web.forms import FormInput, read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/me/payments", opt=PERSON)
async def list_payments(
    request: AnyRequest, actor: CurrentActor, done: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[str]:
    found = await queries.own_dues(actor, cursor=cursor)
    return page(
        request,
        "portal/payments/payments.html",
        title="我的补助款",
        tab="me",
        notice="银行卡已经更正，工会会重新拨付。" if done == "card" else "",
        dues=found.items,
        more_href=f"/me/payments?cursor={found.next_cursor}" if found.next_cursor else "",
    )


@get("/me/payments/{due:str}/card", opt=PERSON)
async def show_card(request: AnyRequest, due: FromPath[str], actor: CurrentActor) -> Response[str]:
    return await _card_page(request, due, actor)


@post("/me/payments/{due:str}/card", opt=PERSON)
async def correct_card(request: AnyRequest, due: FromPath[str], actor: CurrentActor) -> Response[Any]:
    form = await read_form(request)
    try:
        await commands.correct_card(actor, due=due, data=form_struct(form, CardInput))
    except NotFound:
        raise
    except AppError as error:
        return await _card_page(request, due, actor, form=form, error=error)
    return redirect("/me/payments?done=card")


async def _card_page(
    request: AnyRequest, due: str, actor: Actor, *, form: FormInput | None = None, error: AppError | None = None
) -> Response[str]:
    return page(
        request,
        "portal/payments/card.html",
        title="更正银行卡",
        tab="me",
        status=status_of(error),
        due=await queries.own_due_view(due, actor),
        **again(form, error),
    )


routes = [list_payments, show_card, correct_card]
