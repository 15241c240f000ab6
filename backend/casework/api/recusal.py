"""JSON door of asking to have nothing to do with a case."""

from litestar import post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import CaseView, RecusalInput
from backend.web.access import CurrentActor, may


@post("/desk/cases/{number:str}/recusal", opt=may("case.decide"), status_code=200)
async def recuse(number: FromPath[str], data: JSONBody[RecusalInput], actor: CurrentActor) -> CaseView:
    """I have nothing to do with this case any more; where nobody else is at the desk, it goes to the one above."""
    await commands.recuse(number=number, data=data, actor=actor)
    return await queries.case_after_act(number, actor)


routes = [recuse]
