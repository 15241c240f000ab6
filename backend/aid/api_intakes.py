"""JSON doors of yearly batches and of what excludes from them."""

from litestar import get, post
from litestar.params import FromPath, JSONBody

from backend.aid import commands, queries
from backend.aid.intake_schemas import (
    DeskIntake,
    DeskIntakePage,
    ExclusionInput,
    ExclusionView,
    IntakeChange,
    IntakeInput,
    IntakePage,
    IntakeView,
)
from backend.web.access import PUBLIC, CurrentActor, may

_VIEW, _MANAGE = may("aid.view"), may("aid.manage")


@get("/aid/batches", opt=PUBLIC)
async def list_intakes() -> list[IntakeView]:
    """The yearly batches of student aid, the latest first."""
    return await queries.public_intakes()


@get("/aid/batches/{intake:str}", opt=PUBLIC)
async def show_intake(intake: FromPath[str]) -> IntakePage:
    """One batch: its window and text, what excludes from it, and who is proposed, masked."""
    return await queries.public_intake(intake)


@get("/desk/aid-batches", opt=_VIEW)
async def list_desk_intakes(actor: CurrentActor) -> list[DeskIntake]:
    """With quota, budget and what is granted of them."""
    return await queries.desk_intakes(actor)


@post("/desk/aid-batches", opt=_MANAGE, status_code=201)
async def publish_intake(data: JSONBody[IntakeInput], actor: CurrentActor) -> DeskIntakePage:
    """409 `intake_exists` where the year has one."""
    return await queries.desk_intake(await commands.publish_intake(actor, data=data), actor)


@get("/desk/aid-batches/{intake:str}", opt=_VIEW)
async def show_desk_intake(intake: FromPath[str], actor: CurrentActor) -> DeskIntakePage:
    """With everybody of my unions who is on its list."""
    return await queries.desk_intake(intake, actor)


@post("/desk/aid-batches/{intake:str}", opt=_MANAGE, status_code=200)
async def change_intake(intake: FromPath[str], data: JSONBody[IntakeChange], actor: CurrentActor) -> DeskIntakePage:
    """422 below what is granted, 409 `intake_moved` by an old `version`."""
    await commands.change_intake(actor, intake=intake, data=data)
    return await queries.desk_intake(intake, actor)


@post("/desk/aid-batches/{intake:str}/close", opt=_MANAGE, status_code=200)
async def close_intake(intake: FromPath[str], actor: CurrentActor) -> DeskIntakePage:
    """Before its last day; 409 `intake_closed` the second time."""
    await commands.close_intake(actor, intake=intake)
    return await queries.desk_intake(intake, actor)


@get("/desk/aid-exclusions", opt=_VIEW)
async def list_exclusions(actor: CurrentActor) -> list[ExclusionView]:
    """What excludes from student aid today, and what comes."""
    return await queries.exclusions(actor)


@post("/desk/aid-exclusions", opt=_MANAGE, status_code=201)
async def set_exclusion(data: JSONBody[ExclusionInput], actor: CurrentActor) -> list[ExclusionView]:
    """From today or later; 409 `exclusion_holds` where one of that day has begun."""
    await commands.set_exclusion(actor, data=data)
    return await queries.exclusions(actor)


routes = [
    list_intakes,
    show_intake,
    list_desk_intakes,
    publish_intake,
    show_desk_intake,
    change_intake,
    close_intake,
    list_exclusions,
    set_exclusion,
]
