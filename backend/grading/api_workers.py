"""JSON doors of the register of social workers at the desk."""

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.grading import commands, queries
from backend.grading.enums import WorkerDue
from backend.grading.uploads import register_of
from backend.grading.worker_schemas import (
    BreakInput,
    NewWorker,
    TrainingInput,
    WorkerCorrection,
    WorkerCounts,
    WorkerImport,
    WorkerPage,
    WorkerView,
    YearInput,
)
from backend.web.access import CurrentActor, may
from backend.web.client import CurrentClient
from backend.web.media import MULTIPART
from backend.web.paging import Page, PageLimit

_VIEW, _MANAGE = may("worker.view"), may("worker.manage")

SoonDays = Annotated[int, QueryParameter(ge=0, le=1100, description="how many days ahead a grade counts as due")]


@get("/desk/social-workers", opt=_VIEW)
async def list_workers(
    actor: CurrentActor,
    due: FromQuery[WorkerDue | None] = None,
    union: FromQuery[str] = "",
    q: FromQuery[str] = "",
    days: SoonDays = 90,
    limit: PageLimit = 20,
    cursor: FromQuery[str | None] = None,
) -> Page[WorkerView]:
    """Social workers in service; with `due` those with this reason to look at them, the nearest day first."""
    return await queries.desk_workers(actor, due=due, union=union, q=q, days=days, limit=limit, cursor=cursor)


@get("/desk/social-workers/counts", opt=_VIEW)
async def count_workers(actor: CurrentActor, union: FromQuery[str] = "", days: SoonDays = 90) -> WorkerCounts:
    """How many there are for each reason to look at them."""
    return await queries.worker_counts(actor, union=union, days=days)


@post("/desk/social-workers", opt=_MANAGE, status_code=201)
async def enter_worker(data: JSONBody[NewWorker], actor: CurrentActor, client: CurrentClient) -> WorkerPage:
    """Somebody who was in service before the register was kept. 409 `worker_already_in`."""
    worker = await commands.enter_worker(actor, data=data, nonce=client.idempotency_key)
    return await queries.worker_page(worker, actor)


@post("/desk/social-workers/import", opt=_MANAGE | MULTIPART, status_code=200)
async def import_workers(request: Request[Any, Any, Any], actor: CurrentActor) -> WorkerImport:
    """Bring in the register by a sheet (`sheet`, `reason`, `dry_run`); the same sheet again changes nothing."""
    sent = await register_of(request)
    return await commands.import_workers(actor, content=sent.content, reason=sent.reason, dry_run=sent.dry_run)


@get("/desk/social-workers/{worker:str}", opt=_VIEW)
async def show_worker(worker: FromPath[str], actor: CurrentActor) -> WorkerPage:
    """One worker with every figure explained, and the history."""
    return await queries.worker_page(worker, actor)


@post("/desk/social-workers/{worker:str}/corrections", opt=_MANAGE, status_code=200)
async def correct_worker(worker: FromPath[str], data: JSONBody[WorkerCorrection], actor: CurrentActor) -> WorkerPage:
    """Put the hiring right; every grade after it follows. 409 `worker_changed` by an old `version`."""
    await commands.correct_worker(actor, worker=worker, data=data)
    return await queries.worker_page(worker, actor)


@post("/desk/social-workers/{worker:str}/breaks", opt=_MANAGE, status_code=200)
async def write_break(worker: FromPath[str], data: JSONBody[BreakInput], actor: CurrentActor) -> WorkerPage:
    """A break in service, new, put right (`break_id`) or taken back (`removed`)."""
    await commands.write_break(actor, worker=worker, data=data)
    return await queries.worker_page(worker, actor)


@post("/desk/social-workers/{worker:str}/years", opt=_MANAGE, status_code=200)
async def write_year(worker: FromPath[str], data: JSONBody[YearInput], actor: CurrentActor) -> WorkerPage:
    """The appraisal of a year, new or put right; every grade after it follows."""
    await commands.write_year(actor, worker=worker, data=data)
    return await queries.worker_page(worker, actor)


@post("/desk/social-workers/{worker:str}/trainings", opt=_MANAGE, status_code=200)
async def write_training(worker: FromPath[str], data: JSONBody[TrainingInput], actor: CurrentActor) -> WorkerPage:
    """A training, new, put right (`training_id`) or taken back (`removed`)."""
    await commands.write_training(actor, worker=worker, data=data)
    return await queries.worker_page(worker, actor)


routes = [
    list_workers,
    count_workers,
    enter_worker,
    import_workers,
    show_worker,
    correct_worker,
    write_break,
    write_year,
    write_training,
]
