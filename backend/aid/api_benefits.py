"""JSON doors of estimates, of what is left of one's year, and of the plans."""

from litestar import get, post
from litestar.params import JSONBody

from backend.aid import queries
from backend.aid.claim_schemas import Estimate, EstimateInput, PlanList, RemainingList
from backend.web.access import PERSON, SIGNED_IN, CurrentActor, may


@post("/aid/estimates", opt=SIGNED_IN, status_code=200)
async def make_estimate(data: JSONBody[EstimateInput]) -> Estimate:
    """What the plan in force on the day of admission would pay, by the arithmetic that decides the case, for somebody
    who had nothing else in the year."""
    return await queries.estimate(data)


@get("/me/aid/remaining", opt=PERSON)
async def show_remaining(actor: CurrentActor) -> RemainingList:
    """What my plans still pay in each of their years, and by which cases the rest went."""
    return await queries.remaining(actor)


@get("/desk/aid/plans", opt=may("aid.view"))
async def list_plans() -> PlanList:
    """The plans as the files of the county have them: every version, since when, and by which paper."""
    return await queries.plan_list()


routes = [make_estimate, show_remaining, list_plans]
