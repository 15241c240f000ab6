"""JSON door of taking a refusal back."""

from litestar import post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import CaseView, ReopenInput
from backend.web.access import CurrentActor, may


@post("/desk/cases/{number:str}/reopen", opt=may("case.decide"), status_code=200)
async def reopen_case(number: FromPath[str], data: JSONBody[ReopenInput], actor: CurrentActor) -> CaseView:
    """Take a refusal back: the case is decided anew by the step that refused it, in a new round. 409 where the time
    for it is over, or where it would clash with what the person has got meanwhile.
    """
    await commands.reopen(number=number, data=data, actor=actor)
    return await queries.case_after_act(number, actor)


routes = [reopen_case]
