"""JSON doors of what came without being asked for."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import CaseView, DeclineInput, OfferList, OfferView
from backend.web.access import PERSON, CurrentActor


@get("/me/offers", opt=PERSON)
async def list_offers(actor: CurrentActor) -> OfferList:
    """What I am entitled to and can confirm with one tap, the newest first; complete in one page."""
    return OfferList(items=await queries.own_offers(actor))


@get("/me/offers/{slug:str}/{rule:str}", opt=PERSON)
async def show_offer(slug: FromPath[str], rule: FromPath[str], actor: CurrentActor) -> OfferView:
    """Why it came, and what is filled in with its sources."""
    return await queries.own_offer(slug, rule, actor)


@post("/me/offers/{slug:str}/{rule:str}/confirm", opt=PERSON, status_code=201)
async def confirm_offer(slug: FromPath[str], rule: FromPath[str], actor: CurrentActor) -> CaseView:
    """Apply with what is filled in; again the same case."""
    number = await commands.offers.confirm(slug=slug, rule=rule, actor=actor)
    return await queries.own_case(number, actor)


@post("/me/offers/{slug:str}/{rule:str}/decline", opt=PERSON, status_code=200)
async def decline_offer(
    slug: FromPath[str], rule: FromPath[str], data: JSONBody[DeclineInput], actor: CurrentActor
) -> OfferView:
    """Not this time, or with `forever` never again."""
    await commands.offers.decline(slug=slug, rule=rule, forever=data.forever, actor=actor)
    return await queries.own_offer(slug, rule, actor)


@delete("/me/offers/{slug:str}/{rule:str}/refusal", opt=PERSON, status_code=200)
async def want_again(slug: FromPath[str], rule: FromPath[str], actor: CurrentActor) -> OfferView:
    """Take back a `forever`."""
    await commands.offers.ask_again(slug=slug, rule=rule, actor=actor)
    return await queries.own_offer(slug, rule, actor)


routes = [list_offers, show_offer, confirm_offer, decline_offer, want_again]
