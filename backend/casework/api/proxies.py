"""JSON doors of filling in a form for somebody else, and of the word of whoever it is for."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import CaseView, ProxyInput, ProxyList, ProxyView
from backend.web.access import PERSON, CurrentActor
from backend.web.client import CurrentClient


@post("/services/{slug:str}/filings", opt=PERSON, status_code=201)
async def ask(slug: FromPath[str], data: JSONBody[ProxyInput], actor: CurrentActor, client: CurrentClient) -> ProxyList:
    """Fill in a form for the holder of a phone, who is asked; nothing of mine is filled in. Answers my list."""
    await commands.proxies.ask(slug=slug, data=data, actor=actor, nonce=client.idempotency_key)
    return await queries.own_filings(actor)


@get("/me/filings", opt=PERSON)
async def list_filings(actor: CurrentActor) -> ProxyList:
    """What waits for my word, and how those stand that I sent; complete in one page."""
    return await queries.own_filings(actor)


@get("/me/filings/{filing:str}", opt=PERSON)
async def show_filing(filing: FromPath[str], actor: CurrentActor) -> ProxyView:
    """What somebody filled in for me, masked. Whoever filled it in finds nothing here."""
    return await queries.proxy_view(filing, actor)


@post("/me/filings/{filing:str}/consent", opt=PERSON, status_code=201)
async def consent(filing: FromPath[str], actor: CurrentActor) -> CaseView:
    """My yes: it is my application from now on. Again the same case."""
    number = await commands.proxies.consent(filing=filing, actor=actor)
    return await queries.own_case(number, actor)


@post("/me/filings/{filing:str}/refuse", opt=PERSON, status_code=204)
async def refuse(filing: FromPath[str], actor: CurrentActor) -> None:
    """My no; whoever filled it in is told."""
    await commands.proxies.refuse(filing=filing, actor=actor)


@post("/me/filings/{filing:str}/cancel", opt=PERSON, status_code=204)
async def cancel(filing: FromPath[str], actor: CurrentActor) -> None:
    """Take back what I filled in for somebody, while nobody has answered."""
    await commands.proxies.cancel(filing=filing, actor=actor)


routes = [ask, list_filings, show_filing, consent, refuse, cancel]
