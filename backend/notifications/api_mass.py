"""JSON doors of notices to many: drawn up, tried dry, begun, watched, stopped."""

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from backend.notifications import commands, queries
from backend.notifications.schemas import MassInput, MassPreview, MassView
from backend.web.access import CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.paging import Page, PageLimit

_SEND = may(queries.SEND)


@get("/desk/mass-notices", opt=_SEND)
async def list_mass_notices(
    actor: CurrentActor, limit: PageLimit = 20, cursor: FromQuery[str | None] = None
) -> Page[MassView]:
    return await queries.mass_notices(actor, limit=limit, cursor=cursor)


@post("/desk/mass-notices", opt=_SEND, status_code=201)
async def compose_mass_notice(data: JSONBody[MassInput], actor: CurrentActor, client: CurrentClient) -> MassView:
    """A draft with its dry run; nobody is told before it is started."""
    mass = await commands.compose(data=data, actor=actor, nonce=client.idempotency_key)
    return await queries.mass_notice(mass, actor)


@post("/desk/mass-notices/preview", opt=_SEND, status_code=200)
async def preview_mass_notice(data: JSONBody[MassInput], actor: CurrentActor) -> MassPreview:
    """Whom it would reach and what it would cost. Nothing is written."""
    return await queries.preview_mass(data, actor)


@get("/desk/mass-notices/{mass:str}", opt=_SEND)
async def show_mass_notice(mass: FromPath[str], actor: CurrentActor) -> MassView:
    return await queries.mass_notice(mass, actor)


@post("/desk/mass-notices/{mass:str}/start", opt=_SEND, status_code=202)
async def start_mass_notice(mass: FromPath[str], actor: CurrentActor) -> MassView:
    """Begin or go on. Again while it runs changes nothing."""
    await commands.start(notice=mass, actor=actor)
    return await queries.mass_notice(mass, actor)


@post("/desk/mass-notices/{mass:str}/stop", opt=_SEND, status_code=200)
async def stop_mass_notice(mass: FromPath[str], actor: CurrentActor) -> MassView:
    await commands.stop(notice=mass, actor=actor)
    return await queries.mass_notice(mass, actor)


routes = [
    list_mass_notices,
    compose_mass_notice,
    preview_mass_notice,
    show_mass_notice,
    start_mass_notice,
    stop_mass_notice,
]
