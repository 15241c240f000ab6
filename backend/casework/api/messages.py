"""JSON doors of the talk between applicant and desk."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import MessageInput, ReadInput, TalkView
from backend.web.access import PERSON, CurrentActor, may

_VIEW, _DECIDE = may("case.view"), may("case.decide")


@get("/cases/{number:str}/messages", opt=PERSON)
async def show_own_talk(number: FromPath[str], actor: CurrentActor) -> TalkView:
    """What the desk and I wrote, in order and in one page."""
    return await queries.own_talk(number, actor)


@post("/cases/{number:str}/messages", opt=PERSON, status_code=201)
async def write(number: FromPath[str], data: JSONBody[MessageInput], actor: CurrentActor) -> TalkView:
    """Write to the desk that has my case; a few a minute. On a case that ended a while ago a 409."""
    await commands.messages.write(number=number, text=data.text, actor=actor)
    return await queries.own_talk(number, actor)


@post("/cases/{number:str}/messages/read", opt=PERSON, status_code=200)
async def read(number: FromPath[str], data: JSONBody[ReadInput], actor: CurrentActor) -> TalkView:
    """I have seen the desk's messages up to the one named."""
    await commands.messages.read(number=number, upto=data.upto, actor=actor)
    return await queries.own_talk(number, actor)


@get("/desk/cases/{number:str}/messages", opt=_VIEW)
async def show_desk_talk(number: FromPath[str], actor: CurrentActor) -> TalkView:
    return await queries.desk_talk(number, actor)


@post("/desk/cases/{number:str}/messages", opt=_DECIDE, status_code=201)
async def write_from_desk(number: FromPath[str], data: JSONBody[MessageInput], actor: CurrentActor) -> TalkView:
    """Write to the applicant, who is told in the inbox."""
    await commands.messages.write_from_desk(number=number, text=data.text, actor=actor)
    return await queries.desk_talk(number, actor)


@post("/desk/cases/{number:str}/messages/read", opt=_DECIDE, status_code=200)
async def read_at_desk(number: FromPath[str], data: JSONBody[ReadInput], actor: CurrentActor) -> TalkView:
    """The desk has seen the applicant's messages up to the one named."""
    await commands.messages.read_at_desk(number=number, upto=data.upto, actor=actor)
    return await queries.desk_talk(number, actor)


routes = [show_own_talk, write, read, show_desk_talk, write_from_desk, read_at_desk]
