"""JSON doors of visits: whom to visit, lists, goods for them, and what whoever was visited says."""

from datetime import date

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.aid import commands, queries
from backend.aid.visit_enums import Season
from backend.aid.visit_schemas import (
    FeedbackInput,
    MoveInput,
    OwnVisit,
    TargetPreview,
    TargetQuery,
    VisitInput,
    VisitPage,
    VisitView,
    WareInput,
    WareView,
)
from backend.core import clock
from backend.web.access import PERSON, CurrentActor, may
from backend.web.client import CurrentClient

_CHOOSE, _VIEW, _MANAGE = may("condolence.manage"), may("aid.view"), may("aid.manage")


@get("/desk/visit-targets", opt=_CHOOSE)
async def list_targets(
    actor: CurrentActor,
    season: FromQuery[Season] = Season.SPRING,
    visit_on: FromQuery[date | None] = None,
    grades: FromQuery[list[str] | None] = None,
    groups: FromQuery[list[str] | None] = None,
    target_rule: FromQuery[str] = "",
    union: FromQuery[str] = "",
) -> TargetPreview:
    """Members of my union for whom all of it is so, up to 300; `chosen_in` marks whoever is on a list already."""
    query = TargetQuery(
        season=season,
        visit_on=visit_on or clock.today(),
        grades=grades or [],
        groups=groups or [],
        target_rule=target_rule,
        union_id=union,
    )
    return await queries.targets(actor, query)


@get("/desk/visit-lists", opt=_VIEW)
async def list_visits(actor: CurrentActor) -> list[VisitView]:
    """Lists of unions of mine, the latest first."""
    return await queries.visit_lists(actor)


@post("/desk/visit-lists", opt=_CHOOSE, status_code=201)
async def make_list(data: JSONBody[VisitInput], actor: CurrentActor, client: CurrentClient) -> VisitPage:
    """422 beside `again` where somebody is on a list of the season and `again` does not confirm it."""
    visit = await commands.make_visit_list(actor, data=data, nonce=client.idempotency_key)
    return await queries.visit_page(visit, actor)


@get("/desk/visit-lists/{visit:str}", opt=_VIEW)
async def show_visit(visit: FromPath[str], actor: CurrentActor) -> VisitPage:
    """Its people, masked, what they said, and the goods that went out for them."""
    return await queries.visit_page(visit, actor)


@get("/desk/visit-goods", opt=_VIEW)
async def list_wares(actor: CurrentActor) -> list[WareView]:
    """Goods for visits, and how many are left."""
    return await queries.ware_list(actor)


@post("/desk/visit-goods", opt=_MANAGE, status_code=201)
async def open_ware(data: JSONBody[WareInput], actor: CurrentActor) -> WareView:
    return await queries.ware_view(await commands.open_ware(actor, data=data), actor)


@post("/desk/visit-goods/{ware:str}/moves", opt=_MANAGE, status_code=200)
async def move_ware(
    ware: FromPath[str], data: JSONBody[MoveInput], actor: CurrentActor, client: CurrentClient
) -> WareView:
    """`in`, `out` to a list, or `back` from one; 422 beside `count` for more than there is."""
    await commands.move_ware(actor, ware=ware, data=data, nonce=client.idempotency_key)
    return await queries.ware_view(ware, actor)


@get("/me/visits", opt=PERSON)
async def list_own_visits(actor: CurrentActor) -> list[OwnVisit]:
    """Visits to me whose day has come, the latest first."""
    return await queries.own_visits(actor)


@post("/me/visits/{own_visit:str}/feedback", opt=PERSON, status_code=200)
async def answer_visit(own_visit: FromPath[str], data: JSONBody[FeedbackInput], actor: CurrentActor) -> OwnVisit:
    """Once; 409 `visit_answered` after that."""
    await commands.answer_visit(actor, visit=own_visit, data=data)
    return await queries.own_visit(own_visit, actor)


routes = [
    list_targets,
    list_visits,
    make_list,
    show_visit,
    list_wares,
    open_ware,
    move_ware,
    list_own_visits,
    answer_visit,
]
