"""Pages of what came without being asked for: look at what is filled in, confirm with one button."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from backend.casework import commands, queries
from backend.core.actor import Actor
from backend.core.errors import AppError, Invalid
from backend.web.access import PERSON, CurrentActor
from backend.web.forms import read_form
from backend.web.pages import page, redirect

AnyRequest = Request[Any, Any, Any]


@get("/me/offers", opt=PERSON)
async def list_offers(request: AnyRequest, actor: CurrentActor) -> Response[str]:
    offers = await queries.own_offers(actor)
    return page(request, "portal/casework/offers.html", title="可以直接领", tab="me", offers=offers)


@get("/me/offers/{slug:str}/{rule:str}", opt=PERSON)
async def show_offer(
    request: AnyRequest, slug: FromPath[str], rule: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    return await _offer_page(request, slug, rule, actor)


@post("/me/offers/{slug:str}/{rule:str}/confirm", opt=PERSON)
async def confirm_offer(
    request: AnyRequest, slug: FromPath[str], rule: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    try:
        number = await commands.offers.confirm(slug=slug, rule=rule, actor=actor)
    except Invalid as error:
        return await _offer_page(request, slug, rule, actor, error=error)
    return redirect(f"/cases/{number}/submitted")


@post("/me/offers/{slug:str}/{rule:str}/decline", opt=PERSON)
async def decline_offer(
    request: AnyRequest, slug: FromPath[str], rule: FromPath[str], actor: CurrentActor
) -> Response[Any]:
    forever = (await read_form(request)).one("forever") == "true"
    await commands.offers.decline(slug=slug, rule=rule, forever=forever, actor=actor)
    return redirect(f"/me/offers/{slug}/{rule}")


@post("/me/offers/{slug:str}/{rule:str}/ask-again", opt=PERSON)
async def ask_again(slug: FromPath[str], rule: FromPath[str], actor: CurrentActor) -> Response[Any]:
    await commands.offers.ask_again(slug=slug, rule=rule, actor=actor)
    return redirect(f"/me/offers/{slug}/{rule}")


async def _offer_page(
    request: AnyRequest, slug: str, rule: str, actor: Actor, *, error: AppError | None = None
) -> Response[str]:
    offer = await queries.own_offer(slug, rule, actor)
    problems = [one.message for one in error.errors] or [error.detail] if error is not None else []
    return page(
        request,
        "portal/casework/offer.html",
        title=offer.name,
        status=error.status if error is not None else 200,
        offer=offer,
        problems=problems,
    )


routes = [list_offers, show_offer, confirm_offer, decline_offer, ask_again]
