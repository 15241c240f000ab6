"""JSON doors of two cases that look alike."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.casework import commands, queries
from backend.casework.schemas import CaseView, CompareView, VerdictInput
from backend.web.access import CurrentActor, may


@get("/desk/cases/{number:str}/duplicates/{other:str}", opt=may("case.view"))
async def compare_cases(number: FromPath[str], other: FromPath[str], actor: CurrentActor) -> CompareView:
    """Two cases side by side, masked; what differs is marked."""
    return await queries.compared(number, other, actor)


@post("/desk/cases/{number:str}/duplicates/{other:str}", opt=may("case.decide"), status_code=200)
async def settle_pair(
    number: FromPath[str], other: FromPath[str], data: JSONBody[VerdictInput], actor: CurrentActor
) -> CaseView:
    """Both go on, they are not the same, or the later one is merged into the earlier; it is not asked again."""
    await commands.settle_pair(number=number, other=other, data=data, actor=actor)
    return await queries.case_after_act(number, actor)


routes = [compare_cases, settle_pair]
