"""JSON doors of 常用语."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import PhraseInput, PhraseView
from backend.web.access import CurrentActor, may
from backend.web.paging import Page

_DECIDE = may("case.decide")


@get("/desk/phrases", opt=_DECIDE)
async def list_phrases(actor: CurrentActor) -> Page[PhraseView]:
    """My own phrases, the latest first, then those of every desk; complete in one page."""
    return Page(items=await queries.phrases(actor), next_cursor=None)


@post("/desk/phrases", opt=_DECIDE, status_code=201)
async def keep_phrase(data: JSONBody[PhraseInput], actor: CurrentActor) -> PhraseView:
    """Keep a phrase for myself. One that is there already is a 409."""
    return await commands.phrases.keep(text=data.text, actor=actor)


@delete("/desk/phrases/{phrase:str}", opt=_DECIDE, status_code=204)
async def drop_phrase(phrase: FromPath[str], actor: CurrentActor) -> None:
    await commands.phrases.drop(phrase=phrase, actor=actor)


routes = [list_phrases, keep_phrase, drop_phrase]
