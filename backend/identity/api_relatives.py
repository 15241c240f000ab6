"""JSON doors of the relatives that a member of staff declares."""

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from backend.identity import commands, relatives
from backend.identity.schemas import RelativeInput, RelativeLine
from backend.web.access import STAFF, CurrentActor


@get("/desk/relatives", opt=STAFF)
async def list_relatives(actor: CurrentActor) -> list[RelativeLine]:
    """Mine, masked. In cases that name one of them I have no say."""
    return await relatives.own_relatives(actor)


@post("/desk/relatives", opt=STAFF, status_code=201)
async def declare_relative(data: JSONBody[RelativeInput], actor: CurrentActor) -> list[RelativeLine]:
    await commands.declare_relative(data=data, actor=actor)
    return await relatives.own_relatives(actor)


@delete("/desk/relatives/{relative:str}", opt=STAFF, status_code=204)
async def take_back_relative(relative: FromPath[str], actor: CurrentActor) -> None:
    """For cases that came in until now it goes on counting."""
    await commands.take_back_relative(relative=relative, actor=actor)


routes = [list_relatives, declare_relative, take_back_relative]
